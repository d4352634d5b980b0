"""A room's changes, handed to its members: in order, once, and as few frames."""

import asyncio
import json
import random
from typing import Any

import pytest

from chat import fanout
from chat.fanout import Change, Feed, Hub, Speaker
from chat.fanout import feed as feed_module

ROOM = 5


class Listener:
    """A member that keeps what it hears."""

    def __init__(self, name: str, user_id: int = 0) -> None:
        self.id = name
        self.user_id = user_id
        self.frames: list[list[Any]] = []

    def write(self, frame: str) -> None:
        self.frames.append(json.loads(frame))

    def shut(self, code: int) -> None:
        raise AssertionError(code)

    @property
    def heard(self) -> list[Any]:
        return [event for frame in self.frames for event in frame]


class Broken(Listener):
    def write(self, frame: str) -> None:
        raise RuntimeError(frame)


class Deaf(Listener):
    def write(self, frame: str) -> None:
        pass


def change(seq: int, speaker: Listener | None = None) -> Change:
    event, reply = f'"event {seq}"', f'"reply {seq}"'
    return (
        Change(ROOM, seq, event, Speaker(speaker, 1), reply)
        if speaker
        else Change(ROOM, seq, event)
    )


def events(*seqs: int) -> list[str]:
    return [f"event {seq}" for seq in seqs]


async def quiet(feed: Feed) -> None:
    """Until everything is handed out."""
    while timer := feed._resting:
        wait = timer.when() - asyncio.get_running_loop().time()
        await asyncio.sleep(max(wait, 0))


class Gaps(list[int]):
    """The rooms of which something is missing, as often as it was said."""


@pytest.fixture
def gaps() -> Gaps:
    return Gaps()


@pytest.fixture
def anna() -> Listener:
    return Listener("anna")


@pytest.fixture
def ben() -> Listener:
    return Listener("ben")


@pytest.fixture
def feed(gaps: Gaps, anna: Listener, ben: Listener) -> Feed:
    """With two members, at number 10."""
    feed = Feed(ROOM, gaps.append)
    feed.members = {"anna": anna, "ben": ben}
    feed.start_at(10)
    return feed


async def test_a_quiet_room_hears_a_change_at_once(feed: Feed, anna: Listener) -> None:
    feed.accept([change(11)])
    assert anna.frames == [events(11)]
    assert feed.head == 11


async def test_what_comes_meanwhile_leaves_together(feed: Feed, anna: Listener, gaps: Gaps) -> None:
    feed.accept([change(11)])
    feed.accept([change(12)])
    feed.accept([change(13), change(14)])
    assert anna.frames == [events(11)]
    await quiet(feed)
    assert anna.frames == [events(11), events(12, 13, 14)]
    assert gaps == []


async def test_a_room_that_fell_quiet_hears_the_next_at_once_again(
    feed: Feed, anna: Listener
) -> None:
    feed.accept([change(11)])
    await quiet(feed)
    feed.accept([change(12)])
    assert anna.frames == [events(11), events(12)]


async def test_a_bigger_room_gathers_for_longer(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 0.0, 0.0, 0.4])
    monkeypatch.setattr(feed_module, "perf_counter", lambda: next(clock))
    loop = asyncio.get_running_loop()
    feed.accept([change(11)])
    assert feed._resting
    small = feed._resting.when() - loop.time()
    await quiet(feed)
    feed.accept([change(12)])
    assert feed._resting
    assert small < 0.1 < feed._resting.when() - loop.time()
    feed.close()


async def test_changes_come_in_any_order_and_leave_in_theirs(feed: Feed, anna: Listener) -> None:
    chance = random.Random(1)
    offered = [change(seq) for seq in range(5, 60)] * 3
    chance.shuffle(offered)
    while offered:
        batch, offered = offered[:4], offered[4:]
        feed.accept(batch)
        await asyncio.sleep(0)
    await quiet(feed)
    assert anna.heard == events(*range(11, 60))


async def test_a_repeat_is_told_once(feed: Feed, anna: Listener) -> None:
    for _ in range(3):
        feed.accept([change(10), change(11)])
        await quiet(feed)
    assert anna.heard == events(11)


async def test_an_early_change_waits_and_is_reported_missing_its_forerunner(
    feed: Feed, anna: Listener, gaps: Gaps
) -> None:
    feed.accept([change(13)])
    assert anna.heard == []
    assert gaps == [ROOM]
    assert feed.first_early() == 13
    feed.accept([change(11), change(12)])
    await quiet(feed)
    assert anna.heard == events(11, 12, 13)
    assert feed.first_early() is None


async def test_the_speaker_gets_the_reply_in_the_events_place(
    feed: Feed, anna: Listener, ben: Listener
) -> None:
    feed.accept([change(11), change(12, anna), change(13), change(14, ben)])
    assert anna.frames == [["event 11", "reply 12", "event 13", "event 14"]]
    assert ben.frames == [["event 11", "event 12", "event 13", "reply 14"]]


async def test_who_spoke_and_was_read_from_the_log_meanwhile_gets_the_reply(
    feed: Feed, anna: Listener
) -> None:
    feed.accept([change(11)])
    feed.accept([change(11, anna)])
    await quiet(feed)
    assert anna.heard == ["event 11", "reply 11"]


async def test_the_speakers_own_copy_of_an_early_change_counts(feed: Feed, anna: Listener) -> None:
    feed.accept([change(12)])
    feed.accept([change(12, anna)])
    feed.accept([change(12)])
    feed.accept([change(11)])
    await quiet(feed)
    assert anna.heard == ["event 11", "reply 12"]


async def test_who_left_the_room_after_speaking_still_hears_that_it_is_stored(
    feed: Feed, anna: Listener, ben: Listener
) -> None:
    del feed.members["anna"]
    feed.accept([change(11, anna)])
    assert anna.heard == ["reply 11"]
    assert ben.heard == ["event 11"]


async def test_a_member_that_raises_costs_the_others_nothing(
    feed: Feed, anna: Listener, ben: Listener
) -> None:
    feed.members = {"broken": Broken("broken"), "anna": anna, "deaf": Deaf("deaf"), "ben": ben}
    feed.accept([change(11), change(12, Broken("gone"))])
    await quiet(feed)
    feed.accept([change(13)])
    assert anna.heard == ben.heard == events(11, 12, 13)


async def test_nothing_is_told_before_the_logs_number_is_known(anna: Listener, gaps: Gaps) -> None:
    feed = Feed(ROOM, gaps.append)
    feed.members["anna"] = anna
    feed.accept([change(12), change(11), change(10)])
    assert anna.heard == []
    assert gaps == []
    feed.start_at(10)
    await quiet(feed)
    assert anna.heard == events(11, 12)
    assert feed.first_early() is None


async def test_the_first_number_counts(feed: Feed) -> None:
    feed.start_at(3)
    assert feed.head == 10


async def test_what_came_before_the_logs_number_is_acknowledged_and_forgotten(
    anna: Listener, gaps: Gaps
) -> None:
    feed = Feed(ROOM, gaps.append)
    feed.members["anna"] = anna
    feed.accept([change(8, anna), change(9), change(13)])
    feed.start_at(10)
    assert anna.heard == ["reply 8"]
    assert feed.first_early() == 13
    assert gaps == [ROOM]


async def test_a_jump_acknowledges_what_it_leaves_out(
    feed: Feed, anna: Listener, ben: Listener
) -> None:
    feed.accept([change(500, anna), change(600), change(1_001)])
    feed.jump_to(1_000)
    await quiet(feed)
    assert anna.heard == ["reply 500", "event 1001"]
    assert ben.heard == ["event 1001"]
    assert feed.first_early() is None


async def test_a_feed_that_closes_acknowledges_what_it_still_holds(
    feed: Feed, anna: Listener
) -> None:
    feed.accept([change(11)])
    feed.accept([change(12, anna), change(14, anna)])
    feed.close()
    await asyncio.sleep(0.01)
    assert anna.heard == ["event 11", "reply 12", "reply 14"]


async def test_flushing_hands_out_what_is_gathered(feed: Feed, anna: Listener) -> None:
    feed.accept([change(11)])
    feed.accept([change(12)])
    feed.flush()
    assert anna.heard == events(11, 12)


@pytest.fixture
async def hub() -> Hub:
    return fanout.hub()


async def test_each_loop_has_one_hub(hub: Hub) -> None:
    assert fanout.hub() is hub
    assert hub.loop is asyncio.get_running_loop()


async def test_a_room_is_forgotten_with_its_last_member(
    hub: Hub, anna: Listener, ben: Listener
) -> None:
    told: list[int] = []
    hub.member_listeners.append(told.append)
    assert hub.join(ROOM, anna) is hub.join(ROOM, ben)
    hub.leave(ROOM, anna)
    hub.leave(ROOM, anna)
    assert list(hub.feeds) == [ROOM]
    hub.leave(ROOM, ben)
    assert hub.feeds == {}
    assert told == [ROOM] * 4


async def test_who_leaves_a_room_watches_it_no_more(
    hub: Hub, anna: Listener, ben: Listener
) -> None:
    feed = hub.join(ROOM, anna)
    hub.join(ROOM, ben)
    feed.watchers["anna"] = anna
    hub.leave(ROOM, anna)
    assert feed.watchers == {}


async def test_a_change_in_a_room_without_members_here_is_acknowledged(
    hub: Hub, anna: Listener
) -> None:
    hub.publish([change(1, anna), change(2)])
    assert anna.heard == ["reply 1"]


async def test_publishing_reaches_each_room_from_any_thread(
    hub: Hub, anna: Listener, ben: Listener
) -> None:
    hub.join(1, anna).start_at(0)
    hub.join(2, ben).start_at(7)
    changes = [Change(1, 1, '"a"'), Change(2, 8, '"b"'), Change(3, 1, '"c"'), Change(1, 2, '"d"')]
    await asyncio.to_thread(fanout.publish, changes)
    await quiet(hub.feeds[1])
    assert anna.heard == ["a", "d"]
    assert ben.heard == ["b"]


async def test_an_event_for_watchers_reaches_them_and_nobody_else(hub: Hub) -> None:
    watcher, other, speaker = Listener("w"), Listener("o"), Listener("s")
    for member in (watcher, other, speaker):
        feed = hub.join(ROOM, member)
    feed.watchers = {"broken": Broken("broken"), "w": watcher, "s": speaker}
    hub.to_watchers(ROOM, '"typing"', "s")
    assert (watcher.heard, other.heard, speaker.heard) == (["typing"], [], [])


async def test_an_event_for_a_person_reaches_their_other_tabs_in_the_room(hub: Hub) -> None:
    this, other_tab, stranger = Listener("1", 7), Listener("2", 7), Listener("3", 8)
    elsewhere = Listener("4", 7)
    for member in (this, other_tab, stranger):
        hub.join(ROOM, member)
    hub.join(ROOM + 1, elsewhere)
    hub.to_person(ROOM, 7, '"read"', "1")
    heard = [member.heard for member in (this, other_tab, stranger, elsewhere)]
    assert heard == [[], ["read"], [], []]


async def test_a_change_of_rights_is_looked_at_at_once(hub: Hub) -> None:
    hub.access_version = 3
    hub.attention.clear()
    await asyncio.to_thread(fanout.access_changed)
    async with asyncio.timeout(1):
        await hub.attention.wait()
    assert hub.access_version is None


def test_a_process_that_serves_nobody_publishes_all_the_same() -> None:
    fanout.publish([change(1)])
    fanout.access_changed()
