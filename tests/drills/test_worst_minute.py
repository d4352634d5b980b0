"""One account and one address do their worst, all at once: the others hardly notice."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator

import pytest

from tests.drills.conftest import Report, Scale
from tests.drills.crowd import Crowd, crowd_of, percentile
from tests.drills.test_bad_clients import measured_memory
from tests.live.client import ChatClient
from tests.live.servers import Daphne, Uvicorn
from tests.live.site import Site

RATE = 20
NICE = "nice", "-n", "19", sys.executable
NOISE = 30.0
"""Milliseconds: the p95 of some hundred words hangs on a few of them, and a disk may hold these."""


@pytest.mark.full
@pytest.mark.alone
@pytest.mark.parametrize(
    ("kind", "store"),
    [
        (Daphne, "sqlite"),
        (Uvicorn, "postgres"),
        (Daphne, "postgres"),
        (Uvicorn, "sqlite"),
    ],
    ids=["daphne", "uvicorn with Redis", "daphne with Redis", "uvicorn"],
)
async def test_who_does_their_worst_for_a_minute_delays_nobody(
    request: pytest.FixtureRequest, kind: type[Daphne], store: str, scale: Scale, report: Report
) -> None:
    site = site_on(request, store)
    server = site.serve(kind, TRUST_PROXY="1", CHAT_POST_RATE="5")
    async with crowd_of(site, [server], scale(10, 30)) as crowd:
        await crowd.talk(1, RATE)
        async with a_busy_neighbour():
            usual = await acknowledged_p95(crowd, scale(5, 20))
        async with measured_memory(server) as grown, an_attack(server) as process:
            meanwhile = await acknowledged_p95(crowd, scale(10, 60))
            assert process.returncode is None
            done = await ended(process)
        report(
            **crowd.figures(),
            usual_p95_ms=usual,
            meanwhile_p95_ms=meanwhile,
            memory_mib=grown(),
            attacks=done,
        )
        assert all(done.get(each) for each in ("reaction", "edit", "sync", "ping", "fragment"))
        assert all(done.get(each) for each in ("connect", "body", "trickle", "sign-in", "name"))
        assert meanwhile <= max(2 * usual, NOISE)
        assert grown() <= 50
        assert not any(member.closes for member in crowd.members)


def site_on(request: pytest.FixtureRequest, store: str) -> Site:
    """PostgreSQL's comes with a Redis."""
    site: Site = request.getfixturevalue(f"{store}_site")
    return site


async def acknowledged_p95(crowd: Crowd, seconds: float) -> float:
    """In milliseconds."""
    crowd.forget_delays()
    await crowd.talk(seconds, RATE)
    await crowd.until_all_said(60)
    waits = [wait for member in crowd.members for wait in member.waits]
    return percentile(waits, 0.95, 1000) or 0.0


@contextlib.asynccontextmanager
async def a_busy_neighbour() -> AsyncIterator[None]:
    """Takes what an attacker takes who has no machine of their own: a core that is idle."""
    process = await asyncio.create_subprocess_exec(*NICE, "-c", "while True: pass")
    try:
        yield
    finally:
        process.kill()
        await process.wait()


@contextlib.asynccontextmanager
async def an_attack(server: Daphne) -> AsyncIterator[asyncio.subprocess.Process]:
    """By dave, in the room where all are, about a message of his own."""
    dave = await ChatClient.connect(server, "dave")
    room = next(iter(dave.rooms))
    posted = await dave.post(room, "the last peaceful word")
    await dave.close()
    where = f"127.0.0.1:{server.port}", server.people["dave"].session
    process = await asyncio.create_subprocess_exec(
        *(*NICE, "-m", "tests.drills.attackers", *where),
        *(str(room), str(posted["message"]["id"])),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    assert await process.stdout.readline() == b"begun\n"
    yield process
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


async def ended(process: asyncio.subprocess.Process) -> dict[str, int]:
    """How often they did each."""
    assert process.stdin
    assert process.stdout
    process.stdin.close()
    done: dict[str, int] = json.loads(await process.stdout.readline())
    return done
