"""A request may bring 1 MB and take 30 seconds, whichever server listens and whatever trickles."""

import contextlib
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatsite.unfinished_requests import MAX_BODY_BYTES, REQUEST_SECONDS
from tests.live.bare import bare
from tests.live.servers import CHECKOUT, Daphne, Uvicorn
from tests.live.site import PreparedSqlite, Visitor

MEBIBYTE = 1024 * 1024
FORM = "Content-Type: application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def servers(
    tmp_path_factory: pytest.TempPathFactory, prepared_sqlite: PreparedSqlite
) -> Iterator[dict[str, Daphne]]:
    """One of each for all attacks: they are to survive each."""
    with (
        prepared_sqlite.site_in(tmp_path_factory.mktemp("daphne")) as site,
        prepared_sqlite.site_in(tmp_path_factory.mktemp("uvicorn")) as other,
    ):
        yield {"daphne": site.serve(), "uvicorn": other.serve(Uvicorn)}


@pytest.fixture(params=["daphne", "uvicorn"])
def server(request: pytest.FixtureRequest, servers: dict[str, Daphne]) -> Iterator[Daphne]:
    server = servers[request.param]
    yield server
    assert Visitor(server).get("/accounts/login/").status == 200
    assert "Traceback" not in server.log()
    assert "trace=" not in server.log()


def connected(server: Daphne) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=5)


def head(server: Daphne, *lines: str, method: str = "POST") -> bytes:
    first = f"{method} /accounts/login/ HTTP/1.1"
    return "\r\n".join([first, f"Host: 127.0.0.1:{server.port}", *lines, "", ""]).encode()


def status(connection: socket.socket) -> int:
    """0 for a bare end."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while b"\r\n" not in received and (data := connection.recv(4096)):
            received += data
    return int(received.split(b" ")[1]) if received else 0


def is_ended(connection: socket.socket) -> bool:
    """Whether the server hung up, whatever it said before."""
    connection.settimeout(5)
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


def resident_bytes(server: Daphne) -> int:
    told = Path(f"/proc/{server.pid}/status").read_text()
    return int(told.split("VmRSS:")[1].split()[0]) * 1024


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 200 * MEBIBYTE, 10**12])
def test_a_body_that_is_too_long_is_refused_before_it_is_sent(server: Daphne, size: int) -> None:
    with connected(server) as connection:
        connection.sendall(head(server, FORM, f"Content-Length: {size}"))
        assert status(connection) == 413
        assert is_ended(connection)


def test_who_sends_it_all_the_same_is_told_too(server: Daphne) -> None:
    before = resident_bytes(server)
    with connected(server) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(head(server, FORM, f"Content-Length: {60 * MEBIBYTE}"))
            for _ in range(60):
                connection.sendall(b"x" * MEBIBYTE)
        assert status(connection) == 413
    assert resident_bytes(server) - before < 10 * MEBIBYTE


def test_a_body_that_says_no_length_is_refused_when_it_is_too_long(server: Daphne) -> None:
    piece = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    with connected(server) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(head(server, FORM, "Transfer-Encoding: chunked"))
            for _ in range(17):
                connection.sendall(piece)
        assert status(connection) == 413


def test_a_body_in_chunks_of_a_byte_is_refused(server: Daphne) -> None:
    with connected(server) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(head(server, FORM, "Transfer-Encoding: chunked"))
            connection.sendall(b"1\r\nx\r\n" * 5_000)
        assert status(connection) in (400, 413)


@pytest.mark.parametrize(
    "length", [f"Content-Length: {MAX_BODY_BYTES}", "Transfer-Encoding: chunked"]
)
def test_a_body_of_1_mb_is_read(server: Daphne, length: str) -> None:
    with connected(server) as connection:
        connection.sendall(head(server, FORM, length))
        body = b"x" * MAX_BODY_BYTES
        if "chunked" in length:
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        connection.sendall(body)
        assert status(connection) == 403  # it has no token of ours


def test_many_bodies_at_once_are_not_all_kept(server: Daphne) -> None:
    before = resident_bytes(server)
    with contextlib.ExitStack() as stack:
        for _ in range(80):
            connection = stack.enter_context(connected(server))
            with contextlib.suppress(OSError):
                connection.sendall(head(server, FORM, f"Content-Length: {MAX_BODY_BYTES}"))
                connection.sendall(b"x" * (MAX_BODY_BYTES - 1))
        assert Visitor(server).get("/accounts/login/").status == 200
        assert resident_bytes(server) - before < 50 * MEBIBYTE


@pytest.mark.parametrize("field", [b"%41", b"x"], ids=["escaped", "plain"])
def test_long_forms_at_once_are_not_taken_apart(server: Daphne, field: bytes) -> None:
    """In memory one is a hundred times as long as it was on its way."""
    form = b"a=" + field * (900_000 // len(field))
    before = resident_bytes(server)
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(connected(server)) for _ in range(16)]
        cookie = "Cookie: csrftoken=" + "a" * 32
        for connection in connections:
            connection.sendall(head(server, FORM, cookie, f"Content-Length: {len(form)}") + form)
        assert {status(connection) for connection in connections} <= {400, 403, 413, 0}
        assert resident_bytes(server) - before < 50 * MEBIBYTE


def test_requests_that_come_along_are_not_answered_to_who_reads_nothing(server: Daphne) -> None:
    file = max((CHECKOUT / "var/static").rglob("*.min.*.js"), key=lambda each: each.stat().st_size)
    address = "/static/" + str(file.relative_to(CHECKOUT / "var/static"))
    asked = head(server, method="GET").replace(b"/accounts/login/", address.encode()) * 600
    before = resident_bytes(server)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        connection.connect(("127.0.0.1", server.port))
        connection.settimeout(2)
        with contextlib.suppress(OSError):
            connection.sendall(asked)
        highest = before
        for _ in range(200):
            assert Visitor(server).get("/healthz").status == 200
            highest = max(highest, resident_bytes(server))
        assert highest - before < 20 * MEBIBYTE


def test_a_form_of_many_fields_is_refused_without_being_taken_apart(server: Daphne) -> None:
    with connected(server) as connection, bare(server) as bystander:
        connection.sendall(head(server, FORM, f"Content-Length: {MAX_BODY_BYTES}"))
        connection.sendall(b"a&" * (MAX_BODY_BYTES // 2))
        started = time.monotonic()
        assert bystander.is_alive()
        assert time.monotonic() - started < 1
        assert status(connection) in (400, 403)


def test_a_handshake_with_a_body_is_none(server: Daphne) -> None:
    upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    with connected(server) as connection:
        lines = [*upgrade, key, "Content-Length: 600000"]
        connection.sendall(
            head(server, *lines, method="GET").replace(b"/accounts/login/", b"/ws/chat/")
        )
        connection.sendall(bytes([0x8A, 0x80]) * 300_000)
        assert status(connection) in (400, 0)  # uvicorn takes the body for a flood


@pytest.mark.slow
def test_what_trickles_is_cut_after_30_seconds(servers: dict[str, Daphne]) -> None:
    with contextlib.ExitStack() as stack:
        started = time.monotonic()
        trickling = {
            (name, way): stack.enter_context(begun(server, way))
            for name, server in servers.items()
            for way in WAYS
        }
        open_ones = dict(trickling)
        while open_ones and time.monotonic() - started < REQUEST_SECONDS + 10:
            for case, connection in list(open_ones.items()):
                if has_been_told(connection):
                    del open_ones[case]
                elif "idle" not in case[1]:
                    with contextlib.suppress(OSError):
                        connection.sendall(b"x")
            time.sleep(0.5)
        assert not open_ones
        assert time.monotonic() - started > 4, "it was cut for something else"
        for (name, way), connection in trickling.items():
            expected = {0} if "idle" in way else {408}
            assert status(connection) in expected, (name, way)
            assert is_ended(connection), (name, way)


WAYS = {
    "idle": "",
    "idle after an answer": "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "a first line": "GET /",
    "headers": "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ",
    "a body": "POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n\r\n",
    "a body in pieces": "POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    "Transfer-Encoding: chunked\r\n\r\n1f4\r\n",
    "the headers of a second request": "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /",
}


def begun(server: Daphne, way: str) -> socket.socket:
    """What it says before it trickles; an answer to a first request has been read."""
    connection = connected(server)
    connection.sendall(WAYS[way].encode())
    if "/healthz" in WAYS[way]:
        answer = b""
        while b"}" not in answer:
            answer += connection.recv(4096)
    return connection


def has_been_told(connection: socket.socket) -> bool:
    return bool(select.select([connection], [], [], 0)[0])
