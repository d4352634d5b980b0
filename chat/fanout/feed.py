"""One room in this process: what is handed to its members, once and in the order of its numbers."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import NamedTuple, Protocol

from chat import metrics, protocol

logger = logging.getLogger(__name__)


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
                acknowledge(change)
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
                    acknowledge(change)
        frames = list(protocol.frames(change.event for change in changes))
        _count(len(changes), len(frames), len(self.members))
        for member in list(self.members.values()):
            own = replies.get(member.id) if replies else None
            theirs = protocol.frames(own.get(c.seq, c.event) for c in changes) if own else frames
            for frame in theirs:
                write(member, frame)

    def flush(self) -> None:
        """Hands out at once what is being gathered."""
        self._rest_no_more()
        self._hand_out()

    def close(self) -> None:
        """Nobody is left here to be told, but for those who were put out while they spoke."""
        self._rest_no_more()
        for change in [*self._waiting, *self._early.values()]:
            acknowledge(change)

    def _rest_no_more(self) -> None:
        if self._resting:
            self._resting.cancel()


def _count(changes: int, frames: int, members: int) -> None:
    metrics.changes.inc(changes)
    metrics.frames.inc(frames)
    metrics.deliveries.inc(changes * members)
    if changes > frames:
        metrics.gathered.inc(frames)


def acknowledge(change: Change) -> None:
    if change.speaker:
        write(change.speaker.member, f"[{change.reply}]")


def write(member: Member, frame: str) -> None:
    try:
        member.write(frame)
    except Exception:  # one member's fault is not to cost the others their frame
        logger.exception("member_failed member=%s", member.id)
