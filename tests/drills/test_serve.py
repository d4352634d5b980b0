"""`bin/serve`: processes are replaced while people talk, and all of it stops in good time."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter

import pytest

from tests.drills.conftest import Report, Scale
from tests.drills.crowd import crowd_of
from tests.drills.supervised import Supervised
from tests.drills.waiting import until
from tests.live.client import Tabs, open_socket
from tests.live.servers import CHECKOUT, PrivatePostgres, free_port
from tests.live.site import Site, Visitor, environment

RESTARTING = 4412


async def test_a_rolling_restart_closes_with_4412_and_loses_nothing(
    postgres_site: Site, scale: Scale, report: Report
) -> None:
    server = postgres_site.serve(Supervised, WEB_CONCURRENCY="3")
    async with crowd_of(postgres_site, [server], scale(40, 200)) as crowd:
        before = server.workers()
        talking = asyncio.create_task(crowd.talk(scale(15, 60), scale(10, 50)))
        os.kill(server.pid, signal.SIGHUP)
        await until_replaced(server, before, 60)
        await talking
        figures = await crowd.settle()

        closes = [code for member in crowd.members for code in member.closes]
        report(**figures, closes=Counter(closes))
        assert set(closes) == {RESTARTING}, "nobody was refused, nobody cut off"
        assert len(closes) >= len(crowd.members)
        assert figures["back_p95_s"] <= 5


async def until_replaced(server: Supervised, before: set[int], within: float) -> None:
    def replaced() -> bool:
        return not before & server.workers() and len(server.workers()) == len(before)

    await until(replaced, within)


async def test_no_request_is_refused_or_cut_off_by_a_rolling_restart(
    postgres_site: Site, report: Report
) -> None:
    server = postgres_site.serve(Supervised, WEB_CONCURRENCY="2")
    before = server.workers()
    os.kill(server.pid, signal.SIGHUP)
    visits = [asyncio.create_task(asyncio.to_thread(visit_until, server, before)) for _ in range(4)]
    statuses = [status for visit in visits for status in await visit]

    report(requests=len(statuses))
    assert len(statuses) > 50
    assert set(statuses) == {200}


def visit_until(server: Supervised, before: set[int]) -> list[int]:
    """Asks for a page, again and again, until the processes are replaced. Returns the statuses.

    Raises what a connection raises that is refused or cut off.
    """
    statuses = []
    while before & server.workers() or len(server.workers()) != len(before):
        statuses.append(Visitor(server, "bob").get("/rooms/lounge/").status)
    return statuses


async def test_sigterm_closes_with_4412_finishes_what_was_accepted_and_exits_with_0(
    postgres_site: Site, scale: Scale, report: Report
) -> None:
    server = postgres_site.serve(Supervised, WEB_CONCURRENCY="2")
    async with crowd_of(postgres_site, [server], scale(30, 200)) as crowd:
        await crowd.talk(2, 20)
        for _ in range(50):
            crowd.say_something()
        started = time.monotonic()
        status = await asyncio.to_thread(server.terminate)
        took = time.monotonic() - started

        await asyncio.to_thread(server.start)
        figures = await crowd.settle()
        first_closes = {member.closes[0] for member in crowd.members}
        report(**figures, stopped_s=round(took, 2))
        assert status == 0
        assert took < 15
        assert first_closes == {RESTARTING}


async def test_who_is_being_let_in_when_it_stops_is_told_too(
    postgres_site: Site, postgres: PrivatePostgres, tab: Tabs
) -> None:
    server = postgres_site.serve()
    alice = await tab(server, "alice")
    postgres.freeze()
    try:
        bob = await open_socket(server, "bob")
        os.kill(server.pid, signal.SIGTERM)
        assert await alice.until_closed() == RESTARTING
    finally:
        postgres.thaw()
    await bob.wait_closed()

    assert bob.close_code == RESTARTING


@pytest.mark.full
async def test_a_worker_that_dies_is_started_again(postgres_site: Site, report: Report) -> None:
    server = postgres_site.serve(Supervised, WEB_CONCURRENCY="2")
    async with crowd_of(postgres_site, [server], 20) as crowd:
        talking = asyncio.create_task(crowd.talk(8, 10))
        victim = min(server.workers())
        os.kill(victim, signal.SIGKILL)
        await until(lambda: victim not in server.workers() and len(server.workers()) == 2, 20)
        await talking
        report(**await crowd.settle())


async def test_the_figures_are_those_of_all_processes(postgres_site: Site) -> None:
    server = postgres_site.serve(Supervised, WEB_CONCURRENCY="2", METRICS_TOKEN="a token")
    async with crowd_of(postgres_site, [server], 12) as crowd:
        await crowd.talk(1, 10)
        await crowd.settle()
        assert await asyncio.to_thread(server.figure, "chat_connections") == 12
        assert await asyncio.to_thread(server.figure, "chat_posts_total") == 10
        for worker in server.workers():
            os.kill(worker, signal.SIGKILL)
        await crowd.until_back(len(crowd.members), 60)
        assert await asyncio.to_thread(server.figure, "chat_connections") == 12
        assert await asyncio.to_thread(server.figure, "chat_posts_total") == 10


def test_without_a_mail_server_it_says_so_and_gives_no_link_away(sqlite_site: Site) -> None:
    server = sqlite_site.serve(Supervised)
    page = Visitor(server).get("/accounts/password/reset/")
    assert "Ask whoever runs it" in page.text
    assert "event=mail_off" in server.log()
    server.terminate()
    assert "event=mail_off" not in sqlite_site.serve(Supervised, EMAIL_URL="smtp://mail").log()


def test_without_its_settings_it_refuses_and_says_which() -> None:
    complaint = complaint_about(SECRET_KEY="", ALLOWED_HOSTS="")

    assert "SECRET_KEY" in complaint
    assert "ALLOWED_HOSTS" in complaint


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"DATABASE_URL": "oracle://chat:hidden@host/chat"},
            "DATABASE_URL is not as it should be: postgres://user:password@host/name",
        ),
        ({"DATABASE_URL": "postgres://chat:hidden@127.0.0.1:1/chat"}, "Connection refused"),
        ({"DATABASE_URL": "sqlite:////no/such/folder/chat"}, "database does not answer"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL is not"),
        ({"DATABASE_URL": "postgres://hidden:hidden@hidden.invalid/hidden"}, "does not answer"),
        ({"WEB_CONCURRENCY": "many"}, "WEB_CONCURRENCY is not"),
        ({"CHAT_POST_RATE": "many"}, "CHAT_POST_RATE"),
        ({"PORT": "many"}, "PORT is not as it should be: a whole number"),
        ({"BIND": "no-such-host.invalid"}, "cannot listen: BIND is an address"),
    ],
)
def test_a_wrong_setting_is_told_in_a_line(wrong: dict[str, str], said: str) -> None:
    complaint = complaint_about(**wrong)

    assert said in complaint
    assert not any(part in complaint for part in ("hidden", "many", "no-such-host"))


def test_a_taken_port_is_told_in_a_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        complaint = complaint_about(PORT=str(port))

    assert f"cannot listen at 127.0.0.1, port {port}" in complaint


def complaint_about(**settings: str) -> str:
    """What it says when it refuses to start with these settings."""
    done = subprocess.run(
        [sys.executable, "-m", "chatsite.serve"],
        cwd=CHECKOUT,
        env={**environment("sqlite://:memory:"), "PORT": str(free_port()), **settings},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    return done.stderr


async def test_a_crowd_that_lost_its_server_comes_back_spread_out(
    postgres_site: Site, scale: Scale, report: Report
) -> None:
    server = postgres_site.serve(Supervised, WEB_CONCURRENCY="2")
    async with crowd_of(postgres_site, [server], scale(150, 1000)) as crowd:
        await crowd.talk(1, 5)
        for worker in server.workers():
            os.kill(worker, signal.SIGKILL)
        lost = time.monotonic()
        await crowd.until_back(len(crowd.members), 60)
        took = time.monotonic() - lost
        figures = await crowd.settle()

        closes = [code for member in crowd.members for code in member.closes]
        refused = sum(member.refused for member in crowd.members)
        report(**figures, all_back_s=round(took, 1), tries=len(closes), http_5xx=refused)
        assert took <= 30
        assert refused == 0
        returns = sorted(each for member in crowd.members for each in member.returns)
        assert returns[-1] - returns[0] > 0.3, "not all at one moment"
