"""One tab of one person on a real WebSocket, with the books that the contract asks for."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import websockets
from websockets.asyncio.client import ClientConnection, connect

from tests.live.book import Event, Room
from tests.live.scenery import Person
from tests.live.servers import Daphne

ANSWERS_WITHIN = 10.0
HEARTBEAT_SECONDS = 25
HEARTBEAT_FRAMES = 64
HEARTBEAT_BYTES = 256 * 1024
ROOM_CHANGES = ("message", "posted", "changed", "skipped")


class Refused(Exception):
    """The server answered a command with an `error`."""

    def __init__(self, event: Event) -> None:
        super().__init__(f"{event['code']}: {event.get('detail')}")
        self.event = event
        self.code: str = event["code"]


class ChatClient:
    """Answers with heartbeats by itself, unless `heartbeats` is off.

    `events` holds all that came, in order; `rooms` what follows from it, by the room's id.
    """

    def __init__(self, socket: ClientConnection, heartbeats: bool = True) -> None:
        self.socket = socket
        self.hello: Event = {}
        self.events: list[Event] = []
        self.rooms: dict[int, Room] = {}
        self.frames_received = 0
        self._heartbeats = heartbeats
        self._frames_acknowledged = 0
        self._bytes_unacknowledged = 0
        self._refs = itertools.count(1)
        self._replies: dict[int, asyncio.Future[Event]] = {}
        self._arrival = asyncio.Condition()
        self._read_up_to = 0
        self._ended = False
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def connect(
        cls,
        server: Daphne,
        person: Person | str | None,
        *,
        origin: str | None = None,
        heartbeats: bool = True,
        **options: Any,
    ) -> "ChatClient":
        """`person` may be a username. Returns once `hello` is there.

        Raises what `websockets` raises on a refusal or a close.
        """
        client = cls(await open_socket(server, person, origin=origin, **options), heartbeats)
        client._tasks = [asyncio.create_task(client._read()), asyncio.create_task(client._beat())]
        try:
            client.hello = await client.expect("hello")
        except BaseException:
            await client.close()
            raise
        return client

    async def post(self, room: int, body: str, client_id: str = "", **more: Any) -> Event:
        """Returns `posted`. Raises Refused."""
        client_id = client_id or uuid4().hex
        return await self.command("post", room=room, body=body, client_id=client_id, **more)

    async def edit(self, room: int, message: int, body: str) -> Event:
        return await self.command("edit", room=room, message=message, body=body)

    async def delete(self, room: int, message: int) -> Event:
        return await self.command("delete", room=room, message=message)

    async def react(self, room: int, message: int, emoji: str, on: bool = True) -> Event:
        return await self.command("react", room=room, message=message, emoji=emoji, on=on)

    async def sync(self, room: int, after: int | None = None) -> Event:
        """Fetch all that changed after a number (the last one known), and learn it.

        Returns the last `synced`, or `reset`.
        """
        book = self.rooms[room]
        number = book.last_seq if after is None else after
        while True:
            answer = await self.command("sync", room=room, after=number)
            for message in answer.get("messages", []):
                book.learn(message)
                number = message["changed_seq"]
            if not answer.get("more"):
                book.last_seq = max(book.last_seq, answer["last_seq"])
                return answer

    async def command(self, kind: str, **fields: Any) -> Event:
        """Returns the reply. Raises Refused on an `error`, TimeoutError on silence."""
        ref = next(self._refs)
        reply = self._replies[ref] = asyncio.get_running_loop().create_future()
        await self.send({"type": kind, "ref": ref, **fields})
        event: Event = await asyncio.wait_for(reply, ANSWERS_WITHIN)
        if event["type"] == "error":
            raise Refused(event)
        return event

    async def send(self, frame: Event) -> None:
        await self.socket.send(json.dumps(frame))

    async def expect(self, kind: str, within: float = ANSWERS_WITHIN, **fields: Any) -> Event:
        """The next event of that type with those fields, beyond those that were expected before.

        Raises TimeoutError; ConnectionClosed if the socket closes first.
        """
        wanted = {"type": kind, **fields}
        async with asyncio.timeout(within), self._arrival:
            while True:
                for place in range(self._read_up_to, len(self.events)):
                    if wanted.items() <= self.events[place].items():
                        self._read_up_to = place + 1
                        return self.events[place]
                await self._more()

    async def reach(self, room: int, seq: int, within: float = ANSWERS_WITHIN) -> None:
        """Wait until the room's changes up to that number have arrived. Raises TimeoutError."""
        async with asyncio.timeout(within), self._arrival:
            while self.rooms[room].last_seq < seq:
                await self._more()

    async def _more(self) -> None:
        if self._ended:
            raise websockets.ConnectionClosed(self.socket.protocol.close_rcvd, None)
        await self._arrival.wait()

    async def until_closed(self, within: float = ANSWERS_WITHIN) -> int:
        """Returns the close code. Raises TimeoutError if it stays open."""
        async with asyncio.timeout(within):
            await self.socket.wait_closed()
        return self.socket.close_code or 1006

    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    async def drop(self) -> None:
        """As when the network goes: no goodbye."""
        self.socket.transport.abort()
        await self.close()

    async def close(self) -> None:
        await self.socket.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for frame in self.socket:
                assert isinstance(frame, str), "the server speaks in text frames"
                self._account_for(frame)
                await self._hear(json.loads(frame))
                await self._acknowledge_much()
        except websockets.ConnectionClosed:
            pass
        finally:
            await self._nothing_more()

    def _account_for(self, frame: str) -> None:
        self.frames_received += 1
        self._bytes_unacknowledged += len(frame.encode())

    async def _hear(self, events: list[Event]) -> None:
        assert isinstance(events, list), "a frame is an array of events"
        async with self._arrival:
            for event in events:
                self._take(event)
            self._arrival.notify_all()

    def _take(self, event: Event) -> None:
        self.events.append(event)
        if event["type"] == "hello":
            self.rooms = {info["id"]: Room(info["last_seq"]) for info in event["rooms"]}
        elif event["type"] == "room":
            self.rooms.setdefault(event["room"], Room(event["info"]["last_seq"]))
        elif event["type"] in ROOM_CHANGES:
            self.rooms.setdefault(event["room"], Room()).change(event)
        reply = self._replies.pop(event.get("ref", 0), None)
        if reply and not reply.done():
            reply.set_result(event)

    async def _acknowledge_much(self) -> None:
        frames = self.frames_received - self._frames_acknowledged
        if frames >= HEARTBEAT_FRAMES or self._bytes_unacknowledged >= HEARTBEAT_BYTES:
            await self._heartbeat()

    async def _beat(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await asyncio.sleep(HEARTBEAT_SECONDS)
                await self._heartbeat()

    async def _heartbeat(self) -> None:
        if self._heartbeats:
            self._frames_acknowledged = self.frames_received
            self._bytes_unacknowledged = 0
            await self.send({"type": "heartbeat", "received": self.frames_received})

    async def _nothing_more(self) -> None:
        async with self._arrival:
            self._ended = True
            for reply in self._replies.values():
                if not reply.done():
                    reply.set_exception(websockets.ConnectionClosed(None, None))
                    reply.exception()
            self._arrival.notify_all()


async def open_socket(
    server: Daphne, person: Person | str | None, *, origin: str | None = None, **options: Any
) -> ClientConnection:
    """A bare socket, the handshake done and nothing read."""
    person = server.people[person] if isinstance(person, str) else person
    cookies = {"Cookie": f"sessionid={person.session}"} if person else {}
    return await connect(
        f"ws{server.origin.removeprefix('http')}/ws/chat/?protocol=1",
        origin=websockets.Origin(server.origin if origin is None else origin),
        additional_headers=cookies,
        ssl=server.tls,
        **{
            "compression": None,
            "ping_interval": None,
            "max_size": None,
            "max_queue": None,
            **options,
        },
    )


class Tabs:
    """Opens tabs, and closes them all at the end of a test."""

    def __init__(self) -> None:
        self._open: list[ChatClient] = []

    async def __call__(self, server: Daphne, person: Person | str, **options: Any) -> ChatClient:
        client = await ChatClient.connect(server, person, **options)
        self._open.append(client)
        return client

    @contextlib.asynccontextmanager
    async def closing(self) -> AsyncIterator["Tabs"]:
        try:
            yield self
        finally:
            await asyncio.gather(*(client.close() for client in self._open))
