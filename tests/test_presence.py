"""Who is here, in this process and in the others."""

import asyncio
import json
from typing import Any

import pytest

from chat import fanout
from chat import presence as module
from chat.fanout import Feed, Hub
from chat.presence import MAX_NAMED, Presence

ROOM = 5


class Person:
    """Somebody's connection."""

    def __init__(self, user_id: int, tab: int = 1) -> None:
        self.id = f"{user_id}/{tab}"
        self.user_id = user_id
        self.heard: list[dict[str, Any]] = []

    def write(self, frame: str) -> None:
        self.heard += json.loads(frame)

    def shut(self, code: int) -> None:
        raise AssertionError(code)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Relay:
    """Keeps what the other processes are told."""

    process = "this"

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def send(self, group: str, hint: dict[str, Any]) -> None:
        assert group == fanout.room_group(hint["room"])
        self.told.append(hint)

    def join(self, room: int) -> None: ...

    def leave(self, room: int) -> None: ...


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "monotonic", clock)
    monkeypatch.setattr(module, "INTERVAL", 0.02)
    return clock


@pytest.fixture
async def hub(clock: Clock) -> Hub:  # noqa: ARG001 - the clock stands before anything is timed by it
    return Hub(asyncio.get_running_loop())


@pytest.fixture
async def presence(hub: Hub) -> Presence:
    return Presence(hub)


def enter(hub: Hub, person: Person) -> Feed:
    return hub.join(ROOM, person)


def hint(process: str, *ids: int) -> dict[str, Any]:
    return {"kind": "presence", "room": ROOM, "process": process, "ids": list(ids)}


async def settle() -> None:
    await asyncio.sleep(0.06)


async def test_people_are_here_however_many_tabs_they_have(hub: Hub, presence: Presence) -> None:
    first, second = Person(1, 1), Person(1, 2)
    for person in (first, second, Person(2)):
        enter(hub, person)
    assert presence.here(ROOM) == {1, 2}
    hub.leave(ROOM, first)
    assert presence.here(ROOM) == {1, 2}
    hub.leave(ROOM, second)
    assert presence.here(ROOM) == {2}
    assert presence.here(ROOM + 1) == frozenset()


async def test_those_who_watch_hear_of_changes_and_nobody_else(
    hub: Hub, presence: Presence
) -> None:
    assert presence
    watcher, other = Person(1), Person(2)
    enter(hub, watcher).watchers[watcher.id] = watcher
    enter(hub, other)
    await settle()
    assert watcher.heard == [{"type": "presence", "room": ROOM, "here": [1, 2]}]
    assert other.heard == []
    enter(hub, Person(2, 2))
    await settle()
    assert len(watcher.heard) == 1


async def test_a_crowd_that_arrives_costs_few_events(
    hub: Hub, presence: Presence, clock: Clock
) -> None:
    assert presence
    watcher = Person(1)
    enter(hub, watcher).watchers[watcher.id] = watcher
    await settle()
    for number in range(2, 100):
        clock.now += 0.0001
        enter(hub, Person(number))
        await asyncio.sleep(0)
    clock.now += 1
    await settle()
    assert len(watcher.heard) <= 3
    assert len(watcher.heard[-1]["here"]) == 99


@pytest.mark.parametrize("size", [MAX_NAMED, MAX_NAMED + 1])
async def test_a_big_crowd_is_counted_and_not_named(
    hub: Hub, presence: Presence, size: int
) -> None:
    for number in range(size):
        enter(hub, Person(number))
    event = json.loads(presence.event(ROOM))
    named = {"here": list(range(size))}
    counted = {"count": size}
    assert event == {"type": "presence", "room": ROOM} | (named if size <= 200 else counted)


async def test_the_people_of_other_processes_are_here_too(hub: Hub, presence: Presence) -> None:
    watcher = Person(1)
    enter(hub, watcher).watchers[watcher.id] = watcher
    await settle()
    hub.listeners["presence"](hint("other", 1, 7))
    assert presence.here(ROOM) == {1, 7}
    await settle()
    assert watcher.heard[-1]["here"] == [1, 7]
    hub.listeners["presence"](hint("other"))
    await settle()
    assert watcher.heard[-1]["here"] == [1]


async def test_who_went_without_goodbye_falls_out_within_150_seconds(
    hub: Hub, presence: Presence, clock: Clock
) -> None:
    watcher = Person(1)
    enter(hub, watcher).watchers[watcher.id] = watcher
    await settle()
    hub.listeners["presence"](hint("dying", 7))
    await settle()
    for _ in range(5):
        clock.now += module.REFRESH
        presence.refresh()
        await settle()
    assert presence.here(ROOM) == {1}
    assert watcher.heard[-1]["here"] == [1]


async def test_a_process_that_says_so_again_stays(
    hub: Hub, presence: Presence, clock: Clock
) -> None:
    for _ in range(10):
        hub.listeners["presence"](hint("other", 7))
        clock.now += module.REFRESH
    assert presence.here(ROOM) == {7}


async def test_the_others_are_told_when_it_changes_and_when_it_is_time(
    hub: Hub, presence: Presence, clock: Clock
) -> None:
    relay = Relay()
    hub.relay = relay  # type: ignore[assignment]
    person = Person(1)
    enter(hub, person)
    await settle()
    assert relay.told == [hint("this", 1)]
    presence.touch(ROOM)
    clock.now += 1
    await settle()
    assert len(relay.told) == 1
    presence.refresh()
    await settle()
    assert relay.told == [hint("this", 1)] * 2
    clock.now += 1
    hub.leave(ROOM, person)
    await settle()
    assert relay.told[-1] == hint("this")


async def test_a_process_that_has_just_come_is_told_at_once(
    hub: Hub, presence: Presence, clock: Clock
) -> None:
    assert presence
    relay = Relay()
    hub.relay = relay  # type: ignore[assignment]
    enter(hub, Person(1))
    await settle()
    for _ in range(2):
        clock.now += 1
        hub.listeners["presence"](hint("newcomer", 2))
        await settle()
    assert relay.told == [hint("this", 1)] * 2


async def test_a_room_that_nobody_here_is_in_is_forgotten(
    hub: Hub, presence: Presence, clock: Clock
) -> None:
    person = Person(1)
    enter(hub, person)
    await settle()
    clock.now += 1
    hub.leave(ROOM, person)
    await settle()
    kept = (
        presence._elsewhere,
        presence._told,
        presence._shown,
        presence._announced,
        presence._due,
    )
    assert kept == ({}, {}, {}, {}, {})


async def test_who_is_here_can_be_asked_from_any_thread() -> None:
    hub = fanout.hub()
    assert module.presence() is module.presence()
    hub.join(ROOM, Person(7))
    assert await asyncio.to_thread(module.here, ROOM) >= {7}
