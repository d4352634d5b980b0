"""The site behind nginx, with the file that docs/deployment/ offers."""

import asyncio
import contextlib
import http.client
import http.server
import json
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from chat.follower import SILENCE
from chat.protocol import MAX_INCOMING
from tests.drills.proxies import NGINX_CONF, Nginx
from tests.drills.supervised import Supervised
from tests.live.client import ChatClient, Refused, Tabs
from tests.live.conftest import installed
from tests.live.site import PreparedSqlite, Site, Visitor

RESTARTING, TOO_BIG = 4412, 1009


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, prepared_sqlite: PreparedSqlite
) -> Iterator[Site]:
    with prepared_sqlite.site_in(tmp_path_factory.mktemp("proxied")) as site:
        yield site


@pytest.fixture(scope="module")
def serve(site: Site) -> Supervised:
    return site.serve(Supervised, TRUST_PROXY="1")


@pytest.fixture(scope="module")
def nginx(site: Site, serve: Supervised) -> Iterator[Nginx]:
    with installed(), Nginx(site.directory, serve.port, site.people) as nginx:
        yield nginx


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[Nginx]:
    """nginx before a server that answers with the headers that it got."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            with installed(), Nginx(tmp_path, server.server_port) as nginx:
                yield nginx
        finally:
            server.shutdown()


class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        answer = json.dumps(self.headers.items()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


async def test_who_signs_in_through_nginx_may_talk(nginx: Nginx, site: Site, tab: Tabs) -> None:
    visitor = Visitor(nginx)
    dave = await asyncio.to_thread(visitor.sign_in, site.people["dave"])
    assert "secure" in visitor.get("/accounts/password/change/").headers["Set-Cookie"].lower()

    client = await tab(nginx, dave)

    assert (await client.post(site.rooms["lounge"], "hello"))["message"]["body"] == "hello"


def test_pages_and_their_files_come_through_nginx(nginx: Nginx) -> None:
    page = Visitor(nginx, "bob").get("/rooms/lounge/")
    files = re.findall(r'(?:src|href)="(/static/[^"#]+)"', page.text)

    assert page.status == 200
    assert files
    assert [file for file in files if Visitor(nginx).get(file).status != 200] == []


def test_a_form_from_another_site_is_refused_behind_nginx(nginx: Nginx) -> None:
    visitor = Visitor(nginx, "bob")
    visitor.get("/rooms/new/")
    token = visitor.cookies["csrftoken"]
    cookie, secret = {"Cookie": f"csrftoken={token}"}, {"X-CSRFToken": token}

    own = post(nginx, "", Origin=nginx.origin, **cookie, **secret)
    foreign = post(nginx, "", Origin="https://elsewhere.example", **cookie, **secret)

    assert (own, foreign) == (200, 403)


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://127.0.0.1"])
async def test_a_socket_from_another_site_is_refused_behind_nginx(
    nginx: Nginx, origin: str
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await ChatClient.connect(nginx, "bob", origin=origin)

    assert refused.value.response.status_code == 403


def test_what_a_client_says_of_its_way_here_does_not_reach_the_site(echo: Nginx) -> None:
    said = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "http",
        "Daphne-Root-Path": "/elsewhere",
    }
    heard = Visitor(echo).get("/", **said).json()

    told = {name.lower(): value for name, value in heard}
    assert len(told) == len(heard), "nothing is told twice"
    assert told["host"] == f"127.0.0.1:{echo.port}"
    assert told["x-forwarded-for"] == "127.0.0.1"
    assert told["x-forwarded-proto"] == "https"
    assert "daphne-root-path" not in told


async def test_a_frame_of_256_kib_passes_nginx_and_a_longer_one_closes(
    nginx: Nginx, site: Site, tab: Tabs
) -> None:
    client = await tab(nginx, "alice")
    longest = {"room": site.rooms["lounge"], "client_id": "long", "body": ""}
    frame = json.dumps({"type": "post", "ref": 1, **longest})
    room = MAX_INCOMING - len(frame)

    with pytest.raises(Refused, match="invalid"):
        await client.command("post", **{**longest, "body": "x" * room})
    await client.command("post", **{**longest, "body": "x" * 100})
    await client.socket.send("x" * (MAX_INCOMING + 1))

    assert await client.until_closed() == TOO_BIG


def test_a_body_beyond_a_megabyte_is_refused_by_nginx(nginx: Nginx) -> None:
    assert post(nginx, "x" * 2**19) != 413
    assert post(nginx, "x" * (2**20 + 1)) == 413


def post(nginx: Nginx, body: str, **headers: str) -> int:
    """A form that the site itself refuses, unless a token comes along. Returns the status."""
    with contextlib.closing(nginx.connection()) as connection:
        connection.request("POST", "/accounts/login/", body, headers)
        return connection.getresponse().status


def test_plain_http_is_sent_to_https(nginx: Nginx) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", nginx.plain_port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", "/rooms/?page=2")
        answer = connection.getresponse()
    assert answer.status == 301
    assert answer.headers["Location"] == "https://127.0.0.1/rooms/?page=2"


def test_nginx_waits_longer_for_a_quiet_socket_than_the_site_does() -> None:
    waits = re.findall(r"proxy_read_timeout\s+(\d+)s;", NGINX_CONF.read_text())

    assert [int(wait) > SILENCE for wait in waits] == [True]


async def test_a_rolling_restart_behind_nginx_closes_with_4412_and_refuses_nobody(
    nginx: Nginx, serve: Supervised, tab: Tabs
) -> None:
    client = await tab(nginx, "alice")
    before = serve.workers()
    os.kill(serve.pid, signal.SIGHUP)
    forms = asyncio.create_task(asyncio.to_thread(post_until_replaced, nginx, serve, before))

    assert await client.until_closed(60) == RESTARTING
    assert set(await forms) == {403}
    assert (await tab(nginx, "alice")).hello


def post_until_replaced(nginx: Nginx, serve: Supervised, before: set[int]) -> list[int]:
    """What cannot be said twice: nginx asks again for a page, but not with a form."""
    statuses = []
    while before & serve.workers():
        statuses.append(post(nginx, ""))
        time.sleep(0.03)  # as many as some people send; more would only slow the new process down
    return statuses
