"""The only door to the channel layer: who is in which room here, and what they are all told.

A process joins a room's group once, on behalf of all its connections there. What was committed is
encoded once, leaves in the order of its numbers, and reaches every local connection as the same
text; bursts are gathered into one frame. The layer carries it to the other processes as a hint:
what it loses, `chat.follower` reads from the log.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, NamedTuple, Protocol

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer

from chat import metrics, protocol

logger = logging.getLogger(__name__)

LAYER_PATIENCE = 2.0
"""Seconds that one call to the layer may take before it counts as down."""


class Member(Protocol):
    """A connection, as the fan-out sees it. Its methods never wait and never raise."""

    id: str
    user_id: int

    def write(self, frame: str) -> None: ...
    def shut(self, code: int) -> None: ...


class Speaker(NamedTuple):
    """The connection that asked for a change, and the `ref` that its reply carries."""

    member: Member
    ref: int | None = None


class Change(NamedTuple):
    """A committed change of a room. The speaker's frame carries `reply` in the event's place."""

    room: int
    seq: int
    event: str
    speaker: Speaker | None = None
    reply: str = ""


class Feed:
    """One room in this process: its members here, and the number that they were last handed."""

    def __init__(self, room: int, on_gap: Callable[[int], None]) -> None:
        self.room = room
        self.members: dict[str, Member] = {}
        self.watchers: dict[str, Member] = {}
        self.head: int | None = None
        self._on_gap = on_gap
        self._early: dict[int, Change] = {}
        self._waiting: list[Change] = []
        self._resting: asyncio.TimerHandle | None = None

    def start_at(self, seq: int) -> None:
        """The log's number when the first member came; what is later will be handed out."""
        if self.head is None:
            self.jump_to(seq)

    def jump_to(self, seq: int) -> None:
        """What comes up to this number is no longer handed out; whoever said it hears that it is
        stored."""
        self.head = seq
        self.accept([self._early.pop(early) for early in sorted(self._early) if early <= seq])

    def accept(self, changes: Iterable[Change]) -> None:
        """Takes changes in any order, more than once; hands them out in order, once."""
        for change in changes:
            if self.head is not None and change.seq <= self.head:
                _acknowledge(change)
            elif change.seq not in self._early or change.speaker:
                self._early[change.seq] = change
        if self.head is None:
            return
        while next_change := self._early.pop(self.head + 1, None):
            self.head += 1
            self._waiting.append(next_change)
        if self._early:
            self._on_gap(self.room)
        if self._waiting and not self._resting:
            self._hand_out()

    def first_early(self) -> int | None:
        """The first number that is there after something missing."""
        return min(self._early, default=None)

    def _hand_out(self) -> None:
        """At once if the room was quiet; what comes while it goes out, and for as long again as
        that took, leaves together: a big room gathers for longer, and nothing is tuned."""
        self._resting = None
        if not self._waiting:
            return
        changes, self._waiting = self._waiting, []
        started = perf_counter()
        self._deliver(changes)
        took = perf_counter() - started
        metrics.fanout_seconds.observe(took)
        self._resting = asyncio.get_running_loop().call_later(took, self._hand_out)

    def _deliver(self, changes: list[Change]) -> None:
        replies: dict[str, dict[int, str]] = {}
        for change in changes:
            if change.speaker:
                replies.setdefault(change.speaker.member.id, {})[change.seq] = change.reply
                if change.speaker.member.id not in self.members:
                    _acknowledge(change)
        frames = list(protocol.frames(change.event for change in changes))
        _count(len(changes), len(frames), len(self.members))
        for member in list(self.members.values()):
            own = replies.get(member.id) if replies else None
            theirs = protocol.frames(own.get(c.seq, c.event) for c in changes) if own else frames
            for frame in theirs:
                _write(member, frame)

    def flush(self) -> None:
        """Hands out at once what is being gathered."""
        self._rest_no_more()
        self._hand_out()

    def close(self) -> None:
        """Nobody is left here to be told, but for those who were put out while they spoke."""
        self._rest_no_more()
        for change in [*self._waiting, *self._early.values()]:
            _acknowledge(change)

    def _rest_no_more(self) -> None:
        if self._resting:
            self._resting.cancel()


def _count(changes: int, frames: int, members: int) -> None:
    metrics.changes.inc(changes)
    metrics.frames.inc(frames)
    metrics.deliveries.inc(changes * members)
    if changes > frames:
        metrics.gathered.inc(frames)


def _acknowledge(change: Change) -> None:
    if change.speaker:
        _write(change.speaker.member, f"[{change.reply}]")


def _write(member: Member, frame: str) -> None:
    try:
        member.write(frame)
    except Exception:  # one member's fault is not to cost the others their frame
        logger.exception("member_failed member=%s", member.id)


Hint = Mapping[str, Any]
"""What one process tells the others: `kind`, mostly a `room`, and what that kind needs."""


class Relay:
    """This process in the channel layer: one channel, a reader, and a writer that nobody waits for.

    Every fault of the layer is survived: calls are given up after LAYER_PATIENCE, tried again
    with growing pauses, and the groups are joined again.
    """

    SITE_GROUP = "chat.site"

    def __init__(self, receive: Callable[[Hint], None]) -> None:
        self.process = uuid.uuid4().hex
        self.layer = get_channel_layer()
        self._receive = receive
        self._groups: set[str] = {self.SITE_GROUP}
        self._outbox: list[tuple[str, Hint]] = []
        self._wake = asyncio.Event()
        self._channel = ""
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]

    def join(self, room: int) -> None:
        self._groups.add(group := room_group(room))
        self._enqueue(group, {"kind": "join"})

    def leave(self, room: int) -> None:
        self._groups.discard(group := room_group(room))
        self._enqueue(group, {"kind": "leave"})

    def send(self, group: str, hint: Hint) -> None:
        self._enqueue(group, hint)

    def _enqueue(self, group: str, hint: Hint) -> None:
        # While the layer is down hints are worth nothing: the log is followed anyway.
        if len(self._outbox) < 10_000:
            self._outbox.append((group, hint))
        else:
            metrics.hints_dropped.inc()
        self._wake.set()

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            outbox, self._outbox = self._outbox, []
            try:
                for group, hint in _gathered(outbox):
                    async with asyncio.timeout(LAYER_PATIENCE):
                        await self._carry_out(group, hint)
            except Exception as error:  # noqa: BLE001 - a layer may raise anything; none may end the task
                metrics.layer_faults.labels("send").inc()
                logger.warning("layer_send_failed error=%r", error)
                await asyncio.sleep(0.5)
                self._outbox = [(group, {"kind": "join"}) for group in self._groups]
                self._wake.set()

    async def _carry_out(self, group: str, hint: Hint) -> None:
        if hint["kind"] == "leave":
            await self.layer.group_discard(group, self._channel)
        elif hint["kind"] != "join":
            await self.layer.group_send(group, _envelope(self.process, hint))
        elif self._channel:
            await self.layer.group_add(group, self._channel)

    async def _read(self) -> None:
        pause = 0.25
        while True:
            try:
                await self._enter()
                pause = 0.25
                while True:
                    message = await self.layer.receive(self._channel)
                    if message.get("from") != self.process:
                        self._receive(message["hint"])
            except Exception as error:  # noqa: BLE001 - as above
                metrics.layer_faults.labels("receive").inc()
                logger.warning("layer_reader_lost error=%r", error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10)

    async def _enter(self) -> None:
        async with asyncio.timeout(LAYER_PATIENCE):
            self._channel = await self.layer.new_channel()
            for group in self._groups:
                await self.layer.group_add(group, self._channel)
        metrics.layer_reconnects.inc()

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()


def _envelope(process: str, hint: Hint) -> dict[str, object]:
    return {"type": "chat.hint", "from": process, "hint": dict(hint)}


def _gathered(outbox: Iterable[tuple[str, Hint]]) -> Iterable[tuple[str, Hint]]:
    """Neighbouring changes of one room as one message of the layer."""
    last: tuple[str, dict[str, Any]] | None = None
    for group, hint in outbox:
        if hint["kind"] == "changes" and last and last[0] == group and last[1]["kind"] == "changes":
            last[1]["changes"].extend(hint["changes"])
            continue
        if last:
            yield last
        last = group, dict(hint)
    if last:
        yield last


def room_group(room: int) -> str:
    return f"chat.room.{room}"


@dataclass(eq=False)
class Hub:
    """Everything that this process hands out, on one event loop."""

    loop: asyncio.AbstractEventLoop
    feeds: dict[int, Feed] = field(default_factory=dict)
    gaps: set[int] = field(default_factory=set)
    attention: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the follower has something to look at before its next turn."""
    members: dict[str, Member] = field(default_factory=dict)
    """Every connection of this process, by its id."""
    access_version: int | None = None
    """As it was when the members' rights were last read; None: they are to be read now."""
    relay: Relay | None = None
    listeners: dict[str, Callable[[Hint], None]] = field(default_factory=dict)
    """Who takes the hints of a kind."""
    on_members: Callable[[int], None] = lambda _room: None
    """Told of each room whose members here have changed."""

    def __post_init__(self) -> None:
        # In memory there is nobody else to tell.
        if not isinstance(get_channel_layer(), InMemoryChannelLayer | None):
            self.relay = Relay(self._receive)
        self.listeners = {
            "changes": self._accept_hint,
            "access": lambda _hint: self.look_again(),
            "watchers": self._to_watchers,
            "person": self._to_person,
        }

    def join(self, room: int, member: Member) -> Feed:
        feed = self.feeds.get(room)
        if feed is None:
            feed = self.feeds[room] = Feed(room, self._miss)
            metrics.rooms.inc()
            if self.relay:
                self.relay.join(room)
        feed.members[member.id] = member
        self.on_members(room)
        return feed

    def leave(self, room: int, member: Member) -> None:
        feed = self.feeds.get(room)
        if feed is None or feed.members.pop(member.id, None) is None:
            return
        feed.watchers.pop(member.id, None)
        self.on_members(room)
        if not feed.members:
            self.feeds.pop(room).close()
            metrics.rooms.dec()
            if self.relay:
                self.relay.leave(room)

    def publish(self, changes: Iterable[Change]) -> None:
        for room, of_room in _by_room(changes).items():
            if feed := self.feeds.get(room):
                feed.accept(of_room)
            else:
                for change in of_room:
                    _acknowledge(change)
            self.tell(room, _changes_hint(of_room))

    def to_watchers(self, room: int, event: str, speaker: str) -> None:
        """An event that is not stored, to the others who watch the room, in every process."""
        hint = {"kind": "watchers", "room": room, "event": event, "speaker": speaker}
        self._to_watchers(hint)
        self.tell(room, hint)

    def _to_watchers(self, hint: Hint) -> None:
        if feed := self.feeds.get(hint["room"]):
            _write_to(feed.watchers, hint, lambda _member: True)

    def to_person(self, room: int, user_id: int, event: str, speaker: str) -> None:
        """An event that is not stored, to a person's other tabs, in every process."""
        hint = {"kind": "person", "room": room, "user": user_id, "event": event, "speaker": speaker}
        self._to_person(hint)
        self.tell(room, hint)

    def _to_person(self, hint: Hint) -> None:
        if feed := self.feeds.get(hint["room"]):
            _write_to(feed.members, hint, lambda member: member.user_id == hint["user"])

    def tell(self, room: int, hint: Hint) -> None:
        """Hints to the other processes that have members in the room."""
        if self.relay:
            self.relay.send(room_group(room), {"room": room, **hint})

    def flush(self) -> None:
        for feed in list(self.feeds.values()):
            feed.flush()

    def access_changed(self) -> None:
        self.look_again()
        if self.relay:
            self.relay.send(Relay.SITE_GROUP, {"kind": "access"})

    def look_again(self) -> None:
        self.access_version = None
        self.attention.set()

    def _miss(self, room: int) -> None:
        self.gaps.add(room)
        self.attention.set()

    def _receive(self, hint: Hint) -> None:
        if take := self.listeners.get(hint["kind"]):
            take(hint)

    def _accept_hint(self, hint: Hint) -> None:
        if feed := self.feeds.get(hint["room"]):
            feed.accept(Change(hint["room"], seq, event) for seq, event in hint["changes"])


def _by_room(changes: Iterable[Change]) -> dict[int, list[Change]]:
    by_room: dict[int, list[Change]] = {}
    for change in changes:
        by_room.setdefault(change.room, []).append(change)
    return by_room


def _write_to(
    members: Mapping[str, Member], hint: Hint, concerns: Callable[[Member], bool]
) -> None:
    for member in list(members.values()):
        if member.id != hint["speaker"] and concerns(member):
            _write(member, f"[{hint['event']}]")


def _changes_hint(changes: Iterable[Change]) -> dict[str, Any]:
    return {"kind": "changes", "changes": [[change.seq, change.event] for change in changes]}


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """The hub of the running loop; a process that serves has one loop, and so one hub."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        for closed in [other for other in _hubs if other.is_closed()]:
            del _hubs[closed]
        _hubs[loop] = Hub(loop)
    return _hubs[loop]


def publish(changes: Iterable[Change]) -> None:
    """Announces committed changes to everybody. From any thread, in any process; never raises."""
    changes = list(changes)
    if not _on_every_loop(lambda hub: hub.publish(changes)):
        for room, of_room in _by_room(changes).items():
            _tell_from_outside(room_group(room), {"room": room} | _changes_hint(of_room))


def access_changed() -> None:
    """Tells every process that somebody's rights, sessions or rooms have changed."""
    if not _on_every_loop(Hub.access_changed):
        _tell_from_outside(Relay.SITE_GROUP, {"kind": "access"})


def _on_every_loop(act: Callable[[Hub], None]) -> bool:
    """Whether there was any: a command's process serves nobody."""
    hubs = [hub for loop, hub in list(_hubs.items()) if loop.is_running()]
    for each in hubs:
        each.loop.call_soon_threadsafe(act, each)
    return bool(hubs)


def _tell_from_outside(group: str, hint: Hint) -> None:
    layer = get_channel_layer()
    if isinstance(layer, InMemoryChannelLayer | None):
        return

    async def send() -> None:
        async with asyncio.timeout(LAYER_PATIENCE):
            await layer.group_send(group, _envelope("", hint))

    try:
        async_to_sync(send)()
    except Exception as error:  # noqa: BLE001 - the log tells what the layer does not
        logger.warning("layer_send_failed error=%r", error)
