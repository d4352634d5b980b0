"""The database is away, locked or full: nothing is acknowledged that was not stored."""

import asyncio
import contextlib
import resource
import sqlite3
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path

import pytest

from tests.drills.conftest import Report, Scale
from tests.drills.crowd import Crowd, crowd_of
from tests.live.servers import Daphne, PrivatePostgres
from tests.live.site import PreparedPostgres, Site

ANSWERED_WITHIN = 12.0
"""Seconds in which even a frozen database is given up, and `unavailable` said."""


async def killed(postgres: PrivatePostgres, seconds: float) -> None:
    await asyncio.to_thread(postgres.kill9)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(postgres.start)


async def restarted(postgres: PrivatePostgres, _seconds: float) -> None:
    await asyncio.to_thread(postgres.terminate)
    await asyncio.to_thread(postgres.start)


async def frozen(postgres: PrivatePostgres, seconds: float) -> None:
    postgres.freeze()
    await asyncio.sleep(seconds)
    postgres.thaw()


@pytest.mark.parametrize("fault", [killed, pytest.param(restarted, marks=pytest.mark.full), frozen])
async def test_a_postgresql_that_is_away_costs_time_and_nothing_else(
    own_postgres_site: tuple[Site, PrivatePostgres],
    fault: Callable[[PrivatePostgres, float], Coroutine[None, None, None]],
    scale: Scale,
    report: Report,
) -> None:
    site, postgres = own_postgres_site
    servers = [site.serve() for _ in range(2)]
    async with crowd_of(site, servers, scale(12, 100)) as crowd:
        await crowd.talk(2, 10)
        breaking = asyncio.create_task(fault(postgres, scale(15, 20)))
        await crowd.talk(scale(17, 25), scale(3, 20))
        await breaking
        figures = await crowd.settle()

        refused = refusals(crowd)
        report(**figures, **refused, slowest_answer_s=slowest_answer(crowd))
        assert not any(member.closes for member in crowd.members), "the sockets stay"
        assert set(refused) <= {"unavailable"}
        assert refused or fault is restarted
        assert slowest_answer(crowd) <= ANSWERED_WITHIN


def refusals(crowd: Crowd) -> dict[str, int]:
    codes = [refusal["code"] for member in crowd.members for refusal in member.refusals]
    return {code: codes.count(code) for code in set(codes)}


def slowest_answer(crowd: Crowd) -> float:
    """Seconds from a try to its answer, whichever it was."""
    return round(max(wait for member in crowd.members for wait in member.answer_waits), 2)


async def test_a_locked_sqlite_file_costs_time_and_nothing_else(
    sqlite_site: Site, scale: Scale, report: Report
) -> None:
    server = sqlite_site.serve()
    async with crowd_of(sqlite_site, [server], scale(12, 100)) as crowd:
        await crowd.talk(2, 10)
        locking = asyncio.create_task(asyncio.to_thread(lock, sqlite_site, 10))
        await crowd.talk(scale(12, 15), scale(3, 20))
        await locking
        figures = await crowd.settle()

        report(**figures, **refusals(crowd), slowest_answer_s=slowest_answer(crowd))
        assert not any(member.closes for member in crowd.members), "the sockets stay"
        assert set(refusals(crowd)) <= {"unavailable"}
        assert slowest_answer(crowd) <= ANSWERED_WITHIN


def lock(site: Site, seconds: float) -> None:
    path = site.database_url.removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA busy_timeout=5000")
        connection.execute("BEGIN EXCLUSIVE")
        time.sleep(seconds)
        connection.execute("ROLLBACK")


async def test_a_full_disk_costs_time_and_nothing_else(
    sqlite_site: Site, scale: Scale, report: Report
) -> None:
    server = sqlite_site.serve()
    async with crowd_of(sqlite_site, [server], scale(12, 100)) as crowd:
        await crowd.talk(2, 10)
        await crowd.settle()
        fill_disk(server)
        await crowd.talk(scale(5, 20), scale(5, 20))
        assert await asyncio.to_thread(server.health) == 503
        free_disk(server)
        figures = await crowd.settle()

        report(**figures, **refusals(crowd), slowest_answer_s=slowest_answer(crowd))
        assert set(refusals(crowd)) == {"unavailable"}
        assert not any(member.closes for member in crowd.members), "the sockets stay"
        assert await asyncio.to_thread(server.health) == 200


def fill_disk(server: Daphne) -> None:
    """The server's process can write no file beyond its first page: no transaction fits."""
    _soft, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (4096, hard))


def free_disk(server: Daphne) -> None:
    _soft, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (hard, hard))


@pytest.fixture
def own_postgres_site(
    tmp_path: Path, prepared_postgres: PreparedPostgres, redis: object
) -> Iterator[tuple[Site, PrivatePostgres]]:
    url = prepared_postgres.copy()
    with Site(tmp_path, url, prepared_postgres.scenery(), redis) as site:  # type: ignore[arg-type]
        yield site, prepared_postgres.server
    prepared_postgres.server.drop_database(url)
