"""All rooms of a process, and the door through which they are told."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer

from chat import metrics
from chat.fanout.feed import Change, Feed, Member, acknowledge, write
from chat.fanout.relay import LAYER_PATIENCE, Hint, Relay, envelope, room_group
from chat.loops import OnePerLoop

logger = logging.getLogger(__name__)


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
    people_version: int | None = None
    """Up to which number the members know what people are called."""
    names_changed: bool = False
    """Some people are called otherwise since."""
    relay: Relay | None = None
    listeners: dict[str, Callable[[Hint], None]] = field(default_factory=dict)
    """Who takes the hints of a kind."""
    member_listeners: list[Callable[[int], None]] = field(default_factory=list)
    """Told of each room whose members here have changed."""

    def __post_init__(self) -> None:
        # In memory there is nobody else to tell.
        if not isinstance(get_channel_layer(), InMemoryChannelLayer | None):
            self.relay = Relay(self._receive)
        self.listeners = {
            "changes": self._accept_hint,
            "access": lambda _hint: self.look_again(),
            "people": lambda _hint: self.look_at_names(),
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
        self._members_changed(room)
        return feed

    def leave(self, room: int, member: Member) -> None:
        feed = self.feeds.get(room)
        if feed is None or feed.members.pop(member.id, None) is None:
            return
        feed.watchers.pop(member.id, None)
        self._members_changed(room)
        if not feed.members:
            self.feeds.pop(room).close()
            metrics.rooms.dec()
            if self.relay:
                self.relay.leave(room)

    def _members_changed(self, room: int) -> None:
        for tell in self.member_listeners:
            tell(room)

    def publish(self, changes: Iterable[Change]) -> None:
        for room, of_room in _by_room(changes).items():
            if feed := self.feeds.get(room):
                feed.accept(of_room)
            else:
                for change in of_room:
                    acknowledge(change)
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

    def people_changed(self) -> None:
        self.look_at_names()
        if self.relay:
            self.relay.send(Relay.SITE_GROUP, {"kind": "people"})

    def look_at_names(self) -> None:
        self.names_changed = True
        self.attention.set()

    def know_people(self, version: int) -> None:
        """A member came that knows no later names than those of that number."""
        if self.people_version is None:
            self.people_version = version
        elif version < self.people_version:
            self.people_version = version
            self.names_changed = True

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
            write(member, f"[{hint['event']}]")


def _changes_hint(changes: Iterable[Change]) -> dict[str, Any]:
    return {"kind": "changes", "changes": [[change.seq, change.event] for change in changes]}


hub = OnePerLoop(lambda: Hub(asyncio.get_running_loop()))
"""The hub of the running loop; a process that serves has one loop, and so one hub."""


def publish(changes: Iterable[Change]) -> None:
    """Announces committed changes to everybody. From any thread, in any process; never raises."""
    changes = list(changes)
    if not _on_every_loop(lambda hub: hub.publish(changes)):
        for room, of_room in _by_room(changes).items():
            _tell_from_outside(room_group(room), {"room": room} | _changes_hint(of_room))


def to_person(room: int, user_id: int, event: str, speaker: str) -> None:
    """As `Hub.to_person`, from any thread, in any process; never raises."""
    if not _on_every_loop(lambda hub: hub.to_person(room, user_id, event, speaker)):
        hint = {"kind": "person", "room": room, "user": user_id, "event": event, "speaker": speaker}
        _tell_from_outside(room_group(room), hint)


def access_changed() -> None:
    """Tells every process that somebody's rights, sessions or rooms have changed."""
    if not _on_every_loop(Hub.access_changed):
        _tell_from_outside(Relay.SITE_GROUP, {"kind": "access"})


def people_changed() -> None:
    """Tells every process that somebody is called otherwise now."""
    if not _on_every_loop(Hub.people_changed):
        _tell_from_outside(Relay.SITE_GROUP, {"kind": "people"})


def _on_every_loop(act: Callable[[Hub], None]) -> bool:
    """Whether there was any: a command's process serves nobody."""
    hubs = [each for each in hub.all() if each.loop.is_running()]
    for each in hubs:
        each.loop.call_soon_threadsafe(act, each)
    return bool(hubs)


def _tell_from_outside(group: str, hint: Hint) -> None:
    layer = get_channel_layer()
    if isinstance(layer, InMemoryChannelLayer | None):
        return

    async def send() -> None:
        async with asyncio.timeout(LAYER_PATIENCE):
            await layer.group_send(group, envelope("", hint))

    try:
        async_to_sync(send)()
    except Exception as error:  # noqa: BLE001 - the log tells what the layer does not
        logger.warning("layer_send_failed error=%r", error)
