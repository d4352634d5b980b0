"""One account, from one address, doing its worst, in a process of its own.

`python -m tests.drills.attackers ADDRESS SESSION ROOM MESSAGE` prints a line when all have begun,
and goes on until it is killed: then, a line of JSON a kind, how often each came through.
"""

import asyncio
import contextlib
import json
import random
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import websockets
from websockets.asyncio.client import ClientConnection, connect

FROM = "203.0.113.7"
"""Where they say that they come from, to a server that trusts a proxy."""

PAUSE = 0.01
"""Seconds: just below what closes a connection for flooding, a hundred frames a second."""

LONG = "話" * 9_000
FAULTS = (OSError, TimeoutError, websockets.WebSocketException, asyncio.IncompleteReadError)


@dataclass
class Attacker:
    address: str
    session: str
    room: int
    message: int
    done: Counter[str] = field(default_factory=Counter)

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": f"sessionid={self.session}", "X-Forwarded-For": FROM}

    @contextlib.asynccontextmanager
    async def socket(self) -> AsyncIterator[ClientConnection]:
        """One that hears what comes, as it is cut off else."""
        socket = await connect(
            f"ws://{self.address}/ws/chat/?protocol=1",
            origin=websockets.Origin(f"http://{self.address}"),
            additional_headers=self.headers,
            compression=None,
            ping_interval=None,
            max_size=None,
        )
        hearing = asyncio.create_task(hear(socket))
        try:
            yield socket
        finally:
            hearing.cancel()
            socket.transport.abort()

    async def request(self, head: str, body: Iterable[bytes] = (), cookies: str = "") -> bytes:
        """Returns what is answered, up to 200 KB of it."""
        host, port = self.address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        lines = [head, f"Host: {self.address}", f"X-Forwarded-For: {FROM}", "Connection: close"]
        lines += [f"Origin: http://{self.address}", *([f"Cookie: {cookies}"] if cookies else [])]
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode())
            for part in body:
                writer.write(part)
                await writer.drain()
            return await asyncio.wait_for(reader.read(200_000), 10)
        finally:
            writer.transport.abort()


async def hear(socket: ClientConnection) -> None:
    """Acknowledges all that comes, else one is shut for what is not read."""
    received = 0
    with contextlib.suppress(*FAULTS):
        async for _frame in socket:
            received += 1
            if received % 64 == 0:
                await socket.send(json.dumps({"type": "heartbeat", "received": received}))


def commands(make: Callable[[Attacker, int], dict[str, object]]) -> "Attack":
    """Frame after frame of what `make` makes of a number."""

    async def attack(attacker: Attacker) -> None:
        async with attacker.socket() as socket:
            for number in range(1_000_000):
                await socket.send(json.dumps(make(attacker, number)))
                attacker.done[make.__name__] += 1
                await asyncio.sleep(PAUSE)

    return attack


def reaction(attacker: Attacker, number: int) -> dict[str, object]:
    where = {"room": attacker.room, "message": attacker.message}
    return {"type": "react", **where, "emoji": "👍", "on": number % 2 == 0}


def edit(attacker: Attacker, number: int) -> dict[str, object]:
    where = {"room": attacker.room, "message": attacker.message}
    return {"type": "edit", **where, "body": f"{LONG} {number}"}


def mark(attacker: Attacker, number: int) -> dict[str, object]:
    return {"type": "read", "room": attacker.room, "seq": number % 7}


def sync(attacker: Attacker, _number: int) -> dict[str, object]:
    return {"type": "sync", "room": attacker.room, "after": 0}


def typing(attacker: Attacker, _number: int) -> dict[str, object]:
    return {"type": "typing", "room": attacker.room}


async def pings(attacker: Attacker) -> None:
    async with attacker.socket() as socket:
        while True:
            for _ping in range(20):
                await socket.ping(random.randbytes(125))
                attacker.done["ping"] += 1
            await asyncio.sleep(0)


async def fragments(attacker: Attacker) -> None:
    """Of one message, each of them empty."""
    async with attacker.socket() as socket:

        async def empty() -> AsyncIterator[str]:
            while True:
                attacker.done["fragment"] += 1
                yield ""
                if attacker.done["fragment"] % 50 == 0:
                    await asyncio.sleep(0)

        await socket.send(empty())


async def connects(attacker: Attacker) -> None:
    async with attacker.socket() as socket:
        attacker.done["connect"] += 1
        await socket.ping()


async def bodies(attacker: Attacker) -> None:
    size = 50 * 1024 * 1024
    head = f"POST /accounts/login/ HTTP/1.1\r\nContent-Length: {size}"
    attacker.done["body"] += 1
    await attacker.request(head, (b"x" * 65_536 for _ in range(size // 65_536)))


async def trickles(attacker: Attacker) -> None:
    host, port = attacker.address.split(":")
    _reader, writer = await asyncio.open_connection(host, int(port))
    attacker.done["trickle"] += 1
    try:
        writer.write(b"POST /accounts/login/ HTTP/1.1\r\nContent-Length: 1000\r\n")
        while not writer.transport.is_closing():
            writer.write(b"X")
            await writer.drain()
            await asyncio.sleep(1)
    finally:
        writer.transport.abort()


async def sign_ins(attacker: Attacker) -> None:
    await form(attacker, "/accounts/login/", "", login="dave", password="a guess")
    attacker.done["sign-in"] += 1


async def names(attacker: Attacker) -> None:
    name = f"Mallory {attacker.done['name']}"
    await form(attacker, "/accounts/profile/", f"sessionid={attacker.session}", name=name)
    attacker.done["name"] += 1


async def form(attacker: Attacker, path: str, cookies: str, **fields: str) -> None:
    page = await attacker.request(f"GET {path} HTTP/1.1", cookies=cookies)
    token = re.search(rb'csrfmiddlewaretoken" value="([^"]+)', page)
    cookie = re.search(rb"csrftoken=(\w+)", page)
    if not token or not cookie:
        return
    body = urlencode({"csrfmiddlewaretoken": token[1].decode(), **fields}).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}"
    )
    own = f"{cookies}; csrftoken={cookie[1].decode()}".removeprefix("; ")
    await attacker.request(head, [body], own)


Attack = Callable[[Attacker], Awaitable[None]]
ATTACKS: list[tuple[int, Attack]] = [
    *((each, commands(make)) for each, make in ((6, reaction), (2, edit), (2, mark), (2, sync))),
    (2, commands(typing)),
    (2, pings),
    (2, fragments),
    (4, connects),
    (2, bodies),
    (20, trickles),
    (2, sign_ins),
    (1, names),
]
"""How many do each at once."""


async def main(address: str, session: str, room: str, message: str) -> None:
    attacker = Attacker(address, session, int(room), int(message))
    attacks = [again_and_again(attack, attacker) for count, attack in ATTACKS for _ in range(count)]
    running = asyncio.gather(*attacks)
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.to_thread(sys.stdin.read)
    running.cancel()
    sys.stdout.write(json.dumps(attacker.done) + "\n")
    sys.stdout.flush()


async def again_and_again(attack: Attack, attacker: Attacker) -> None:
    while True:
        with contextlib.suppress(*FAULTS):
            await attack(attacker)
        await asyncio.sleep(PAUSE)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
