"""6. Who was put out gets nothing that is committed more than a second later, and says nothing."""

import asyncio
from collections.abc import Callable

import pytest
import websockets

from tests.live.client import ChatClient, Refused, Tabs
from tests.live.servers import Daphne, PrivateRedis
from tests.live.site import Site, Visitor

PROMISED_SECONDS = 1.0
PutOut = Callable[[Site, Daphne, str], object]


def sign_out(_site: Site, daphne: Daphne, name: str) -> None:
    Visitor(daphne, name).submit("/accounts/logout/")


def delete_session(site: Site, _daphne: Daphne, name: str) -> None:
    site.shell(
        "from chat.session_store import SessionStore\n"
        f"SessionStore({site.people[name].session!r}).delete()"
    )


def change_password(site: Site, _daphne: Daphne, name: str) -> None:
    site.shell(f"{PERSON(name)}\nwho.set_password('another')\nwho.save(update_fields=['password'])")


def block(site: Site, _daphne: Daphne, name: str) -> None:
    act = "from chat.actions.people import block_person\nblock_person(keeper, who)"
    site.shell(f"{PERSON(name)}\n{act}")


def remove(site: Site, _daphne: Daphne, name: str) -> None:
    site.shell(
        f"{PERSON(name)}\n"
        "from chat.actions.rooms import remove_member\nfrom chat.models import Room\n"
        "room = Room.objects.get(slug='lounge')\nremove_member(room.maker, room, who)"
    )


PERSON = (
    "from chat.models import User\n"
    "who, keeper = (User.objects.get(username=name) for name in ({!r}, 'alice'))"
).format
CLOSING = [(sign_out, 4401), (delete_session, 4401), (change_password, 4401), (block, 4403)]
WAYS_OUT = [sign_out, delete_session, change_password, block, remove]


@pytest.mark.parametrize("put_out", WAYS_OUT)
async def test_who_was_put_out_hears_and_says_nothing_in_any_process_with_the_layer_or_without(
    postgres_site: Site, redis: PrivateRedis, tab: Tabs, put_out: PutOut
) -> None:
    first, second = postgres_site.serve(), postgres_site.serve()
    lounge = postgres_site.rooms["lounge"]
    alice, bob = await tab(first, "alice"), await tab(second, "bob")
    carols = [await tab(first, "carol"), await tab(second, "carol")]
    daves = [await tab(first, "dave"), await tab(second, "dave")]
    said = [await says_and_all_hear(alice, lounge, [bob, *carols, *daves])]

    for name, leaving, staying in (("carol", carols, [bob, *daves]), ("dave", daves, [bob])):
        if name == "dave":
            redis.freeze()
        heard = list(said)
        await asyncio.to_thread(put_out, postgres_site, second, name)
        await asyncio.sleep(PROMISED_SECONDS)

        said.append(await says_and_all_hear(alice, lounge, staying))
        for each in leaving:
            await try_to_speak(each, lounge)
        said.append(await says_and_all_hear(bob, lounge, [alice]))
        for each in leaving:
            assert each.rooms[lounge].bodies == heard
        assert alice.rooms[lounge].bodies == said


async def says_and_all_hear(speaker: ChatClient, room: int, listeners: list[ChatClient]) -> str:
    """Returns the words."""
    posted = await speaker.post(room, text := str(speaker.rooms[room].last_seq + 1))
    for listener in listeners:
        await listener.reach(room, posted["seq"])
    return text


async def try_to_speak(client: ChatClient, room: int) -> None:
    with pytest.raises((Refused, websockets.ConnectionClosed)) as refusal:
        await client.post(room, "let me in")
    if isinstance(refusal.value, Refused):
        assert refusal.value.code == "not_found"


@pytest.mark.parametrize(("put_out", "code"), CLOSING)
async def test_the_close_code_tells_who_was_put_out_why(
    sqlite_site: Site, tab: Tabs, put_out: PutOut, code: int
) -> None:
    daphne = sqlite_site.serve()
    carol, bob = await tab(daphne, "carol"), await tab(daphne, "bob")

    await asyncio.to_thread(put_out, sqlite_site, daphne, "carol")

    assert await carol.until_closed() == code
    assert await bob.post(sqlite_site.rooms["lounge"], "still here")


async def test_who_was_removed_from_a_room_is_told_and_keeps_the_others(
    sqlite_site: Site, tab: Tabs
) -> None:
    daphne = sqlite_site.serve()
    lounge = sqlite_site.rooms["lounge"]
    carol = await tab(daphne, "carol")

    await asyncio.to_thread(remove, sqlite_site, daphne, "carol")

    assert (await carol.expect("left", room=lounge))["reason"] in ("removed", "left")
    with pytest.raises(Refused, match="not_found"):
        await carol.command("sync", room=lounge, after=0)


async def test_signing_out_in_one_browser_leaves_another_signed_in(
    sqlite_site: Site, tab: Tabs
) -> None:
    daphne = sqlite_site.serve()
    elsewhere = await asyncio.to_thread(Visitor(daphne).sign_in, sqlite_site.people["carol"])
    here, there = await tab(daphne, "carol"), await tab(daphne, elsewhere)

    await asyncio.to_thread(sign_out, sqlite_site, daphne, "carol")

    assert await here.until_closed() == 4401
    await there.post(sqlite_site.rooms["lounge"], "still here")


async def test_who_is_let_into_a_room_hears_what_is_said_from_then_on(
    sqlite_site: Site, tab: Tabs
) -> None:
    daphne = sqlite_site.serve()
    den = sqlite_site.rooms["den"]
    alice, carol = await tab(daphne, "alice"), await tab(daphne, "carol")

    await asyncio.to_thread(Visitor(daphne, "carol").submit, "/rooms/den/", "/rooms/den/join/")
    told = await carol.expect("room", room=den)
    await alice.post(den, "welcome")

    assert told["info"]["slug"] == "den"
    await carol.reach(den, 1)
    assert carol.rooms[den].bodies == ["welcome"]
