"""A process in the channel layer: what it tells the others, and hears from them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from chat.fanout import Hint, Relay, relay, room_group

PATIENCE = 10.0


class Layer(InMemoryChannelLayer):  # type: ignore[misc]
    """One that can break: `faults` are the calls that fail next, each once."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.sent: list[tuple[str, Any]] = []

    def _stumble(self, call: str) -> None:
        if call in self.faults:
            self.faults.remove(call)
            raise ConnectionError(call)

    async def new_channel(self, prefix: str = "specific.") -> Any:
        self._stumble("new_channel")
        return await super().new_channel(prefix)

    async def group_add(self, group: str, channel: str) -> None:
        self._stumble("group_add")
        await super().group_add(group, channel)

    async def group_send(self, group: str, message: Any) -> None:
        self._stumble("group_send")
        self.sent.append((group, message["hint"]))
        await super().group_send(group, message)


class Process:
    def __init__(self) -> None:
        self.heard: list[Hint] = []
        self.something = asyncio.Event()
        self.relay = Relay(self._receive)

    def _receive(self, hint: Hint) -> None:
        if hint["kind"] == "fault":
            raise ValueError("a fault of who takes it")
        self.heard.append(hint)
        self.something.set()

    async def hears(self, *expected: Hint) -> None:
        """These, in this order, and nothing else before them."""
        async with asyncio.timeout(PATIENCE):
            while len(self.heard) < len(expected):
                self.something.clear()
                await self.something.wait()
        assert self.heard == list(expected)
        self.heard.clear()


Start = Callable[[], Process]


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> Layer:
    layer = Layer()
    monkeypatch.setattr(relay, "get_channel_layer", lambda: layer)
    return layer


@pytest.fixture
async def processes(layer: Layer) -> AsyncIterator[tuple[Process, Process]]:
    """Both in room 1."""
    one, other = Process(), Process()
    for process in (one, other):
        process.relay.join(1)
    await until(lambda: members(layer, room_group(1)) == 2)
    yield one, other
    for process in (one, other):
        process.relay.close()


def members(layer: Layer, group: str) -> int:
    return len(layer.groups.get(group, {}))


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not done():  # noqa: ASYNC110 - the layer tells nobody
            await asyncio.sleep(0.01)


def watchers(number: int) -> dict[str, Any]:
    return {"kind": "watchers", "room": 1, "event": str(number)}


def changes(*numbers: int) -> dict[str, Any]:
    return {"kind": "changes", "room": 1, "changes": [[number, str(number)] for number in numbers]}


Both = tuple[Process, Process]


async def test_what_one_process_says_the_other_hears_in_order_and_it_does_not_itself(
    processes: Both,
) -> None:
    one, other = processes
    for number in range(5):
        one.relay.send(room_group(1), watchers(number))
    await other.hears(*(watchers(number) for number in range(5)))
    other.relay.send(room_group(1), watchers(9))
    await one.hears(watchers(9))


async def test_neighbouring_changes_of_a_room_are_one_message(
    processes: Both, layer: Layer
) -> None:
    one, other = processes
    for number in (1, 2, 3):
        one.relay.send(room_group(1), changes(number))
    one.relay.send(room_group(1), watchers(0))
    one.relay.send(room_group(1), changes(4))
    await other.hears(changes(1, 2, 3), watchers(0), changes(4))
    assert len(layer.sent) == 3


async def test_all_are_in_the_sites_group_from_the_first(processes: Both) -> None:
    one, other = processes
    one.relay.send(Relay.SITE_GROUP, {"kind": "access"})
    await other.hears({"kind": "access"})


async def test_who_left_a_room_hears_no_more_of_it(processes: Both, layer: Layer) -> None:
    one, other = processes
    other.relay.leave(1)
    await until(lambda: members(layer, room_group(1)) == 1)
    one.relay.send(room_group(1), watchers(1))
    one.relay.send(Relay.SITE_GROUP, {"kind": "access"})
    await other.hears({"kind": "access"})


async def test_a_layer_that_fails_a_call_is_joined_again_and_serves_on(
    processes: Both, layer: Layer
) -> None:
    one, other = processes
    layer.groups.clear()  # it was restarted, and has forgotten who was there
    layer.faults.append("group_send")
    for process in processes:
        process.relay.send(room_group(1), watchers(1))  # this one is lost, or its group is
    layer.faults.append("group_send")
    await until(lambda: members(layer, room_group(1)) >= 1)
    one.relay.send(room_group(1), watchers(2))
    other.relay.send(room_group(1), watchers(2))
    await until(lambda: members(layer, room_group(1)) == 2)
    one.relay.send(room_group(1), watchers(3))
    await until(lambda: watchers(3) in other.heard)


async def test_a_reader_that_is_lost_comes_back_into_its_groups(layer: Layer) -> None:
    layer.faults += ["new_channel", "group_add"]
    process, other = Process(), Process()
    process.relay.join(1)
    await until(lambda: members(layer, Relay.SITE_GROUP) == 2)
    await until(lambda: members(layer, room_group(1)) == 1)
    other.relay.send(room_group(1), watchers(1))
    await process.hears(watchers(1))
    for each in (process, other):
        each.relay.close()


async def test_a_fault_of_who_takes_the_hints_loses_none_of_the_later_ones(
    processes: Both,
) -> None:
    one, other = processes
    one.relay.send(room_group(1), {"kind": "fault", "room": 1})
    async with asyncio.timeout(PATIENCE):
        while watchers(1) not in other.heard:
            one.relay.send(room_group(1), watchers(1))
            await asyncio.sleep(0.05)


async def test_while_nobody_takes_them_hints_are_bounded(processes: Both) -> None:
    one, _other = processes
    for number in range(12_000):
        one.relay.send(room_group(1), watchers(number))
    assert len(one.relay._outbox) == 10_000


async def test_closed_it_says_and_hears_nothing(processes: Both, layer: Layer) -> None:
    one, _other = processes
    one.relay.close()
    await asyncio.sleep(0)
    one.relay.send(room_group(1), watchers(1))
    assert layer.sent == []
    assert all(task.done() for task in one.relay._tasks)
