"""A back-up is restored while pages stay open: they show what is stored, and nothing else."""

import asyncio
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from tests.drills.conftest import Report
from tests.drills.crowd import Crowd, crowd_of
from tests.live.servers import postgres_program
from tests.live.site import Site


async def test_an_sqlite_back_up_is_restored_under_open_pages(
    sqlite_site: Site, tmp_path: Path, report: Report
) -> None:
    server = sqlite_site.serve()
    stored_at = Path(sqlite_site.database_url.removeprefix("sqlite:///"))
    async with crowd_of(sqlite_site, [server], 10) as crowd:
        await crowd.talk(2, 15)
        await crowd.settle()
        backed_up = {each["client_id"] for each in await crowd.stored()}
        copy_while_running(stored_at, backup := tmp_path / "backup.sqlite3")
        await crowd.talk(2, 15)
        await crowd.settle()

        await asyncio.to_thread(server.terminate)
        put_back(backup, stored_at)
        sqlite_site.manage("new_epoch")
        crowd.say_something()
        await asyncio.to_thread(server.start)

        await crowd.until_all_have(lambda member: member.resets and not member.unsent, 90)
        await crowd.until_agreed(30)
        await agree_with_what_is_stored(crowd, backed_up, report)


def put_back(backup: Path, database: Path) -> None:
    for leftover in (f"{database}-wal", f"{database}-shm"):
        Path(leftover).unlink(missing_ok=True)
    shutil.copy(backup, database)


def copy_while_running(database: Path, copy: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


async def test_a_postgresql_dump_is_restored_under_open_pages(
    postgres_site: Site, tmp_path: Path, report: Report
) -> None:
    server = postgres_site.serve()
    url = postgres_site.database_url
    async with crowd_of(postgres_site, [server], 10) as crowd:
        await crowd.talk(2, 15)
        await crowd.settle()
        backed_up = {each["client_id"] for each in await crowd.stored()}
        dump = tmp_path / "chat.dump"
        run_postgres("pg_dump", "--format=custom", f"--file={dump}", url)
        await crowd.talk(2, 15)
        await crowd.settle()

        await asyncio.to_thread(server.terminate)
        run_postgres("pg_restore", "--clean", "--if-exists", f"--dbname={url}", str(dump))
        postgres_site.manage("new_epoch")
        crowd.say_something()
        await asyncio.to_thread(server.start)

        await crowd.until_all_have(lambda member: member.resets and not member.unsent, 90)
        await crowd.until_agreed(30)
        await agree_with_what_is_stored(crowd, backed_up, report)


def run_postgres(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [postgres_program(program), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


async def agree_with_what_is_stored(crowd: Crowd, backed_up: set[str], report: Report) -> None:
    stored = await crowd.stored()
    ids = {each["client_id"] for each in stored}
    report(backed_up=len(backed_up), stored=len(stored), resets=[m.resets for m in crowd.members])
    assert backed_up <= ids, "nothing of the back-up is lost"
    assert len(ids) == len(backed_up) + 1, "what was unsent is said, what came after is gone"
    assert len(stored) == len(ids)
    newest = [each["id"] for each in stored]
    for member in crowd.members:
        shown = [each["id"] for each in member.rooms[crowd.room].log]
        assert member.resets
        assert shown == newest[-len(shown) :], "no page shows what is not there"
        assert ids >= {each["client_id"] for each in member.rooms[crowd.room].log}
