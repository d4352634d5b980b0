"""4. The connection that spoke gets its reply in place of the event; other tabs get the event."""

import asyncio

import pytest

from tests.live.book import Event
from tests.live.client import Tabs
from tests.live.servers import Daphne
from tests.live.site import Site


@pytest.fixture
def daphne(site: Site) -> Daphne:
    return site.serve()


async def test_the_speaker_gets_posted_and_everyone_else_the_message(
    site: Site, daphne: Daphne, tab: Tabs
) -> None:
    lounge = site.rooms["lounge"]
    speaker, her_other_tab, bob = [await tab(daphne, name) for name in ("alice", "alice", "bob")]

    posted = await speaker.post(lounge, "hello")

    for listener in (her_other_tab, bob):
        event = await listener.expect("message", room=lounge)
        assert event["message"] == posted["message"]
        assert event["seq"] == posted["seq"]
    await speaker.command("sync", room=lounge, after=0)
    assert "message" not in speaker.types()


async def test_the_speaker_of_an_edit_a_reaction_and_a_deletion_gets_changed(
    site: Site, daphne: Daphne, tab: Tabs
) -> None:
    lounge = site.rooms["lounge"]
    alice, bob = await tab(daphne, "alice"), await tab(daphne, "bob")
    message = (await alice.post(lounge, "helo"))["message"]["id"]

    changes = [
        await alice.edit(lounge, message, "hello"),
        await alice.react(lounge, message, "👋"),
        await alice.delete(lounge, message),
    ]

    await bob.reach(lounge, 4)
    assert [change["type"] for change in changes] == ["changed"] * 3
    assert alice.rooms[lounge].arrived == bob.rooms[lounge].arrived == [1, 2, 3, 4]
    assert [event["message"] for event in _told(bob.events, "message")][1:] == [
        change["message"] for change in changes
    ]


async def test_what_changes_nothing_takes_no_number_and_answers_with_the_present_state(
    sqlite_site: Site, tab: Tabs
) -> None:
    daphne = sqlite_site.serve()
    lounge = sqlite_site.rooms["lounge"]
    alice, bob = await tab(daphne, "alice"), await tab(daphne, "bob")
    message = (await alice.post(lounge, "hello"))["message"]["id"]
    await alice.react(lounge, message, "👋")

    same_body = await alice.edit(lounge, message, "hello")
    same_reaction = await alice.react(lounge, message, "👋")
    no_reaction = await alice.react(lounge, message, "🎉", on=False)
    deleted = await alice.delete(lounge, message)
    deleted_again = await alice.delete(lounge, message)

    assert [event["seq"] for event in (same_body, same_reaction, no_reaction)] == [2, 2, 2]
    assert deleted["seq"] == deleted_again["seq"] == 3
    assert deleted_again["message"] == deleted["message"]
    await bob.reach(lounge, 3)
    assert bob.rooms[lounge].arrived == [1, 2, 3]


async def test_replies_come_in_their_place_among_the_events(
    site: Site, daphne: Daphne, tab: Tabs
) -> None:
    lounge = site.rooms["lounge"]
    tabs = [await tab(daphne, name) for name in ("alice", "alice", "bob", "carol")]

    await asyncio.gather(
        *(client.post(lounge, str(number)) for client in tabs for number in range(40))
    )

    for client in tabs:
        await client.reach(lounge, 160)
        assert client.rooms[lounge].arrived == list(range(1, 161))
        assert len(_told(client.events, "posted")) == 40


async def test_a_reply_carries_the_commands_ref_and_nobody_elses_event_does(
    sqlite_site: Site, tab: Tabs
) -> None:
    daphne = sqlite_site.serve()
    lounge = sqlite_site.rooms["lounge"]
    alice, bob = await tab(daphne, "alice"), await tab(daphne, "bob")

    await alice.send(
        {"type": "post", "room": lounge, "client_id": "a", "body": "hello", "ref": 4711}
    )

    assert (await alice.expect("posted"))["ref"] == 4711
    assert "ref" not in await bob.expect("message")


def _told(events: list[Event], kind: str) -> list[Event]:
    return [event for event in events if event["type"] == kind]
