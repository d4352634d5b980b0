"""A page of one person, as the contract wants a page to behave, with books of all that it shows.

It comes back after every loss, says again what was not acknowledged, and asks for what is missing.
"""

import asyncio
import contextlib
import functools
import json
import random
from collections import Counter
from collections.abc import Sequence
from time import monotonic
from typing import Any
from uuid import uuid4

import websockets
from websockets.asyncio.client import ClientConnection

from tests.live.book import Event
from tests.live.client import ANSWERS_WITHIN, open_socket
from tests.live.scenery import Person
from tests.live.servers import Daphne

SHORTEST_CEILING, LONGEST_PAUSE = 0.5, 15.0
RESTART_SPREAD = 3.0
RESTARTING = 4412
FOR_GOOD = (4401, 4403)
WORTH_RETRYING = ("unavailable", "rate_limited")
PAGE = 50
LOST = (OSError, TimeoutError, websockets.WebSocketException)


@functools.lru_cache(1024)
def events_of(frame: str | bytes) -> list[Event]:
    """Not to be changed: all who hear the same share them, or a crowd would be busy reading."""
    events: list[Event] = json.loads(frame)
    return events


class Book:
    """What a page holds of a room. `at`: every change up to this number is known."""

    def __init__(self, last_seq: int) -> None:
        self.at = self.head = last_seq
        self.messages: dict[int, Event] = {}
        self.ahead: set[int] = set()
        self.complete_since = monotonic()
        """When `at` last moved."""
        self.falls = 0
        """How often a number was not above the one before it, on one connection."""
        self._latest = 0

    def new_connection(self, last_seq: int) -> None:
        self._latest = 0
        self.note_head(last_seq)

    def see(self, event: Event, *, in_its_place: bool) -> None:
        seq = event["seq"]
        if in_its_place:
            self.falls += seq <= self._latest
            self._latest = max(seq, self._latest)
        if seq > self.at:
            self.ahead.add(seq)
        self.note_head(seq)
        self.pass_known()
        if "message" in event:
            self.learn(event["message"])

    def learn(self, message: Event) -> None:
        known = self.messages.get(message["id"])
        if known is None or known["changed_seq"] < message["changed_seq"]:
            self.messages[message["id"]] = message

    def note_head(self, head: int) -> None:
        self.head = max(self.head, head)

    def move_to(self, seq: int) -> None:
        if seq > self.at:
            self.at = seq
            self.ahead = {each for each in self.ahead if each > seq}
            self.complete_since = monotonic()
        self.note_head(self.at)
        self.pass_known()

    def pass_known(self) -> None:
        while self.at + 1 in self.ahead:
            self.at += 1
            self.ahead.discard(self.at)
            self.complete_since = monotonic()

    def drop(self, last_seq: int) -> None:
        """After `reset`: what was held no longer counts."""
        self.messages.clear()
        self.ahead.clear()
        self.at = self.head = last_seq

    @property
    def log(self) -> list[Event]:
        return sorted(self.messages.values(), key=lambda message: int(message["seq"]))


class Member:
    """`servers` are those that a balancer would choose from.

    `acknowledged` maps each `client_id` to the number of its `posted`; `returns` holds the seconds
    from each loss to being back and caught up, `closes` every close code, `delays` the seconds from
    somebody's first try to say something until it is shown here, `waits` those until a word of its
    own is acknowledged, `answer_waits` those from each try to its answer.
    """

    def __init__(
        self,
        servers: Sequence[Daphne],
        person: Person,
        said_at: dict[str, float],
        *,
        heartbeat: float = 25.0,
    ) -> None:
        self.servers, self.person, self.said_at = servers, person, said_at
        self.rooms: dict[int, Book] = {}
        self.acknowledged: dict[str, int] = {}
        self.refusals: list[Event] = []
        self.returns: list[float] = []
        self.delays: list[float] = []
        self.waits: list[float] = []
        self.answer_waits: list[float] = []
        self._tried_at: dict[str, float] = {}
        self._tries: Counter[str] = Counter()
        self.refused = 0
        """Answers of 500 and above to the handshake."""
        self.syncs = 0
        self.resets = 0
        self.closes: list[int] = []
        self.last_acknowledged = 0.0
        self.epoch = ""
        self.heartbeat = heartbeat
        self._outbox: dict[str, Event] = {}
        self._socket: ClientConnection | None = None
        self._received = self._acknowledged_frames = self._bytes = 0
        self._syncing: dict[int, asyncio.Future[Event]] = {}
        self._catching_up: dict[int, asyncio.Task[None]] = {}
        self._asides: set[asyncio.Task[None]] = set()
        self._refs = 0
        self._failures = 0
        self._lost_at = 0.0
        self._arrival = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def enter(self) -> None:
        """Returns once it is online."""
        self._task = asyncio.create_task(self._live())
        await self.until(lambda: self.online, 60)

    @property
    def online(self) -> bool:
        return self._socket is not None and bool(self.rooms)

    @property
    def caught_up(self) -> bool:
        """Online, and no loss is left to be made up for."""
        lost = self._socket is not None and self._socket.transport.is_closing()
        return self.online and not lost and not self._lost_at

    @property
    def unsent(self) -> int:
        """What it has said and not heard acknowledged."""
        return len(self._outbox)

    def say(self, room: int, body: str, client_id: str = "") -> str:
        """Says it, as often as it takes. Returns its `client_id`."""
        client_id = client_id or uuid4().hex
        self.said_at.setdefault(client_id, monotonic())
        self._outbox[client_id] = {
            "type": "post",
            "room": room,
            "client_id": client_id,
            "body": body,
        }
        self._later(self._send(self._outbox[client_id]))
        return client_id

    async def until(self, condition: Any, within: float) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(within):
            while not condition():
                self._arrival.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.5):
                        await self._arrival.wait()

    async def leave(self) -> None:
        for task in [self._task, *self._catching_up.values(), *self._asides]:
            if task:
                task.cancel()
        if self._socket:
            self._socket.transport.abort()
            self._socket = None

    async def drop(self) -> None:
        """As when the network goes: no goodbye. It comes back by itself."""
        if self._socket:
            self._socket.transport.abort()

    # -- one connection after another --

    async def _live(self) -> None:
        while True:
            code = await self._one_connection()
            self.closes.append(code)
            if code in FOR_GOOD:
                return
            self._lost_at = self._lost_at or monotonic()
            await asyncio.sleep(self._pause(code))

    def _pause(self, code: int) -> float:
        if code == RESTARTING:
            return random.random() * RESTART_SPREAD
        self._failures += 1
        ceiling = SHORTEST_CEILING * 2.0 ** (self._failures - 1)
        return random.random() * min(LONGEST_PAUSE, ceiling)

    async def _one_connection(self) -> int:
        """Returns the code with which it closed."""
        socket = None
        try:
            async with asyncio.timeout(15):
                socket = await open_socket(random.choice(self.servers), self.person)
                hello = await self._hello(socket)
        except LOST as loss:
            self._note_refusal(loss)
            if socket:
                socket.transport.abort()
            return int((socket and socket.close_code) or 1006)
        self._socket = socket
        beating = asyncio.create_task(self._beat())
        try:
            await self._come_back(hello)
            async for frame in socket:
                await self._hear(frame)
        except LOST:
            pass
        finally:
            beating.cancel()
            self._socket = None
            self._give_up_questions()
        return socket.close_code or 1006

    def _note_refusal(self, loss: Exception) -> None:
        if isinstance(loss, websockets.InvalidStatus):
            self.refused += loss.response.status_code >= 500

    async def _hello(self, socket: ClientConnection) -> Event:
        self._received = self._acknowledged_frames = self._bytes = 0
        frame = await socket.recv()
        self._received = 1
        hello: Event = json.loads(frame)[0]
        assert hello["type"] == "hello", hello
        return hello

    async def _come_back(self, hello: Event) -> None:
        self.epoch = self.epoch or hello["epoch"]
        for info in hello["rooms"]:
            book = self.rooms.setdefault(info["id"], Book(info["last_seq"]))
            book.new_connection(info["last_seq"])
        back = [self._fetch(room) for room in self.rooms] if self._lost_at else []
        self._later(self._catch_up_all(back))
        for post in list(self._outbox.values()):
            await self._send(post)
        self._arrival.set()

    async def _catch_up_all(self, questions: list[Any]) -> None:
        await asyncio.gather(*questions)
        self._failures = 0
        if self._lost_at and self._socket:
            self.returns.append(monotonic() - self._lost_at)
            self._lost_at = 0.0
            self._arrival.set()

    # -- what comes --

    async def _hear(self, frame: str | bytes) -> None:
        self._received += 1
        self._bytes += len(frame)
        for event in events_of(frame):
            self._take(event)
        self._arrival.set()
        if self._received - self._acknowledged_frames >= 64 or self._bytes >= 256 * 1024:
            await self._say_received()

    def _take(self, event: Event) -> None:
        match event["type"]:
            case "message" | "posted" | "changed" | "skipped":
                self._change(event)
            case "heartbeat":
                self._note_heads(event["heads"])
        if "client_id" in event:
            self._answered(event)
        if (reply := self._syncing.pop(event.get("ref", 0), None)) and not reply.done():
            reply.set_result(event)
        for each in self.rooms:
            self._mind_the_gap(each)

    def _change(self, event: Event) -> None:
        book = self.rooms.get(event["room"])
        if book is None:
            return
        self._note_delay(event)
        # What was said again is answered at once, wherever its number stands.
        book.see(event, in_its_place=not self._was_said_again(event))

    def _was_said_again(self, event: Event) -> bool:
        return event["type"] == "posted" and self._tries[event["client_id"]] > 1

    def _note_heads(self, heads: dict[str, int]) -> None:
        for room, head in heads.items():
            if int(room) in self.rooms:
                self.rooms[int(room)].note_head(head)

    def _answered(self, event: Event) -> None:
        """`posted`, or an error to a post."""
        client_id = event["client_id"]
        if tried_at := self._tried_at.pop(client_id, 0):
            self.answer_waits.append(monotonic() - tried_at)
        if event["type"] == "error":
            self._refused(event)
        else:
            self._acknowledged(event)

    def _acknowledged(self, event: Event) -> None:
        client_id = event["client_id"]
        if self._outbox.pop(client_id, None):
            self.waits.append(monotonic() - self.said_at[client_id])
        self.acknowledged[client_id] = event["seq"]
        self.last_acknowledged = monotonic()

    def _note_delay(self, event: Event) -> None:
        said = self.said_at.get(event.get("message", {}).get("client_id", ""))
        if said and event["type"] == "message":
            self.delays.append(monotonic() - said)

    def _refused(self, event: Event) -> None:
        self.refusals.append(event)
        post = self._outbox.get(event.get("client_id", ""))
        if post and event["code"] in WORTH_RETRYING:
            pause = event.get("retry_after", 0) + random.uniform(0.1, 1)
            self._later(self._send_after(pause, post))

    async def _send_after(self, pause: float, post: Event) -> None:
        await asyncio.sleep(pause)
        if post["client_id"] in self._outbox:
            await self._send(post)

    def _mind_the_gap(self, room: int) -> None:
        book = self.rooms[room]
        if book.at < book.head and room not in self._catching_up:
            task = asyncio.create_task(self._wait_and_fetch(room))
            self._catching_up[room] = task
            task.add_done_callback(lambda _: self._catching_up.pop(room, None))

    async def _wait_and_fetch(self, room: int) -> None:
        await asyncio.sleep(random.uniform(0.3, 1))
        if self._socket and self.rooms[room].at < self.rooms[room].head:
            await self._fetch(room)

    async def _fetch(self, room: int) -> None:
        book = self.rooms[room]
        with contextlib.suppress(*LOST, asyncio.CancelledError):
            while True:
                answer = await self._ask(room, book.at)
                if answer["type"] == "reset":
                    self.resets += 1
                    self.epoch = answer["epoch"]
                    book.drop(max(answer["last_seq"] - PAGE, 0))
                    continue
                if answer["type"] == "error":
                    return
                for message in answer["messages"]:
                    book.learn(message)
                    book.move_to(message["changed_seq"])
                if not answer["more"]:
                    book.move_to(answer["last_seq"])
                    return

    async def _ask(self, room: int, after: int) -> Event:
        self.syncs += 1
        self._refs += 1
        ref = self._refs
        reply = self._syncing[ref] = asyncio.get_running_loop().create_future()
        question = {"type": "sync", "ref": ref, "room": room, "after": after, "epoch": self.epoch}
        await self._send(question)
        answer: Event = await asyncio.wait_for(reply, ANSWERS_WITHIN * 2)
        return answer

    def _give_up_questions(self) -> None:
        for reply in self._syncing.values():
            reply.cancel()
        self._syncing.clear()

    # -- what goes --

    async def _beat(self) -> None:
        with contextlib.suppress(*LOST):
            while True:
                await asyncio.sleep(self.heartbeat * random.uniform(0.9, 1))
                await self._say_received()

    async def _say_received(self) -> None:
        self._acknowledged_frames, self._bytes = self._received, 0
        await self._send({"type": "heartbeat", "received": self._received})

    async def _send(self, frame: Event) -> None:
        if self._socket:
            if client_id := frame.get("client_id"):
                self._tried_at[client_id] = monotonic()
                self._tries[client_id] += 1
            with contextlib.suppress(*LOST):
                await self._socket.send(json.dumps(frame))

    def _later(self, coroutine: Any) -> None:
        task = asyncio.create_task(coroutine)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)
