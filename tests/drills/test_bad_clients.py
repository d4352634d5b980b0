"""Clients that never read, lie, flood, or send what nobody can read: they harm nobody else."""

import asyncio
import contextlib
import json
import random
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import websockets
from hypothesis import strategies as st

from tests.drills.conftest import Report, Scale
from tests.drills.crowd import Crowd, crowd_of
from tests.drills.waiting import until
from tests.live.client import open_socket
from tests.live.servers import Daphne, Uvicorn
from tests.live.site import Site

MEBIBYTE = 1024 * 1024
CUT_WITHIN = 60.0
LONG = "話" * 9_000
"""27 KB a post, and as much again as HTML: few of them fill a reader's share, at little cost."""

RATE = 20

NOISE = 25.0
"""Milliseconds: the p95 of some hundred words hangs on five of them, and a disk that flushes twice
or a thread that keeps the interpreter for its 5 ms, thrice, is no reader's fault."""


def resident_mebibytes(server: Daphne) -> float:
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


@contextlib.asynccontextmanager
async def measured_memory(server: Daphne) -> AsyncIterator[Callable[[], float]]:
    """Calling it tells how much more the server held at its highest than at the start."""
    before = highest = resident_mebibytes(server)

    async def watch() -> None:
        nonlocal highest
        while True:
            highest = max(highest, resident_mebibytes(server))
            await asyncio.sleep(0.1)

    watching = asyncio.create_task(watch())
    yield lambda: round(highest - before, 1)
    watching.cancel()


@contextlib.asynccontextmanager
async def three_who(server: Daphne, kind: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Three more connections to the room, which behave as `bad_readers` says."""
    address, session = f"127.0.0.1:{server.port}", server.people["dave"].session
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.drills.bad_readers", kind, address, session, "3"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    assert await process.stdout.readline() == b"connected\n"
    yield process
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


NEVER_READS = "never_reads", "reads"
LIES = "never_reads_but_says_that_it_did", "reads_and_says_so"


@pytest.mark.alone
@pytest.mark.parametrize(
    ("kind", "ways"),
    [
        (Daphne, NEVER_READS),
        (Uvicorn, LIES),
        pytest.param(Daphne, LIES, marks=pytest.mark.full),
        pytest.param(Uvicorn, NEVER_READS, marks=pytest.mark.full),
    ],
)
async def test_who_never_reads_is_cut_off_and_slows_nobody(
    sqlite_site: Site, kind: type[Daphne], ways: tuple[str, str], scale: Scale, report: Report
) -> None:
    """Compared with as many who say as much, and do read."""
    server = sqlite_site.serve(kind)
    badly, well = ways
    async with crowd_of(sqlite_site, [server], scale(10, 30)) as crowd:
        await crowd.talk(1, RATE, LONG)
        async with three_who(server, well):
            usual = await delay_meanwhile(crowd, crowd.talk(scale(5, 15), RATE, LONG))
        async with measured_memory(server) as grown, three_who(server, badly) as readers:
            others = await delay_meanwhile(crowd, talk_until_ended(crowd, readers))
            assert readers.stdout
            took = max(json.loads(await readers.stdout.read()))
            report(
                cut_s=round(took, 1), memory_mib=grown(), usual_p95_ms=usual, others_p95_ms=others
            )
            assert took <= CUT_WITHIN
            assert grown() <= 50
            assert others <= max(2 * usual, NOISE)
        await crowd.settle()


async def delay_meanwhile(crowd: Crowd, talk: Coroutine[None, None, None]) -> float:
    """Milliseconds in which nearly all that is said meanwhile is shown to those who read."""
    crowd.forget_delays()
    await talk
    await crowd.until_all_said(60)
    return float(crowd.figures()["shown_p95_ms"])


async def talk_until_ended(crowd: Crowd, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(2 * CUT_WITHIN):
        while process.returncode is None:
            await crowd.talk(0.5, RATE, LONG)


async def test_a_flood_is_closed_with_4429_and_costs_no_memory(
    sqlite_site: Site, report: Report
) -> None:
    server = sqlite_site.serve()
    async with crowd_of(sqlite_site, [server], 10) as crowd:
        talking = asyncio.create_task(crowd.talk(6, 10))
        async with measured_memory(server) as grown:
            code, sent = await flood(server, 180 * MEBIBYTE)
            await talking
            report(**await crowd.settle(), code=code, sent_mib=sent, memory_mib=grown())
            assert code in (4429, 1006)
            assert grown() <= 50
            assert not any(member.closes for member in crowd.members)


async def flood(server: Daphne, size: int) -> tuple[int, int]:
    """Sends so many bytes in frames that are all right. Returns the close code and MiB sent."""
    socket = await open_socket(server, "dave")
    frame = json.dumps({"type": "typing", "room": 1, "padding": "x" * 200_000})
    sent = 0
    with contextlib.suppress(websockets.ConnectionClosed, OSError):
        async with asyncio.timeout(60):
            while sent < size:
                await socket.send(frame)
                sent += len(frame)
    async with asyncio.timeout(20):
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await socket.recv()
    return socket.close_code or 1006, sent // MEBIBYTE


COMMANDS = ["post", "edit", "delete", "react", "sync", "read", "watch", "typing", "heartbeat"]
FIELDS = ["room", "client_id", "body", "message", "emoji", "on", "after", "limit", "epoch", "seq"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), children, max_size=4)
    ),
    max_leaves=10,
)
FRAMES = st.fixed_dictionaries(
    {"type": st.sampled_from(COMMANDS) | ANYTHING, "ref": ANYTHING},
    optional=dict.fromkeys([*FIELDS, "rooms", "received", "reply_to", "attachments"], ANYTHING),
)
BY_HAND: list[str | bytes] = [
    "",
    "null",
    "[]",
    "{",
    "[" * 200_000,
    '{"type": ' * 20_000,
    '{"type": "post", "room": NaN}',
    '{"type": "post", "room": 1e400}',
    '{"type": "sync", "room": 1, "after": 123456789012345678901234567890}',
    '{"type": "post", "room": 1, "client_id": "a", "body": "\\ud800"}',
    '{"type": "post", "room": 1, "client_id": "b", "body": "\\u0000"}',
    '{"type": "post", "room": 1, "client_id": "\\n", "body": "c"}',
    '{"type": "chat.hint", "from": "", "hint": {}}',
    '{"type": "websocket.close"}',
    '{"__class__": "x", "type": "__init__"}',
    b"\x00\x01\xff",
]


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
async def test_malformed_frames_end_as_errors_and_leave_no_traceback(
    sqlite_site: Site, scale: Scale, report: Report
) -> None:
    server = sqlite_site.serve()
    async with crowd_of(sqlite_site, [server], 10) as crowd:
        talking = asyncio.create_task(crowd.talk(5, 10))
        total = scale(2_000, 10_000)
        kinds = [FRAMES.example() for _ in range(100)]
        answers = 0
        for start in range(0, total, 500):
            frames = [malformed(kinds) for _ in range(min(500, total - start))]
            answers += await send_all(server, frames)
        await talking
        report(**await crowd.settle(), malformed=total, answers=answers)
        assert answers >= total * 0.9
        assert not any(member.closes for member in crowd.members)
    assert "Traceback" not in server.log()
    assert "trace=" not in server.log()


def malformed(kinds: list[dict[str, Any]]) -> str | bytes:
    if random.random() < 0.1:
        return random.choice(BY_HAND[:4] + BY_HAND[6:])
    frame = {**random.choice(kinds), **random.choice(kinds)}
    return json.dumps(frame)[: random.choice([None, None, 7, -1])]


async def send_all(server: Daphne, frames: list[str | bytes]) -> int:
    """On a connection of their own. Returns how many events came back beside `hello`."""
    socket = await open_socket(server, "carol")
    events = 0

    async def count() -> None:
        nonlocal events
        async for text in socket:
            events += len([each for each in json.loads(text) if each["type"] != "message"])

    counting = asyncio.create_task(count())
    for frame in frames:
        await socket.send(frame)
    await socket.send(json.dumps({"type": "heartbeat", "received": 0, "ref": 1}))
    await until(lambda: events >= len(frames) * 0.9, 60)
    assert socket.close_code is None
    await socket.close()
    counting.cancel()
    return events


async def test_frames_as_deep_or_as_long_as_may_be_end_as_errors(sqlite_site: Site) -> None:
    server = sqlite_site.serve()
    for frame in BY_HAND:
        socket = await open_socket(server, "carol")
        await socket.recv()
        await socket.send(frame)
        async with asyncio.timeout(20):
            event = json.loads(await socket.recv())[0]
            while event["type"] in ("presence", "message"):
                event = json.loads(await socket.recv())[0]
        assert event["type"] in ("error", "posted"), (frame[:80], event)
        await socket.close()
    assert "trace=" not in server.log()
