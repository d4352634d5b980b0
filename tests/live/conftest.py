"""Sites that really run. Each test has its own, with people and rooms in it: see `scenery`."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.live.client import Tabs
from tests.live.servers import NotInstalled, PrivatePostgres, PrivateRedis
from tests.live.site import PreparedPostgres, PreparedSqlite, Site


@pytest.fixture
def sqlite_site(tmp_path: Path, prepared_sqlite: PreparedSqlite) -> Iterator[Site]:
    """On SQLite, the channel layer in memory; nothing serves it yet."""
    with prepared_sqlite.site_in(tmp_path) as site:
        yield site


@pytest.fixture
def postgres_site(
    tmp_path: Path, prepared_postgres: PreparedPostgres, redis: PrivateRedis
) -> Iterator[Site]:
    """On PostgreSQL and a Redis of its own, so that several processes may serve it."""
    url = prepared_postgres.copy()
    with Site(tmp_path, url, prepared_postgres.scenery(), redis) as site:
        yield site
    prepared_postgres.server.drop_database(url)


@pytest.fixture(params=["sqlite", "postgres"])
def site(request: pytest.FixtureRequest) -> Site:
    """Each kind of site in turn."""
    site: Site = request.getfixturevalue(f"{request.param}_site")
    return site


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[PrivateRedis]:
    with installed(), PrivateRedis(tmp_path) as server:
        yield server


@pytest.fixture
async def tab() -> AsyncIterator[Tabs]:
    """`await tab(server, "alice")` opens one; all are closed when the test ends."""
    async with Tabs().closing() as tabs:
        yield tabs


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> PreparedSqlite:
    return PreparedSqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def prepared_postgres(postgres: PrivatePostgres) -> PreparedPostgres:
    return PreparedPostgres(postgres)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivatePostgres]:
    directory = tmp_path_factory.mktemp("postgres")
    # Small log files: a disk too full for the log is told from one too full for a table.
    with installed(), PrivatePostgres(directory, "--wal-segsize=1") as server:
        yield server


@contextmanager
def installed() -> Iterator[None]:
    try:
        yield
    except NotInstalled as missing:
        pytest.skip(f"{missing} is not installed")
