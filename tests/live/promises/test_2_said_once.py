"""2. One `client_id`, one message: however often it is said again, wherever, after whatever."""

import asyncio

import pytest

from tests.live.client import ChatClient, Refused, Tabs
from tests.live.site import Site
from tests.live.talker import Talker, head, whole_log


async def test_saying_it_again_answers_with_the_one_stored_message(
    postgres_site: Site, tab: Tabs
) -> None:
    first, second = postgres_site.serve(), postgres_site.serve()
    lounge = postgres_site.rooms["lounge"]
    here, there = await tab(first, "alice"), await tab(second, "alice")

    posted = await here.post(lounge, "once", client_id="the-one")
    for client, body in ((here, "once"), (here, "another body"), (there, "once"), (there, "")):
        again = await client.post(lounge, body, client_id="the-one")
        assert again["message"] == posted["message"]
        assert again["seq"] == posted["seq"]
    assert await head(first, "alice", lounge) == posted["seq"]


async def test_two_people_may_use_the_same_client_id(sqlite_site: Site, tab: Tabs) -> None:
    daphne = sqlite_site.serve()
    lounge = sqlite_site.rooms["lounge"]
    alice, bob = await tab(daphne, "alice"), await tab(daphne, "bob")

    hers = await alice.post(lounge, "mine", client_id="same")
    his = await bob.post(lounge, "mine too", client_id="same")

    assert hers["message"]["id"] != his["message"]["id"]


async def test_a_client_id_used_in_another_room_is_invalid(sqlite_site: Site, tab: Tabs) -> None:
    alice = await tab(sqlite_site.serve(), "alice")
    await alice.post(sqlite_site.rooms["lounge"], "here", client_id="the-one")

    with pytest.raises(Refused) as refusal:
        await alice.post(sqlite_site.rooms["den"], "here", client_id="the-one")

    assert refusal.value.code == "invalid"
    assert "client_id" in refusal.value.event["errors"]


async def test_said_at_the_same_moment_everywhere_it_is_stored_once(site: Site, tab: Tabs) -> None:
    servers = [site.serve() for _ in range(2)]
    lounge = site.rooms["lounge"]
    tabs = [await tab(server, "alice") for server in servers for _ in range(4)]

    for client_id in ("first", "second", "third"):
        answers = await asyncio.gather(*(client.post(lounge, "?", client_id) for client in tabs))
        assert len({answer["message"]["id"] for answer in answers}) == 1

    assert await head(servers[0], "alice", lounge) == 3


async def test_what_is_said_again_after_kill_9_is_there_once_and_in_order(
    sqlite_site: Site,
) -> None:
    daphne = sqlite_site.serve()
    lounge = sqlite_site.rooms["lounge"]
    alice, bob = (Talker([daphne], name, lounge) for name in ("alice", "bob"))
    said = [f"word {number}" for number in range(150)]
    talking = asyncio.gather(alice.say(said), bob.say(said))

    for number in (30, 90):
        await alice.until_acknowledged(number)
        daphne.kill9()
        await asyncio.to_thread(daphne.start)
    await talking

    log = await whole_log(daphne, "carol", lounge)
    for talker in (alice, bob):
        bodies = [m["body"] for m in log if m["author"]["username"] == talker.name]
        assert bodies == said
        await talker.leave()


async def test_a_repeat_is_answered_before_the_rate_is_looked_at(
    sqlite_site: Site, tab: Tabs
) -> None:
    daphne = sqlite_site.serve(CHAT_POST_RATE="5")
    lounge = sqlite_site.rooms["lounge"]
    alice = await tab(daphne, "alice")
    posted = await alice.post(lounge, "once", client_id="the-one")

    assert (await _refusal_of_a_flood(alice, lounge)).event["retry_after"] > 0

    assert (await alice.post(lounge, "once", client_id="the-one"))["seq"] == posted["seq"]


async def test_access_is_looked_at_before_a_repeat_and_the_rate_before_the_content(
    sqlite_site: Site, tab: Tabs
) -> None:
    daphne = sqlite_site.serve(CHAT_POST_RATE="5", CHAT_MAX_BODY="10")
    lounge = sqlite_site.rooms["lounge"]
    alice, carol = await tab(daphne, "alice"), await tab(daphne, "carol")
    await _refusal_of_a_flood(alice, lounge)

    with pytest.raises(Refused, match="rate_limited"):
        await alice.post(lounge, "much too long a body")

    await carol.post(lounge, "once", client_id="the-one")
    with pytest.raises(Refused, match="invalid"):
        await carol.post(lounge, "much too long a body")
    _remove(sqlite_site, "carol")
    await carol.expect("left")
    with pytest.raises(Refused, match="not_found"):
        await carol.post(lounge, "once", client_id="the-one")


async def _refusal_of_a_flood(client: ChatClient, room: int) -> Refused:
    answers = await asyncio.gather(
        *(client.post(room, str(number)) for number in range(60)), return_exceptions=True
    )
    refusals = [answer for answer in answers if isinstance(answer, Refused)]
    assert refusals, "60 posts at once passed"
    assert {refusal.code for refusal in refusals} == {"rate_limited"}
    return refusals[0]


def _remove(site: Site, name: str) -> None:
    site.shell(
        "from chat.actions.rooms import leave_room\n"
        "from chat.models import Room, User\n"
        f"leave_room(User.objects.get(username={name!r}), Room.objects.get(slug='lounge'))"
    )
