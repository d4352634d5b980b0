"""Clients that don't read, and their like that do, in a process of their own: what it costs to be
them is not to slow down the others, whose delays are measured.

`python -m tests.drills.bad_readers KIND ADDRESS SESSION COUNT` prints a line when all are
connected, and then the seconds until each was cut off.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import websockets
from websockets.asyncio.client import ClientConnection, connect

from tests.drills.waiting import until

GIVE_UP = 120.0
MANY_BYTES = 256 * 1024
TALKATIVE = 0.02
"""Seconds between two heartbeats of those who say that they read."""

ESTABLISHED = "01"

Behaviour = Callable[[ClientConnection], Awaitable[None]]


async def main(kind: str, address: str, session: str, count: str) -> None:
    sockets = [await opened(address, session) for _ in range(int(count))]
    sys.stdout.write("connected\n")
    sys.stdout.flush()
    seconds = await asyncio.gather(*(seconds_until_cut(socket, KINDS[kind]) for socket in sockets))
    sys.stdout.write(json.dumps(seconds))


async def opened(address: str, session: str) -> ClientConnection:
    return await connect(
        f"ws://{address}/ws/chat/?protocol=1",
        origin=websockets.Origin(f"http://{address}"),
        additional_headers={"Cookie": f"sessionid={session}"},
        compression=None,
        ping_interval=None,
        max_size=None,
        max_queue=1,
    )


async def seconds_until_cut(socket: ClientConnection, behave: Behaviour) -> float:
    started = time.monotonic()
    with contextlib.suppress(websockets.ConnectionClosed, OSError):
        await behave(socket)
    socket.transport.abort()
    return time.monotonic() - started


async def reads(socket: ClientConnection) -> None:
    """As a page does that only listens."""
    received = unacknowledged = 0
    async for frame in socket:
        received += 1
        unacknowledged += len(frame)
        if unacknowledged >= MANY_BYTES:
            unacknowledged = 0
            await socket.send(heartbeat(received))


async def never_reads(socket: ClientConnection) -> None:
    socket.transport.pause_reading()
    await until(lambda: is_cut(socket), GIVE_UP)


async def reads_and_says_so(socket: ClientConnection) -> None:
    """As often as the one below says what is not so."""
    received = 0

    async def count() -> None:
        nonlocal received
        async for _ in socket:
            received += 1

    counting = asyncio.create_task(count())
    while not counting.done():
        await socket.send(heartbeat(received))
        await asyncio.sleep(TALKATIVE)


async def never_reads_but_says_that_it_did(socket: ClientConnection) -> None:
    """It counts up with every frame that it might have got."""
    socket.transport.pause_reading()
    received = 0
    while not is_cut(socket):
        # One more than was sent is refused and does no harm; so it guesses upward.
        received += 1
        await socket.send(heartbeat(received))
        await asyncio.sleep(TALKATIVE)


KINDS = {
    kind.__name__: kind
    for kind in (reads, never_reads, reads_and_says_so, never_reads_but_says_that_it_did)
}


def heartbeat(received: int) -> str:
    return json.dumps({"type": "heartbeat", "received": received})


def is_cut(socket: ClientConnection) -> bool:
    """Whether the server hung up: seen from the kernel, as nothing is read here."""
    return tcp_state(socket.transport.get_extra_info("sockname")[1]) != ESTABLISHED


def tcp_state(local_port: int) -> str:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].rpartition(":")[2], 16) == local_port:
            return fields[3]
    return ""


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
