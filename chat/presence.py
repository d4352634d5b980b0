"""Who is here: the people with a page open, in this process and in the others.

Nothing of it is stored. Each process tells the others whom it has, when that changes and every
REFRESH seconds; what a process said counts for EXPIRY seconds, so one that died falls out.
"""

from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING

from chat import fanout, protocol
from chat.loops import OnePerLoop

if TYPE_CHECKING:
    from asyncio import TimerHandle

REFRESH = 30.0
EXPIRY = 100.0
INTERVAL = 1.0
"""Seconds between two events of one room: a crowd that arrives costs a few, not one each."""

MAX_NAMED = 200
"""People whom an event names; of a bigger crowd it tells only the count."""


class Presence:
    def __init__(self, hub: fanout.Hub) -> None:
        self._hub = hub
        self._elsewhere: dict[int, dict[str, tuple[float, frozenset[int]]]] = {}
        self._told: dict[int, frozenset[int]] = {}
        self._shown: dict[int, frozenset[int]] = {}
        self._due: dict[int, TimerHandle] = {}
        self._announced: dict[int, float] = {}
        hub.member_listeners.append(self.touch)
        hub.listeners["presence"] = self._learn

    def here(self, room: int) -> frozenset[int]:
        """The ids of the people who are here."""
        now = monotonic()
        elsewhere = self._elsewhere.get(room, {})
        fresh = [ids for expiry, ids in elsewhere.values() if expiry > now]
        return self._local(room).union(*fresh)

    def event(self, room: int) -> str:
        here = self.here(room)
        shown: dict[str, object] = (
            {"here": sorted(here)} if len(here) <= MAX_NAMED else {"count": len(here)}
        )
        return protocol.encode({"type": "presence", "room": room} | shown)

    def touch(self, room: int) -> None:
        """Somebody came or went, perhaps: look once the room's INTERVAL has passed."""
        if room not in self._due:
            wait = self._announced.get(room, 0) + INTERVAL - monotonic()
            self._due[room] = self._hub.loop.call_later(max(wait, 0), self._announce, room)

    def refresh(self) -> None:
        """Call every REFRESH seconds."""
        self._told.clear()
        for room in list(self._hub.feeds):
            self.touch(room)

    def _announce(self, room: int) -> None:
        del self._due[room]
        self._announced[room] = monotonic()
        local = self._local(room)
        if self._told.get(room) != local:
            self._told[room] = local
            self._tell(room, local)
        here = self.here(room)
        if self._shown.get(room) != here:
            self._shown[room] = here
            self._show(room)
        if room not in self._hub.feeds:
            self._forget(room)

    def _tell(self, room: int, local: Iterable[int]) -> None:
        if self._hub.relay:
            process = self._hub.relay.process
            self._hub.tell(room, {"kind": "presence", "process": process, "ids": list(local)})

    def _show(self, room: int) -> None:
        if feed := self._hub.feeds.get(room):
            frame = f"[{self.event(room)}]"
            for watcher in list(feed.watchers.values()):
                watcher.write(frame)

    def _learn(self, hint: fanout.Hint) -> None:
        room, process = hint["room"], hint["process"]
        known = self._elsewhere.setdefault(room, {})
        if process not in known:
            # It has just come, and knows nobody yet.
            self._told.pop(room, None)
        known[process] = monotonic() + EXPIRY, frozenset(hint["ids"])
        self.touch(room)

    def _forget(self, room: int) -> None:
        self._elsewhere.pop(room, None)
        self._told.pop(room, None)
        self._shown.pop(room, None)
        self._announced.pop(room, None)

    def _local(self, room: int) -> frozenset[int]:
        feed = self._hub.feeds.get(room)
        return (
            frozenset(member.user_id for member in feed.members.values()) if feed else frozenset()
        )


presence = OnePerLoop(lambda: Presence(fanout.hub()))
"""Of the running loop."""


def here(room: int) -> frozenset[int]:
    """Who is here, asked from any thread of a process that serves."""
    return frozenset().union(*(each.here(room) for each in presence.all()))
