"""3. Everyone in a room ends with the same messages in the same order."""

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator

import pytest

from tests.live.client import ChatClient, Refused, Tabs
from tests.live.servers import Daphne, PrivateRedis
from tests.live.site import Site
from tests.live.talker import Talker, head, whole_log

HEALS_WITHIN = 5.0
SPEAKERS = ("alice", "bob", "carol", "dave")


async def test_every_tab_hears_every_change_once_and_in_rising_order(
    postgres_site: Site, tab: Tabs
) -> None:
    servers = [postgres_site.serve() for _ in range(2)]
    lounge = postgres_site.rooms["lounge"]
    tabs = [await tab(server, name) for server in servers for name in SPEAKERS]

    await asyncio.gather(
        *(
            live(client, lounge, random.Random(seed), emoji)
            for seed, (client, emoji) in enumerate(zip(tabs, "👍🎉🚀🐢🌞🍰🎈👋", strict=True))
        )
    )

    last = await head(servers[0], "alice", lounge)
    truth = await whole_log(servers[0], "alice", lounge)
    for client in tabs:
        await client.reach(lounge, last)
        assert client.rooms[lounge].log == truth
        assert client.rooms[lounge].arrived == list(range(1, last + 1))


async def live(client: ChatClient, room: int, chance: random.Random, emoji: str) -> None:
    """Post, and now and then edit, react to or delete what is there."""
    reacted = set[int]()
    for number in range(40):
        posted = await client.post(room, f"{client.hello['user']['username']} {number}")
        message = posted["message"]["id"]
        anything = chance.choice(client.rooms[room].log)["id"]
        deed = chance.random()
        if deed < 0.2:
            await client.edit(room, message, f"edited {number}")
        elif deed < 0.3:
            await client.delete(room, message)
        elif deed < 0.6 and anything not in reacted:
            reacted.add(anything)
            await react_if_there(client, room, anything, emoji)


async def react_if_there(client: ChatClient, room: int, message: int, emoji: str) -> None:
    try:
        await client.react(room, message, emoji)
    except Refused as refusal:
        if refusal.code != "not_found":  # somebody deleted it meanwhile
            raise


async def test_who_was_away_catches_up_with_edits_and_deletions_too(
    sqlite_site: Site, tab: Tabs
) -> None:
    daphne = sqlite_site.serve()
    lounge = sqlite_site.rooms["lounge"]
    alice, bob = await tab(daphne, "alice"), await tab(daphne, "bob")
    posts = [await alice.post(lounge, str(number)) for number in range(5)]
    await bob.reach(lounge, 5)
    book = bob.rooms[lounge]
    await bob.drop()

    await alice.edit(lounge, posts[0]["message"]["id"], "edited")
    await alice.delete(lounge, posts[1]["message"]["id"])
    last = await alice.react(lounge, posts[2]["message"]["id"], "🎉")

    bob = await tab(daphne, "bob")
    bob.rooms[lounge] = book
    await bob.sync(lounge)
    assert book.last_seq == last["seq"]
    assert book.log == await whole_log(daphne, "alice", lounge)


async def test_a_long_absence_comes_in_parts_that_follow_one_another(
    sqlite_site: Site, tab: Tabs
) -> None:
    sqlite_site.manage(
        "populate", "--users", "1", "--rooms", "1", "--messages", "1200", "--password", "x"
    )
    daphne = sqlite_site.serve()
    sqlite_site.shell(
        "from chat.actions.rooms import join_room\n"
        "from chat.models import Room, User\n"
        "join_room(User.objects.get(username='alice'), Room.objects.get(slug='room-1'))"
    )
    alice = await tab(daphne, "alice")
    room = next(info["id"] for info in alice.hello["rooms"] if info["slug"] == "room-1")

    answer = await alice.sync(room, after=0)

    assert [event["more"] for event in alice.events if event["type"] == "synced"] == [
        True,
        True,
        False,
    ]
    assert [message["seq"] for message in alice.rooms[room].log] == list(range(1, 1201))
    assert answer["last_seq"] == 1200


async def test_another_epoch_or_a_number_beyond_the_last_is_answered_with_reset(
    sqlite_site: Site, tab: Tabs
) -> None:
    alice = await tab(sqlite_site.serve(), "alice")
    lounge = sqlite_site.rooms["lounge"]
    await alice.post(lounge, "one")

    for question in ({"after": 2}, {"after": 0, "epoch": "another"}):
        answer = await alice.command("sync", room=lounge, **question)
        assert (answer["type"], answer["last_seq"]) == ("reset", 1)
        assert answer["epoch"] == alice.hello["epoch"]
    asked = await alice.command("sync", room=lounge, after=1, epoch=alice.hello["epoch"])
    assert (asked["type"], asked["messages"], asked["more"]) == ("synced", [], False)


async def test_with_its_redis_another_process_hears_sooner_than_it_would_look_by_itself(
    postgres_site: Site, tab: Tabs
) -> None:
    first, second = postgres_site.serve(), postgres_site.serve()
    lounge = postgres_site.rooms["lounge"]
    alice, bob = await tab(first, "alice"), await tab(second, "bob")

    waits = []
    for number in range(15):
        posted = await alice.post(lounge, str(number))
        started = time.monotonic()
        await bob.reach(lounge, posted["seq"])
        waits.append(time.monotonic() - started)

    assert statistics.median(waits) < 0.2


@pytest.mark.parametrize("fault", ["killed", "frozen"])
async def test_two_processes_agree_without_their_redis_and_after_it_came_back(
    postgres_site: Site, redis: PrivateRedis, tab: Tabs, fault: str
) -> None:
    first, second = postgres_site.serve(), postgres_site.serve()
    lounge = postgres_site.rooms["lounge"]
    alice, bob = await tab(first, "alice"), await tab(second, "bob")
    await says_and_is_heard(alice, bob, lounge, "with")

    redis.kill9() if fault == "killed" else redis.freeze()
    await says_and_is_heard(alice, bob, lounge, "without")
    await says_and_is_heard(bob, alice, lounge, "without, the other way")

    redis.start() if fault == "killed" else redis.thaw()
    await says_and_is_heard(alice, bob, lounge, "with again")
    truth = await whole_log(first, "carol", lounge)
    assert alice.rooms[lounge].log == bob.rooms[lounge].log == truth


async def says_and_is_heard(
    speaker: ChatClient, listener: ChatClient, room: int, body: str
) -> None:
    posted = await speaker.post(room, body)
    await listener.reach(room, posted["seq"], HEALS_WITHIN)
    assert listener.rooms[room].bodies[-1] == body


async def test_a_post_whose_process_died_before_telling_is_told_by_the_others(
    postgres_site: Site, tab: Tabs
) -> None:
    """A command in another process commits like the dead one did, and tells no channel layer."""
    daphne = postgres_site.serve()
    lounge = postgres_site.rooms["lounge"]
    alice = await tab(daphne, "alice")

    await asyncio.to_thread(_commit_and_say_nothing, postgres_site)

    await alice.reach(lounge, 1, HEALS_WITHIN)
    assert alice.rooms[lounge].bodies == ["out of nowhere"]


def _commit_and_say_nothing(site: Site) -> None:
    site.shell(
        "from chat.models import Message, Room, User\n"
        "from django.db import transaction\n"
        "with transaction.atomic():\n"
        "    room = Room.objects.select_for_update().get(slug='lounge')\n"
        "    Room.objects.filter(pk=room.pk).update(last_seq=1)\n"
        "    Message.objects.create(room=room, seq=1, changed_seq=1, client_id='x',\n"
        "        author=User.objects.get(username='bob'), body='out of nowhere')"
    )


async def test_a_room_that_talks_while_its_servers_are_killed_in_turn_agrees(
    postgres_site: Site,
) -> None:
    servers = [postgres_site.serve(), postgres_site.serve()]
    lounge = postgres_site.rooms["lounge"]
    talkers = [
        Talker(servers[turn % 2 :] + servers[: turn % 2], name, lounge)
        for turn, name in enumerate(SPEAKERS)
    ]
    talking = asyncio.gather(
        *(talker.say(f"{talker.name} {number}" for number in range(80)) for talker in talkers)
    )
    async for server in _one_after_another(servers, talkers[0]):
        server.kill9()
        await asyncio.to_thread(server.start)
    await talking

    last = await head(servers[0], "alice", lounge)
    truth = await whole_log(servers[0], "alice", lounge)
    assert len(truth) == 80 * len(talkers)
    for talker in talkers:
        await talker.know(last)
        assert talker.book.log == truth
        await talker.leave()


async def _one_after_another(servers: list[Daphne], talker: Talker) -> AsyncIterator[Daphne]:
    """Each server once, when the talker has said some more."""
    for turn, server in enumerate(servers, start=1):
        await talker.until_acknowledged(turn * 20)
        yield server
