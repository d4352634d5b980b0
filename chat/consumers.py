"""The consumer of one WebSocket: parse, call, reply."""

import asyncio
import logging
from functools import partial
from math import inf
from time import monotonic
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from chat import (
    access,
    arrivals,
    database,
    fanout,
    follower,
    history,
    metrics,
    protocol,
    renames,
    shutdown,
)
from chat.actions import sessions
from chat.actions.messages import Stored
from chat.actions.messages.content import Drawn
from chat.actions.messages.drawing import drawer
from chat.actions.rates import Rate
from chat.actions.turns import Job, Result, Task
from chat.actions.writer import writer
from chat.connection import (
    BLOCKED,
    CANNOT_SERVE,
    FLOODING,
    RESTARTING,
    SIGNED_OUT,
    Connection,
)
from chat.errors import BadFrame, ChatError, NotFound, RateLimited, Unavailable
from chat.errors import text as _
from chat.languages import error_event, language_of
from chat.models import User
from chat.presence import MAX_NAMED, presence
from chat.presentation import person
from chat.proxies import address_of
from chat.session_store import stored_key
from chat.sockets import sockets
from chat.written import COSTS_TO_READ, Changed, Pace, Said, Written, cost_of, task_of

logger = logging.getLogger(__name__)

LONGEST_KNOCK_SECONDS = 5.0
"""For which one that comes too often is let wait for its answer."""

TYPING_INTERVAL = 1.0
"""Seconds between two `typing` events that one person causes in one room."""

typing_rate = Rate(1 / TYPING_INTERVAL, "typing", burst_seconds=0, shared=False)


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One tab: all of its person's rooms on one socket.

    It needs no channel of its own: `chat.fanout` writes to its connection directly.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope, self.base_send = scope, send
        self.language = language_of(scope)
        self.connection = Connection(send)
        self.hub = fanout.hub()
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            pass
        except Exception:
            logger.exception("consumer_failed connection=%s", self.connection.id)
            self.connection.shut(CANNOT_SERVE)
        finally:
            self._part()

    async def dispatch(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "websocket.connect":
                await self.connect()
            case "websocket.receive":
                await self.receive(message.get("text"), message.get("bytes"))
            case "websocket.disconnect":
                raise StopConsumer

    async def connect(self) -> None:
        await self.accept()
        if shutdown.is_begun():
            self.connection.shut(RESTARTING)
            return
        try:
            with shutdown.underway():
                await self._enter()
        except access.SignedOut:
            self.connection.shut(SIGNED_OUT)
        except access.Blocked:
            self.connection.shut(BLOCKED)
        except RateLimited as refusal:
            # Who is shut at once comes again at once.
            await asyncio.sleep(min(refusal.retry_after, LONGEST_KNOCK_SECONDS))
            self.connection.shut(FLOODING)
        except Unavailable:
            self.connection.shut(CANNOT_SERVE)
        if shutdown.is_begun():  # after those who were there have been told
            self.connection.shut(RESTARTING)

    async def _enter(self) -> None:
        """Joins the rooms first and reads their heads after: what falls between is heard twice, and
        never missed."""
        connection = self.connection
        key = arrivals.session_key_of(self.scope)
        connection.session_key = stored_key(key)
        connection.address = address_of(self.scope)
        entry = await database.read(arrivals.who, key, connection.address)
        self.user, connection.rooms = entry.user, entry.rooms
        connection.user_id, connection.stamp = self.user.pk, self.user.sign_in_stamp
        connection.person = person(self.user)
        known = arrivals.known_names(self.scope)
        self._known_names = known if known is not None and known < entry.versions.people else None
        self._pace = Pace(self.user.pk, connection.address)
        self._heads: dict[int, int] = {}
        self._told_read: dict[int, int] = {}
        self._prolonged_at = -inf if entry.is_old else monotonic()
        self.hub.members[connection.id] = connection
        sockets().add(connection)
        metrics.connections.inc()
        metrics.accepted.inc()
        self.hub.know_people(entry.versions.people)
        if entry.versions.access != self.hub.access_version:
            # Whoever was put out since then was not yet among those whom the follower looks at. Its
            # next turn does: a crowd that comes back must not have it look at once, for each.
            self.hub.access_version = None
        follower.follow()
        shutdown.listen()
        for room in connection.rooms:
            self.hub.join(room, connection)
        await self._greet()
        self._prolong_session()

    async def _greet(self) -> None:
        infos, epoch = await database.read(arrivals.greeting, self.user.pk)
        self._heads = {info["id"]: info["last_seq"] for info in infos}
        for room, head in self._heads.items():
            if feed := self.hub.feeds.get(room):
                feed.start_at(head)
        self.connection.greet(f"[{self._hello(infos, epoch)}]")
        if self._known_names is not None:
            known = self.user, list(self._heads), self._known_names
            for event in await database.read(renames.missed_by, *known):
                self._say(event)

    def _prolong_session(self) -> None:
        """A page that is left open is in use."""
        if monotonic() - self._prolonged_at > sessions.PROLONGED_EVERY_SECONDS:
            self._prolonged_at = monotonic()
            prolong = partial(sessions.prolong_stored, self.connection.session_key)
            writer().put(Job(prolong, lambda _written: None, self.user.pk))

    def _hello(self, infos: list[dict[str, Any]], epoch: str) -> str:
        return protocol.reply(
            "hello",
            None,
            protocol=protocol.VERSION,
            build=settings.BUILD,
            epoch=epoch,
            connection=self.connection.id,
            user=self.connection.person,
            rooms=infos,
            heartbeat=protocol.HEARTBEAT,
        )

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._is_deaf():
            return
        size = len(bytes_data or b"") if text_data is None else protocol.size(text_data)
        if not self.connection.hear(size):
            return
        if not (self._pace.take() or await self._pace.keep()):
            self.connection.shut(FLOODING)
        if self._is_deaf():  # since a moment ago, perhaps: this one may have waited
            return
        try:
            if text_data is None:
                raise BadFrame(_("A frame is text: one JSON object."))
            await self._obey(protocol.parse(text_data))
        except ChatError as error:
            self._refuse(error)

    def _is_deaf(self) -> bool:
        return self.connection.closed or shutdown.is_begun()

    async def _obey(self, command: protocol.Command) -> None:
        if type(command) is not protocol.Heartbeat:
            self.connection.last_used = monotonic()
        if further := COSTS_TO_READ.get(type(command)):
            await self._pace.keep(further)
        if self._is_deaf():
            return
        try:
            await self._carry_out(command)
        except ChatError as error:
            error.extra.update(_repeated(command))
            raise

    async def _carry_out(self, command: protocol.Command) -> None:
        match command:
            case protocol.Post() | protocol.Edit():
                self._write_drawn(command)
            case protocol.Delete() | protocol.React() | protocol.Read():
                self._write(command)
            case protocol.Sync():
                metrics.syncs.inc()
                async with self._pace.one_at_a_time:
                    answer = await database.read(_synced, self.user, command)
                self._pace.owe(answer)
                self._say(answer)
                sockets().bound_unread_of(self.user.pk)
            case protocol.Watch():
                self._watch(command)
            case protocol.Typing():
                self._type(command)
            case protocol.Heartbeat():
                self._heartbeat(command)

    def _write(self, command: Written) -> None:
        job = self._job(command)
        job.task = self._task_of(command)
        writer().put(job)

    def _write_drawn(self, command: Said) -> None:
        """It has its place first, so that what a person says is stored in its order."""
        job = self._job(command)

        def is_drawn(drawn: Drawn) -> None:
            writer().draw(job, self._task_of(command, drawn))

        if writer().put(job):
            drawer().draw(command.body, job.person, job.address, is_drawn)

    def _task_of(self, command: Written, drawn: Drawn = "") -> Task:
        speaker = fanout.Speaker(self.connection, command.ref)
        return task_of(command, self.user, speaker, self.connection.address, drawn)

    def _job(self, command: Written) -> Job:
        asked = monotonic()

        def settle(result: Result) -> None:
            if isinstance(result, ChatError):
                result.extra.pop("ref", None)  # of another mark that was gathered with it
                result.extra.update(_repeated(command))
                self._refuse(result)
                if type(result) is RateLimited:
                    self._pace.owe_refusal()
            else:
                self._answer(command, result)
                metrics.answer_seconds.observe(monotonic() - asked)

        return Job(None, settle, self.user.pk, self.connection.address, cost_of(command))

    def _answer(self, command: Written, result: Any) -> None:
        match command:
            case protocol.Post():
                self._posted(command, result)
            case protocol.Read():
                self._marked(command, result)
            case _:
                self._changed(command, result)

    def _posted(self, command: protocol.Post, stored: Stored) -> None:
        if stored.new:
            metrics.posts.inc()
        else:
            message = stored.message
            self._say(
                protocol.posted(
                    message.room_id, message.seq, stored.text, command.client_id, command.ref
                )
            )

    def _changed(self, command: Changed, stored: Stored) -> None:
        if not stored.new:
            message = stored.message
            self._say(
                protocol.changed(message.room_id, message.changed_seq, stored.text, command.ref)
            )

    def _marked(self, command: protocol.Read, reading: dict[str, int]) -> None:
        fields = {
            "room": command.room,
            "seq": reading["read_seq"],
            "unread": reading["unread"],
            "mentions": reading["mentions"],
        }
        self._say(protocol.reply("read", command.ref, **fields))
        if self._told_read.get(command.room) != fields["seq"]:  # else by a mark gathered with it
            self._told_read[command.room] = fields["seq"]
            told = protocol.reply("read", None, **fields)
            self.hub.to_person(command.room, self.user.pk, told, self.connection.id)

    def _watch(self, command: protocol.Watch) -> None:
        feeds = {room: self._feed(room) for room in command.rooms}
        for feed in self.hub.feeds.values():
            feed.watchers.pop(self.connection.id, None)
        for room, feed in feeds.items():
            feed.watchers[self.connection.id] = self.connection
            self._say(presence().event(room))

    def _type(self, command: protocol.Typing) -> None:
        feed = self._feed(command.room)
        if typing_rate.take(f"{self.user.pk}.{command.room}"):
            return
        if len(feed.members) <= MAX_NAMED:
            event = protocol.reply("typing", None, room=command.room, user=self.connection.person)
            self.hub.to_watchers(command.room, event, self.connection.id)

    def _heartbeat(self, command: protocol.Heartbeat) -> None:
        self.connection.acknowledge(command.received)
        self._prolong_session()
        heads = {
            room: feed.head or 0
            for room in self.connection.rooms
            if (feed := self.hub.feeds.get(room))
        }
        moved = dict(heads.items() - self._heads.items())
        self._heads |= moved
        self._say(protocol.reply("heartbeat", command.ref, heads=moved))

    def _feed(self, room: int) -> fanout.Feed:
        feed = self.hub.feeds.get(room)
        if feed is None or self.connection.id not in feed.members:
            raise NotFound(_("There is no such room."))
        return feed

    def _refuse(self, error: ChatError) -> None:
        metrics.refusals.labels(error.code).inc()
        self._say(error_event(error, self.language))

    def _say(self, event: str) -> None:
        self.connection.write(f"[{event}]")

    def _part(self) -> None:
        self.connection.end()
        sockets().remove(self.connection)
        if self.hub.members.pop(self.connection.id, None):
            metrics.connections.dec()
        for room in self.connection.rooms:
            self.hub.leave(room, self.connection)


def _repeated(command: protocol.Command) -> dict[str, object]:
    """What a refusal repeats of the command."""
    repeated: dict[str, object] = {} if command.ref is None else {"ref": command.ref}
    if isinstance(command, protocol.Post):
        repeated["client_id"] = command.client_id
    return repeated


def _synced(user: User, command: protocol.Sync) -> str:
    membership = access.membership_for(user, command.room)
    found = history.sync(membership.room, command.after, command.limit, command.epoch, user.pk)
    if found is None:
        metrics.resets.inc()
        return protocol.reply(
            "reset",
            command.ref,
            room=command.room,
            last_seq=history.head(command.room),
            epoch=history.epoch(),
        )
    numbers = {"last_seq": found.last_seq, "more": found.more, "epoch": found.epoch}
    return protocol.synced(
        command.room, command.ref, found.messages, numbers | history.reading(membership)
    )
