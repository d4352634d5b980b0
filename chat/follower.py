"""A process follows the log, and its people's rights, by itself; the layer only makes it quicker.

What the layer lost, what a process committed before it was killed, what a command wrote: all of it
is in the database, and from there it is read here, once a process and not once a client.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from time import monotonic, thread_time
from typing import cast

from chat import access, database, fanout, history, metrics, protocol, renames
from chat.connection import BLOCKED, SIGNED_OUT, SILENT, Connection
from chat.errors import Unavailable
from chat.loops import OnePerLoop
from chat.presence import REFRESH, presence
from chat.sockets import sockets

logger = logging.getLogger(__name__)

INTERVAL = 0.7
"""Seconds between two looks at the log: with the time that a look takes, under one."""

GRACE = 0.1
"""Seconds that something missing may still come by itself."""

MAX_FILL = 1_000
"""Changes that are read for everybody at once. Past it each client asks for what it wants."""

SILENCE = 150.0
"""Seconds without a word from a client after which it is taken for gone."""

RIGHTS_SHARE = 20
"""Rights are read again, unasked, after so many times the CPU time that it took: 5 % at most."""


Look = Callable[[], Awaitable[None]]


class Follower:
    def __init__(self, hub: fanout.Hub) -> None:
        self._hub = hub
        self._presence = presence()
        self._next_look = 0.0
        self._next_rights = 0.0
        self._next_refresh = monotonic() + REFRESH
        self._asides: set[asyncio.Task[None]] = set()
        self._task = hub.loop.create_task(self._follow())

    async def _follow(self) -> None:
        while True:
            await self._wait()
            await self._guard(self._sweep)
            await self._guard(self._compare_heads)
            await self._guard(self._fill_gaps)
            await self._guard(self._review_rights)
            await self._guard(self._tell_names)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(max(self._next_look - monotonic(), 0)):
                await self._hub.attention.wait()
        except TimeoutError:
            pass
        self._hub.attention.clear()

    async def _guard(self, look: Look) -> None:
        try:
            await look()
        except Unavailable:
            logger.warning("log_unreadable")
        except Exception:
            logger.exception("follower_failed")

    async def _sweep(self) -> None:
        now = monotonic()
        for connection in self._connections():
            if now - connection.last_heard > SILENCE:
                connection.shut(SILENT)
        if now > self._next_refresh:
            self._next_refresh = now + REFRESH
            self._presence.refresh()
            sockets().refresh()

    def _connections(self) -> list[Connection]:
        return cast("list[Connection]", list(self._hub.members.values()))

    async def _compare_heads(self) -> None:
        if monotonic() < self._next_look:
            return
        self._next_look = monotonic() + INTERVAL
        feeds = self._hub.feeds
        heads, versions = await database.read(_look, list(feeds))
        if versions.access != self._hub.access_version:
            self._hub.access_version = None
        if versions.people != self._hub.people_version:
            self._hub.names_changed = True
        behind = {room for room, head in heads.items() if self._is_behind(room, head)}
        if behind:
            await asyncio.sleep(GRACE)
        for room in behind:
            if self._is_behind(room, heads[room]):
                await self._fill(feeds[room], heads[room])

    def _is_behind(self, room: int, head: int) -> bool:
        feed = self._hub.feeds.get(room)
        return feed is not None and feed.head is not None and feed.head < head

    async def _fill_gaps(self) -> None:
        rooms, self._hub.gaps = self._hub.gaps, set()
        if rooms:
            await asyncio.sleep(GRACE)
        for room in rooms:
            feed = self._hub.feeds.get(room)
            if feed and (first := feed.first_early()):
                await self._fill(feed, first - 1)

    async def _fill(self, feed: fanout.Feed, until: int) -> None:
        """Hands out what is missing, as it is now. A number whose change was overtaken by a later
        one is `skipped`: the later one tells everything."""
        if feed.head is None or feed.head >= until:
            return
        logger.info("log_filled room=%d after=%d until=%d", feed.room, feed.head, until)
        metrics.filled.inc(until - feed.head)
        if until - feed.head > MAX_FILL:
            feed.jump_to(until - 1)
            feed.accept([_skipped(feed.room, until)])
            return
        after = feed.head
        stored = dict(await database.read(history.changes_between, feed.room, after, until))
        feed.accept(
            fanout.Change(feed.room, seq, protocol.message_event(feed.room, seq, stored[seq]))
            if seq in stored
            else _skipped(feed.room, seq)
            for seq in range(after + 1, until + 1)
        )

    async def _review_rights(self) -> None:
        if self._hub.access_version is not None and monotonic() < self._next_rights:
            return
        connections = [each for each in self._connections() if each.user_id]
        # A hint that comes while the rights are read makes it None again: then they may be older.
        self._hub.access_version = -1
        try:
            rights, cost = await database.read(
                _rights,
                {each.session_key for each in connections},
                {each.user_id for each in connections},
            )
        except Unavailable:
            self._hub.access_version = None
            raise
        for connection in connections:
            # Whoever left while the rights were read must not be let into a room again.
            if connection.id in self._hub.members:
                self._apply(rights, connection)
        if self._hub.access_version == -1:
            self._hub.access_version = rights.version
        self._next_rights = monotonic() + RIGHTS_SHARE * cost

    async def _tell_names(self) -> None:
        if self._hub.names_changed:
            await renames.tell(self._hub)

    def _apply(self, rights: access.Rights, connection: Connection) -> None:
        user = connection.user_id
        if user in rights.blocked:
            connection.shut(BLOCKED)
        elif (
            connection.session_key not in rights.sessions
            or rights.stamps.get(user) != connection.stamp
        ):
            connection.shut(SIGNED_OUT)
        elif rights.rooms[user] != connection.rooms:
            self._move(connection, rights.rooms[user])

    def _move(self, connection: Connection, rooms: dict[int, tuple[str, str]]) -> None:
        gone = connection.rooms.keys() - rooms.keys()
        told = {room for room, label in rooms.items() if connection.rooms.get(room) != label}
        for room in gone:
            self._hub.leave(room, connection)
        for room in rooms.keys() - connection.rooms.keys():
            self._hub.join(room, connection)
        connection.rooms = rooms
        self._aside(connection, partial(self._say_left, connection, gone))
        self._aside(connection, partial(self._say_rooms, connection, told))

    def _aside(self, connection: Connection, tell: Look) -> None:
        """Whoever waits for these reads, it is not the others."""
        task = self._hub.loop.create_task(self._guard(partial(self._insist, connection, tell)))
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    async def _insist(self, connection: Connection, tell: Look) -> None:
        """A move is noticed once: what the database did not answer is asked again."""
        while not connection.closed:
            try:
                await tell()
            except Unavailable:
                await asyncio.sleep(INTERVAL)
            else:
                break

    async def _say_left(self, connection: Connection, rooms: Iterable[int]) -> None:
        for room in rooms:
            reason = await database.read(access.reason_of_leaving, connection.user_id, room)
            # They may have come back while it was read.
            if room not in connection.rooms:
                event = protocol.encode({"type": "left", "room": room, "reason": reason})
                connection.write(f"[{event}]")

    async def _say_rooms(self, connection: Connection, rooms: Iterable[int]) -> None:
        if not rooms:
            return
        infos = await database.read(history.rooms_of, connection.user_id)
        for info in infos:
            room = info["id"]
            if room in rooms and room in connection.rooms and (feed := self._hub.feeds.get(room)):
                feed.start_at(info["last_seq"])
                event = protocol.encode({"type": "room", "room": room, "info": info})
                connection.write(f"[{event}]")


def _look(rooms: list[int]) -> tuple[dict[int, int], renames.Versions]:
    return history.heads(rooms), renames.versions()


def _rights(sessions: set[str], people: set[int]) -> tuple[access.Rights, float]:
    """And what reading them cost, in seconds of this thread: others' load is not ours to spare."""
    started = thread_time()
    return access.rights(sessions, people), thread_time() - started


def _skipped(room: int, seq: int) -> fanout.Change:
    return fanout.Change(room, seq, protocol.skipped(room, seq))


follow = OnePerLoop(lambda: Follower(fanout.hub()))
"""Has the log of the running loop's hub followed, from now on."""
