"""People who keep talking while servers die under them, and the check that all know the same."""

import asyncio
from collections.abc import Iterable
from uuid import uuid4

import websockets

from tests.live.book import Event, Room
from tests.live.client import ChatClient, Refused
from tests.live.servers import Daphne

LOST = (OSError, TimeoutError, websockets.WebSocketException)
WORTH_RETRYING = ("unavailable", "rate_limited")
PATIENCE = 60.0


class Talker:
    """Says things in one room and gives none up.

    What is not acknowledged is said again under the same `client_id`, on a new connection if need
    be, as a page would. `acknowledged` has every `posted` by its `client_id`.
    """

    def __init__(self, servers: Iterable[Daphne], name: str, room: int) -> None:
        self.servers = list(servers)
        self.name = name
        self.room = room
        self.book = Room()
        self.acknowledged: dict[str, Event] = {}
        self._tab: ChatClient | None = None
        self._connections = 0
        self._progress = asyncio.Condition()

    async def say(self, bodies: Iterable[str]) -> None:
        for body in bodies:
            client_id = uuid4().hex
            async with asyncio.timeout(PATIENCE):
                posted = await self._say_until_acknowledged(body, client_id)
            async with self._progress:
                self.acknowledged[client_id] = posted
                self._progress.notify_all()

    async def _say_until_acknowledged(self, body: str, client_id: str) -> Event:
        while True:
            try:
                tab = await self._connected()
                return await tab.post(self.room, body, client_id)
            except LOST:
                await self.leave()
            except Refused as refusal:
                if refusal.code not in WORTH_RETRYING:
                    raise
            await asyncio.sleep(0.1)

    async def until_acknowledged(self, number: int) -> None:
        """Wait until so many of the things said have been acknowledged."""
        async with asyncio.timeout(PATIENCE), self._progress:
            await self._progress.wait_for(lambda: len(self.acknowledged) >= number)

    async def know(self, seq: int) -> None:
        """Wait until the room is known up to that number, coming back as often as needed."""
        async with asyncio.timeout(PATIENCE):
            while self.book.last_seq < seq:
                try:
                    tab = await self._connected()
                    await tab.reach(self.room, seq)
                except LOST:
                    await self.leave()
                    await asyncio.sleep(0.1)

    async def _connected(self) -> ChatClient:
        """The present connection, or a new one to the next server, with what was missed fetched."""
        if self._tab is None:
            server = self.servers[self._connections % len(self.servers)]
            self._connections += 1
            self._tab = await ChatClient.connect(server, self.name)
            self._tab.rooms[self.room] = self.book
            await self._tab.sync(self.room)
        return self._tab

    async def leave(self) -> None:
        tab, self._tab = self._tab, None
        if tab:
            await tab.close()


async def whole_log(server: Daphne, name: str, room: int) -> list[Event]:
    """What a newcomer reads: every message in its present state, in the room's order."""
    newcomer = await ChatClient.connect(server, name)
    await newcomer.sync(room, after=0)
    await newcomer.close()
    return newcomer.rooms[room].log


async def head(server: Daphne, name: str, room: int) -> int:
    """The room's `last_seq`."""
    visitor = await ChatClient.connect(server, name)
    await visitor.close()
    return visitor.rooms[room].last_seq
