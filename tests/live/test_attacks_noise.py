"""Strangers fill no log, find no traceback, and cause no writes."""

import contextlib
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.bare import handshake
from tests.live.servers import CHECKOUT, Daphne, Uvicorn
from tests.live.site import PreparedSqlite, Site, Visitor

LONGEST_LINE = 700


@pytest.fixture(scope="module", params=[Daphne, Uvicorn])
def server(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    prepared_sqlite: PreparedSqlite,
) -> Iterator[Daphne]:
    with prepared_sqlite.site_in(tmp_path_factory.mktemp("noise")) as site:
        yield site.serve(request.param)


def said_by(server: Daphne, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(request)
        with contextlib.suppress(OSError):
            return connection.recv(300)
    return b""


def page(path: bytes, *headers: bytes, host: bytes = b"127.0.0.1", method: bytes = b"GET") -> bytes:
    lines = [method + b" " + path + b" HTTP/1.1", b"Host: " + host, *headers, b"", b""]
    return b"\r\n".join(lines)


PAGES = {
    "a long path": page(b"/" + b"a" * 15_000),
    "a long path of words": page(b"/" + b"a%20" * 3_500),
    "a long static path": page(b"/static/" + b"a" * 5_000),
    "another host": page(b"/", host=b"evil.example"),
    "a long host": page(b"/", host=b"e" * 9_000),
    "no UTF-8": page(b"/rooms/%ff/%ed%a0%80/"),
    "NUL": page(b"/rooms/%00/"),
    "a line of its own": page(b"/a%0alevel=error%20event=forged"),
    "out of the folder": page(b"/static/../manage.py"),
    "out of the folder, escaped": page(b"/static/%2e%2e%2f%2e%2e/etc/passwd"),
    "a foreign method": page(b"/", method=b"G\xc3\xa9T"),
    "a root": page(b"/", b"Daphne-Root-Path: \xff"),
    "a bad cookie": page(b"/rooms/", b"Cookie: sessionid=\xff\xfe; csrftoken=\x01; messages=!:!"),
    "a bad range": page(b"/static/chat/favicon.svg", b"Range: bytes=9-1,x"),
    "many headers": page(b"/", *[b"a: b"] * 600),
    "a bad header": page(b"/", b"a b: c"),
    "a bad form": page(
        b"/accounts/login/",
        b"Content-Type: multipart/form-data; boundary=",
        b"Content-Length: 0",
        method=b"POST",
    ),
    "a bad chunk": page(b"/", b"Transfer-Encoding: chunked", method=b"POST") + b"zz\r\n",
    "two lengths": page(b"/", b"Transfer-Encoding: chunked", b"Content-Length: 5", method=b"POST")
    + b"0\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50 + b"\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a bad address": page(b"/accounts/login/", b"X-Forwarded-For: \xff, a", b"Origin: \xff"),
    "a bad bearer": page(b"/metrics", b"Authorization: Bearer \xff"),
}


@pytest.mark.parametrize("name", PAGES)
def test_whatever_is_asked_leaves_short_lines_and_no_traceback(server: Daphne, name: str) -> None:
    before = len(server.log_path.read_bytes())
    status = said_by(server, PAGES[name]).split(b" ")[1:2]
    assert status[:1] != [b"500"]
    assert_quiet(server, before)


SOCKETS = {
    "elsewhere": ("GET /ws/chat/", "GET /ws/other/"),
    "at a page": ("GET /ws/chat/", "GET /rooms/"),
    "at no UTF-8": ("GET /ws/chat/", "GET /%ff%00%0a/"),
    "in a bad dialect": ("Version: 13", "Version: 13\r\nSec-WebSocket-Protocol: \xff"),
    "with bad extensions": ("Version: 13", "Version: 13\r\nSec-WebSocket-Extensions: a; b=\xff;;,"),
    "with a bad cookie": ("Cookie: sessionid=", "Cookie: \xff; sessionid=\xfe"),
    "with a root": ("Version: 13", "Version: 13\r\nDaphne-Root-Path: \xff"),
    "by another method": ("GET /ws/chat/", "POST /ws/chat/"),
    "of another version": ("Version: 13", "Version: 8x"),
    "without a key": ("Sec-WebSocket-Key", "X-Key"),
}


@pytest.mark.parametrize("name", SOCKETS)
def test_whatever_socket_is_asked_for_leaves_short_lines_and_no_traceback(
    server: Daphne, name: str
) -> None:
    before = len(server.log_path.read_bytes())
    was, becomes = SOCKETS[name]
    said_by(server, handshake(server).decode().replace(was, becomes).encode("latin1"))
    assert_quiet(server, before)


def assert_quiet(server: Daphne, before: int) -> None:
    """After another request, so that what was to be written is there."""
    assert Visitor(server).get("/accounts/login/").status == 200
    said = server.log_path.read_bytes()[before:].decode(errors="replace")
    assert "Traceback" not in said
    assert "trace=" not in said
    assert all(len(line) < LONGEST_LINE for line in said.splitlines()), said[:2_000]
    assert "event=forged" not in [line.split(" ")[0] for line in said.splitlines()]


def test_no_key_stands_in_what_a_server_says_of_its_requests(server: Daphne) -> None:
    said_by(server, page(b"/accounts/password/reset/key/1-secretkey/"))
    said_by(server, page(b"/first-run/secretkey:secretkey/"))
    Visitor(server).get("/accounts/login/")
    assert "/first-run/" in server.log()
    assert "secretkey" not in server.log()


def test_asking_how_the_site_is_writes_once_a_second(server: Daphne) -> None:
    path = Path(server.env["DATABASE_URL"].removeprefix("sqlite:///"))
    visitor, commits, answers = Visitor(server), set(), 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        started = time.monotonic()
        while time.monotonic() - started < 2:
            assert visitor.get("/healthz").json() == {"database": "ok", "redis": "none"}
            answers += 1
            commits.add(connection.execute("PRAGMA data_version").fetchone()[0])
        took = time.monotonic() - started
    assert answers > 20
    assert len(commits) <= took + 2


def test_in_development_a_static_file_that_is_not_there_is_not_found(sqlite_site: Site) -> None:
    """As by `bin/dev`, which leaves static files to the site's middleware."""
    server = sqlite_site.serve(DEBUG="1")
    for name in ("out of the folder", "out of the folder, escaped", "a long static path"):
        assert said_by(server, PAGES[name]).split(b" ")[1] == b"404", name
    assert_quiet(server, 0)
    assert "runserver --nostatic" in (CHECKOUT / "bin/dev").read_text()
