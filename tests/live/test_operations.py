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


PROXIES = {
    "Traefik": [("X-Forwarded-Proto", "wss"), ("X-Forwarded-Host", "elsewhere.example")],
    "two of them": [("X-Forwarded-Proto", "https, http")],
    "two lines": [("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "http")],
    "shouting": [("X-Forwarded-Proto", " HTTPS ")],
}


async def test_whatever_a_proxy_calls_it_pages_and_sockets_are_secure(sqlite_site: Site) -> None:
    daphne = sqlite_site.serve(TRUST_PROXY="1")
    origin = websockets.Origin(daphne.origin.replace("http:", "https:"))
    cookie = ("Cookie", f"sessionid={daphne.people['bob'].session}")
    address = f"ws://127.0.0.1:{daphne.port}/ws/chat/?protocol=1"
    for name, told in PROXIES.items():
        async with connect(address, origin=origin, additional_headers=[*told, cookie]) as socket:
            assert json.loads(await socket.recv())[0]["type"] == "hello", name
        page = await asyncio.to_thread(cookies_of_a_page, daphne, told)
        assert "secure" in page.lower(), name


def cookies_of_a_page(daphne: Daphne, headers: list[tuple[str, str]]) -> str:
    connection = daphne.connection()
    connection.putrequest("GET", "/accounts/login/")
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders()
    return str(connection.getresponse().headers["Set-Cookie"])


@pytest.mark.parametrize("host", ["10.0.0.5:8000", "unknown.example", "", None, "[::1", "a b"])
def test_a_probe_asks_by_address(sqlite_site: Site, host: str | None) -> None:
    daphne = sqlite_site.serve(METRICS_TOKEN="a token")
    bearer = {"Authorization": "Bearer a token"}

    assert status(daphne, "/healthz", host) == 200
    assert status(daphne, "/metrics", host, **bearer) == 200
    if host is not None:  # else Django takes the server's own address, which is admitted here
        for path in ("/", "/rooms/", "/accounts/login/", "/metrics", "/api/rooms/1/messages"):
            assert status(daphne, path, host) == 400, path


def status(daphne: Daphne, path: str, host: str | None, **headers: str) -> int:
    connection = daphne.connection()
    connection.putrequest("GET", path, skip_host=True)
    for name, value in {**({} if host is None else {"Host": host}), **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    return connection.getresponse().status


DOORS = {
    "bin/serve": ("-m", "chatsite.serve"),
    "manage.py": ("manage.py", "check"),
    "daphne": ("-m", "daphne", "-p", "0", "chatsite.asgi:application"),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("DATABASE_URL", f"postgres://chat:hun{odd}ter@db/chat") for odd in "/#?"),
        ("DATABASE_URL", "postgres://chat:12/hunter@db/chat"),
        ("REDIS_URL", "redis://:hun/ter@cache:6379/0"),
        ("EMAIL_URL", "smtp://chat:hun#ter@mail:587"),
        *((name, "hunter") for name in ("PORT", "CHAT_POST_RATE", "CHAT_MAX_BODY", "DEBUG")),
        ("CSRF_TRUSTED_ORIGINS", "hunter.example"),
    ],
)
def test_a_setting_that_is_wrong_is_named_in_a_line_and_not_repeated(
    sqlite_site: Site, door: str, name: str, value: str
) -> None:
    env = {**sqlite_site.env(), name: value}
    started = subprocess.run(
        [sys.executable, *DOORS[door]],
        cwd=CHECKOUT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    said = started.stdout + started.stderr
    assert started.returncode == 1
    assert f"{name} is not as it should be" in said
    assert len(said.splitlines()) == 1
    assert "hun" not in said
    assert "ter@" not in said
