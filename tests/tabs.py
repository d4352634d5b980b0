"""Open pages, as far as a WebSocket goes, inside the test's own process."""

import asyncio
import json
from time import monotonic
from typing import Any

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import Client

from chat.models import User
from chat.routing import websocket_application

Event = dict[str, Any]

PATIENCE = 10.0
"""Seconds for what surely comes."""


class Closed(Exception):
    """The server closed the socket, with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Tab:
    """A page's socket: what it says, and what it hears in order."""

    def __init__(self, cookie: str, language: str = "", address: str = "127.0.0.1") -> None:
        headers = [(b"host", b"testserver"), (b"origin", b"http://testserver")]
        headers += [(b"cookie", cookie.encode())] if cookie else []
        headers += [(b"accept-language", language.encode())] if language else []
        path = "/ws/chat/?protocol=1"
        self.socket = WebsocketCommunicator(websocket_application, path, headers)
        self.socket.scope["client"] = [address, 4711]
        self.events: list[Event] = []
        self.frames = 0
        self._refs = 0

    async def open(self) -> Event:
        """The server's hello."""
        admitted, _protocol = await self.socket.connect(timeout=PATIENCE)
        assert admitted
        return await self.expect("hello")

    async def close(self) -> None:
        await self.socket.disconnect(timeout=PATIENCE)

    async def say(self, **command: Any) -> None:
        await self.socket.send_to(text_data=json.dumps(command))

    async def ask(self, kind: str, **fields: Any) -> Event:
        """The reply to a command; an error is a reply as well."""
        self._refs += 1
        await self.say(type=kind, ref=self._refs, **fields)
        return await self.expect(ref=self._refs)

    async def post(self, room: int, client_id: str, body: str = "hello", **fields: Any) -> Event:
        return await self.ask("post", room=room, client_id=client_id, body=body, **fields)

    async def expect(self, kind: str | None = None, **fields: Any) -> Event:
        """The next event of that kind and with those fields; it and what came before are gone."""
        wanted = fields if kind is None else {"type": kind} | fields
        deadline = monotonic() + PATIENCE
        while True:
            while self.events:
                event = self.events.pop(0)
                if event.items() >= wanted.items():
                    return event
            await self._read(deadline - monotonic())

    async def _read(self, within: float) -> None:
        message = await asyncio.wait_for(self.socket.output_queue.get(), within)
        if message["type"] == "websocket.close":
            raise Closed(message["code"])
        self.frames += 1
        events = json.loads(message["text"])
        assert isinstance(events, list)
        self.events += events

    async def heard(self) -> list[Event]:
        """What came that was not asked for: a heartbeat's answer tells that all of it is here."""
        self._refs += 1
        await self.say(type="heartbeat", received=0, ref=self._refs)
        while not (self.events and self.events[-1].get("ref") == self._refs):
            await self._read(PATIENCE)
        events, self.events = self.events[:-1], []
        return events

    async def closing(self) -> int:
        """The code with which the server closes the socket."""
        try:
            while True:
                await self._read(PATIENCE)
        except Closed as closed:
            return closed.code


class Tabs:
    """All that a test has open."""

    def __init__(self) -> None:
        self._open: list[Tab] = []

    async def __call__(self, user: User) -> Tab:
        """One more for this person, signed in anew."""
        tab, _hello = await self.greeted(await cookie_of(user))
        return tab

    async def greeted(self, cookie: str, address: str = "127.0.0.1") -> tuple[Tab, Event]:
        tab = Tab(cookie, address=address)
        self._open.append(tab)
        return tab, await tab.open()

    async def close(self) -> None:
        for tab in self._open:
            await tab.close()


@sync_to_async
def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"
