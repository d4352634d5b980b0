"""1. What was acknowledged is committed; what was not committed is shown to nobody."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.live.client import Refused, Tabs
from tests.live.servers import Daphne, PrivatePostgres
from tests.live.site import Site
from tests.live.talker import Talker, whole_log

SPEAKERS = ("alice", "bob", "carol", "dave")


@pytest.fixture
def daphne(site: Site) -> Daphne:
    return site.serve()


async def test_all_that_was_acknowledged_or_shown_is_there_after_kill_9(
    site: Site, daphne: Daphne
) -> None:
    lounge = site.rooms["lounge"]
    talkers = [Talker([daphne], name, lounge) for name in SPEAKERS]
    talking = asyncio.gather(
        *(talker.say(f"{talker.name} {number}" for number in range(60)) for talker in talkers)
    )
    for number in (10, 30):
        await talkers[0].until_acknowledged(number)
        daphne.kill9()
        await asyncio.to_thread(daphne.start)
    await talking

    stored = {message["id"]: message for message in await whole_log(daphne, "alice", lounge)}
    for talker in talkers:
        assert len(talker.acknowledged) == 60
        for posted in talker.acknowledged.values():
            assert stored[posted["message"]["id"]]["seq"] == posted["message"]["seq"]
        for message in talker.book.log:
            assert stored[message["id"]] == message
        await talker.leave()


async def test_a_post_whose_commit_fails_is_neither_acknowledged_nor_shown(
    site: Site, tab: Tabs
) -> None:
    site.shell(
        f"from django.db import connection\nfor sql in {REFUSING[site.vendor]!r}:\n"
        "    connection.cursor().execute(sql)"
    )
    daphne = site.serve()
    lounge = site.rooms["lounge"]
    alice, bob = await tab(daphne, "alice"), await tab(daphne, "bob")

    with pytest.raises(Refused) as refusal:
        await alice.post(lounge, "fails at commit", client_id="one")
    assert (refusal.value.code, refusal.value.event["client_id"]) == ("unavailable", "one")

    posted = await alice.post(lounge, "does not", client_id="two")
    await bob.reach(lounge, posted["seq"])
    for client in (alice, bob):
        assert client.rooms[lounge].bodies == ["does not"]
    assert posted["seq"] == 1, "a refused post burnt a number"


REFUSING = {
    "sqlite": [
        (
            "CREATE TRIGGER refusing AFTER INSERT ON chat_message WHEN NEW.body = 'fails at commit'"
            " BEGIN INSERT INTO chat_reaction (message_id, user_id, emoji) VALUES (-1, -1, ''); END"
        )
    ],
    "postgres": [
        (
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RAISE EXCEPTION ''refused''; END'"
        ),
        (
            "CREATE CONSTRAINT TRIGGER refusing AFTER INSERT ON chat_message"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.body = 'fails at commit')"
            " EXECUTE FUNCTION refuse()"
        ),
    ],
}


async def test_a_post_that_a_locked_sqlite_cannot_store_is_neither_acknowledged_nor_shown(
    sqlite_site: Site, tab: Tabs
) -> None:
    daphne = sqlite_site.serve()
    lounge = sqlite_site.rooms["lounge"]
    alice, bob = await tab(daphne, "alice"), await tab(daphne, "bob")

    with locked(sqlite_site), pytest.raises(Refused) as refusal:
        await alice.post(lounge, "too soon", client_id="one")
    assert (refusal.value.code, refusal.value.event["client_id"]) == ("unavailable", "one")

    posted = await alice.post(lounge, "now", client_id="two")
    await bob.reach(lounge, posted["seq"])
    assert bob.rooms[lounge].bodies == ["now"]
    assert posted["seq"] == 1, "a refused post burnt a number"


@contextmanager
def locked(site: Site) -> Iterator[None]:
    with closing(sqlite3.connect(site.database_url.removeprefix("sqlite:///"))) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.rollback()


async def test_a_post_that_a_dead_postgres_cannot_store_is_neither_acknowledged_nor_shown(
    postgres_site: Site, postgres: PrivatePostgres, tab: Tabs
) -> None:
    daphne = postgres_site.serve()
    lounge = postgres_site.rooms["lounge"]
    alice, bob = await tab(daphne, "alice"), await tab(daphne, "bob")

    postgres.kill9()
    try:
        with pytest.raises(Refused) as refusal:
            await alice.post(lounge, "too soon", client_id="one")
    finally:
        postgres.start()
    assert (refusal.value.code, refusal.value.event["client_id"]) == ("unavailable", "one")

    talker = Talker([daphne], "alice", lounge)
    await talker.say(["now"])
    await talker.leave()
    await bob.reach(lounge, 1)
    assert bob.rooms[lounge].bodies == ["now"]
