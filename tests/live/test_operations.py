"""What an operator relies on: health, starting, stopping, settings, and another server."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import websockets
from websockets.asyncio.client import connect

from tests.live.client import Tabs
from tests.live.servers import CHECKOUT, Daphne, PrivatePostgres, PrivateRedis, Uvicorn
from tests.live.site import Site, Visitor


def health(daphne: Daphne) -> tuple[int, dict[str, str]]:
    answer = Visitor(daphne).get("/healthz")
    return answer.status, answer.json()


def test_health_tells_of_the_database_and_of_redis(postgres_site: Site, sqlite_site: Site) -> None:
    assert health(sqlite_site.serve()) == (200, {"database": "ok", "redis": "none"})
    assert health(postgres_site.serve()) == (200, {"database": "ok", "redis": "ok"})


@pytest.mark.parametrize("fault", ["killed", "frozen"])
def test_a_lost_redis_alone_is_told_but_is_no_failure(
    postgres_site: Site, redis: PrivateRedis, fault: str
) -> None:
    daphne = postgres_site.serve()

    redis.kill9() if fault == "killed" else redis.freeze()

    assert health(daphne) == (200, {"database": "ok", "redis": "down"})


def test_a_lost_database_is_a_failure_until_it_is_back(
    postgres_site: Site, postgres: PrivatePostgres
) -> None:
    daphne = postgres_site.serve()

    postgres.kill9()
    try:
        assert daphne.health() == 503
    finally:
        postgres.start()

    daphne.until_ready()


async def test_a_visitor_cannot_say_where_the_site_stands(sqlite_site: Site) -> None:
    daphne = sqlite_site.serve()
    claim = {"Daphne-Root-Path": "/elsewhere"}

    page = await asyncio.to_thread(Visitor(daphne, "bob").get, "/rooms/lounge/", **claim)
    assert page.status == 200
    assert "/elsewhere" not in page.text

    cookie = f"sessionid={daphne.people['bob'].session}"
    address = f"ws://127.0.0.1:{daphne.port}/ws/chat/?protocol=1"
    origin = websockets.Origin(daphne.origin)
    headers = {**claim, "Cookie": cookie}
    async with connect(address, origin=origin, additional_headers=headers) as socket:
        assert json.loads(await socket.recv())[0]["type"] == "hello"


async def test_who_signs_in_through_the_form_may_talk(sqlite_site: Site, tab: Tabs) -> None:
    daphne = sqlite_site.serve()
    dave = await asyncio.to_thread(Visitor(daphne).sign_in, sqlite_site.people["dave"])

    client = await tab(daphne, dave)

    assert client.hello["user"]["username"] == "dave"
    assert await client.post(sqlite_site.rooms["lounge"], "hello")


async def test_hello_comes_first_and_says_what_a_page_needs(sqlite_site: Site, tab: Tabs) -> None:
    alice = await tab(sqlite_site.serve(), "alice")

    assert alice.types()[0] == "hello"
    assert alice.hello["protocol"] == 1
    assert alice.hello["heartbeat"] == 25
    assert {room["slug"] for room in alice.hello["rooms"]} == {"lounge", "den"}
    assert set(alice.hello) >= {"build", "epoch", "connection", "user", "rooms"}


async def test_the_same_site_runs_under_uvicorn(sqlite_site: Site, tab: Tabs) -> None:
    uvicorn = sqlite_site.serve(Uvicorn)
    lounge = sqlite_site.rooms["lounge"]
    alice, bob = await tab(uvicorn, "alice"), await tab(uvicorn, "bob")

    posted = await alice.post(lounge, "hello")

    await bob.reach(lounge, posted["seq"])
    assert bob.rooms[lounge].bodies == ["hello"]


def test_without_a_secret_key_the_site_refuses_to_start_and_says_why(sqlite_site: Site) -> None:
    env = sqlite_site.env()
    del env["SECRET_KEY"]

    started = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=CHECKOUT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode != 0
    assert "SECRET_KEY" in started.stderr


async def test_a_new_epoch_is_told_to_who_comes_back(sqlite_site: Site, tab: Tabs) -> None:
    daphne = sqlite_site.serve()
    lounge = sqlite_site.rooms["lounge"]
    before = await tab(daphne, "alice")
    daphne.terminate()

    sqlite_site.manage("new_epoch")

    await asyncio.to_thread(daphne.start)
    after = await tab(daphne, "alice")
    answer = await after.command("sync", room=lounge, after=0, epoch=before.hello["epoch"])
    assert after.hello["epoch"] != before.hello["epoch"]
    assert answer["type"] == "reset"


def test_a_server_leaves_no_process_behind(sqlite_site: Site) -> None:
    daphne = sqlite_site.serve()
    group = daphne.pid

    assert daphne.terminate() is not None

    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)
    assert not Path(f"/proc/{group}").exists()
