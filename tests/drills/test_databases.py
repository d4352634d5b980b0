"""The database is away, locked or full: nothing is acknowledged that was not stored."""

import asyncio
import contextlib
import random
import resource
import sqlite3
import string
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.drills.conftest import Report, Scale
from tests.drills.crowd import Crowd, crowd_of
from tests.live.servers import Daphne, PrivatePostgres
from tests.live.site import PreparedPostgres, Site, Visitor

ANSWERED_WITHIN = 12.0
"""Seconds in which even a frozen database is given up, and `unavailable` said."""

PAGE_ANSWERED_WITHIN = 10.0
"""The same for a page."""

ONE_PAGE = 4096
"""Bytes of a file into which no transaction fits."""

FOUR_PAGES_OF_LOG = 4 * 8192
"""Bytes for the first of those who speak. Whole pages: else part of a commit that fails is kept."""

ONE_LOG_FILE = 1024 * 1024
"""Bytes of a file of PostgreSQL's log: as large may a file be, and tables can grow no more."""

MORE_THAN_A_LOG_FILE = """
from chat.actions.messages import NewPost, post_messages
from chat.models import User
user = User.objects.get(username='alice')
for start in range(0, 600, 100):
    post_messages([NewPost(user, {room}, f'old-{{n}}', f'{{n}} old ' * 100)
                   for n in range(start, start + 100)])
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT pg_relation_size('chat_message')")
    result = cursor.fetchone()[0]
"""
"""Rows short of the 2,032 bytes from which PostgreSQL would compress them to a fraction. Results in
the bytes of their table."""

NO_PAGE_HOLDS_MANY = "".join(random.choices(string.ascii_letters, k=1_500))


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
        for server in servers:  # it leaves connections in the pool, which break as well
            await asyncio.to_thread(asked_at_once, server, ["/rooms/lounge/"] * 3)
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


@pytest.mark.parametrize("fault", [PrivatePostgres.kill9, PrivatePostgres.freeze])
def test_a_page_asked_of_a_postgresql_that_is_away_is_answered_in_time(
    own_postgres_site: tuple[Site, PrivatePostgres],
    fault: Callable[[PrivatePostgres], None],
    report: Report,
) -> None:
    site, postgres = own_postgres_site
    server = site.serve()
    pages = ["/healthz", "/rooms/lounge/", f"/api/rooms/{site.rooms['lounge']}/messages"] * 3
    assert {status for status, _wait in asked_at_once(server, pages)} == {200}

    fault(postgres)
    try:
        first, later = asked_at_once(server, pages), asked_at_once(server, pages)
    finally:
        postgres.thaw()
        if not postgres.is_running():
            postgres.start()

    report(
        slowest_page_s=[round(max(wait for _status, wait in each), 2) for each in (first, later)]
    )
    assert {status for status, _wait in first + later} == {503}
    assert max(wait for _status, wait in first + later) <= PAGE_ANSWERED_WITHIN
    server.until_ready()
    assert {status for status, _wait in asked_at_once(server, pages)} == {200}


def asked_at_once(server: Daphne, pages: Sequence[str]) -> list[tuple[int, float]]:
    """Of each page its status, and the seconds that it took."""

    def ask(page: str) -> tuple[int, float]:
        began = time.monotonic()
        return Visitor(server, "alice").get(page).status, time.monotonic() - began

    with ThreadPoolExecutor(len(pages)) as visitors:
        return list(visitors.map(ask, pages))


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
        await only_refused(crowd, server, report)


async def test_where_postgresqls_tables_have_no_room_statements_fail_and_nothing_else(
    own_postgres_site: tuple[Site, PrivatePostgres], scale: Scale, report: Report
) -> None:
    site, postgres = own_postgres_site
    more_than_a_log_file = MORE_THAN_A_LOG_FILE.format(room=site.rooms["lounge"])
    assert await asyncio.to_thread(site.shell, more_than_a_log_file) > ONE_LOG_FILE
    server = site.serve()
    async with crowd_of(site, [server], scale(12, 100)) as crowd:
        await crowd.talk(2, 10)
        await crowd.until_all_said(60)
        async with full_disk(postgres, ONE_LOG_FILE):
            await crowd.talk(scale(5, 20), scale(5, 20), NO_PAGE_HOLDS_MANY)
            assert await asyncio.to_thread(server.health) == 503
            assert postgres.is_running()
        await only_refused(crowd, server, report)


async def test_where_postgresqls_log_has_no_room_it_keeps_what_it_acknowledged(
    own_postgres_site: tuple[Site, PrivatePostgres], scale: Scale, report: Report
) -> None:
    """It gives up as a whole, in the commit that finds no room, and stays down until somebody has
    made room and started it again."""
    site, postgres = own_postgres_site
    server = site.serve()
    async with crowd_of(site, [server], scale(12, 100)) as crowd:
        await crowd.talk(2, 10)
        await crowd.until_all_said(60)
        before = len(crowd.acknowledged())
        await asyncio.to_thread(postgres.begin_log_file)
        async with full_disk(postgres, FOUR_PAGES_OF_LOG):
            await crowd.talk(scale(5, 20), 20)
            assert await asyncio.to_thread(server.health) == 503
            assert not postgres.is_running()
            acknowledged = len(crowd.acknowledged()) - before
        await only_refused(crowd, server, report, acknowledged_meanwhile=acknowledged)
        assert acknowledged, "it filled while people were being answered"


async def only_refused(crowd: Crowd, server: Daphne, report: Report, **more: Any) -> None:
    figures = await crowd.settle()
    report(**figures, **refusals(crowd), slowest_answer_s=slowest_answer(crowd), **more)
    assert set(refusals(crowd)) == {"unavailable"}
    assert not any(member.closes for member in crowd.members), "the sockets stay"
    assert slowest_answer(crowd) <= ANSWERED_WITHIN
    assert await asyncio.to_thread(server.health) == 200


@contextlib.asynccontextmanager
async def full_disk(postgres: PrivatePostgres, size: int) -> AsyncIterator[None]:
    await asyncio.to_thread(postgres.limit_files, str(size))
    try:
        yield
    finally:
        await asyncio.to_thread(postgres.limit_files, "unlimited")
        if not postgres.is_running():
            await asyncio.to_thread(postgres.start)


def fill_disk(server: Daphne) -> None:
    """The server's process can write no file beyond its first page: no transaction fits."""
    _soft, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (ONE_PAGE, hard))


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
