"""What is no message costs as much as one: a client that sends much of it is sent away, whichever
server listens, and nobody else notices."""

import asyncio
import contextlib
import socket
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatsite.websocket_intake import PONGS_AT_ONCE
from tests.live.bare import (
    BEAT,
    CLOSE,
    CONTINUATION,
    FINAL,
    FLOODING,
    HUNG_UP,
    PING,
    PONG,
    TEXT,
    TOO_BIG,
    Bare,
    bare,
    frame,
    handshake,
)
from tests.live.client import ChatClient
from tests.live.servers import Daphne, Uvicorn
from tests.live.site import PreparedSqlite

MEBIBYTE = 1024 * 1024
PROTOCOL_ERROR = 1002
DEFLATED = 4
"""The reserved bit that says so."""


class UvicornWithWsproto(Uvicorn):
    def command(self) -> list[str]:
        *most, application = super().command()
        return [*most, "--ws", "wsproto", application]


@pytest.fixture(scope="module", params=[Daphne, Uvicorn, UvicornWithWsproto])
def server(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    prepared_sqlite: PreparedSqlite,
) -> Iterator[Daphne]:
    """One for all attacks: it is to survive each."""
    with prepared_sqlite.site_in(tmp_path_factory.mktemp("attacks")) as site:
        yield site.serve(request.param)


@pytest.fixture
def client(server: Daphne) -> Iterator[Bare]:
    with bare(server) as bystander, bare(server) as client:
        yield client
        assert bystander.is_alive()
    assert "Traceback" not in server.log()
    assert "trace=" not in server.log()


def flood(client: Bare, data: bytes, most: int = 1) -> None:
    """Sends it so often, or until the server takes no more."""
    client.connection.settimeout(5)
    with contextlib.suppress(OSError):
        for _ in range(most):
            client.connection.sendall(data)
    client.connection.settimeout(10)


def resident_bytes(server: Daphne) -> int:
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def test_empty_pieces_of_a_message_without_end_are_too_big_a_message(client: Bare) -> None:
    flood(client, frame(TEXT, b"", final=False) + frame(CONTINUATION, b"", final=False) * 5_000)
    assert client.close_code() == TOO_BIG


def test_a_message_in_64_pieces_is_one(client: Bare) -> None:
    pieces = [BEAT[at : at + 1] for at in range(len(BEAT))]
    pieces += [b" "] * (63 - len(pieces))
    client.send(TEXT, pieces[0], final=False)
    for piece in pieces[1:]:
        client.send(CONTINUATION, piece, final=False)
    client.send(CONTINUATION, b"")
    assert client.next_event("heartbeat")["ref"] == 7


def test_messages_in_many_small_pieces_are_a_flood(client: Bare) -> None:
    pieces = frame(TEXT, b" ", final=False) + frame(CONTINUATION, b"", final=False) * 62
    flood(client, (pieces + frame(CONTINUATION, b"")) * 40)
    assert client.close_code() == FLOODING


@pytest.mark.parametrize("opcode", [PING, PONG])
def test_control_frames_without_end_are_a_flood(client: Bare, opcode: int) -> None:
    flood(client, frame(opcode, b"x" * 20) * 5_000)
    assert client.close_code() == FLOODING


def test_pings_between_honest_messages_are_counted_with_them(client: Bare) -> None:
    flood(client, (frame(PING) + frame(TEXT, BEAT)) * 600)
    assert client.close_code() == FLOODING


def test_a_frame_a_byte_at_a_time_is_a_flood(client: Bare) -> None:
    client.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with contextlib.suppress(OSError):
        for octet in frame(TEXT, b"x" * 20_000):
            client.connection.send(bytes([octet]))
            time.sleep(0.0002)  # so that each comes by itself
    assert client.close_code() == FLOODING


def test_of_many_pings_the_first_few_are_answered_and_then_one_a_second(client: Bare) -> None:
    client.connection.settimeout(1.5)
    started = time.monotonic()
    client.connection.sendall(frame(PING) * 500)
    pongs = [client.receive() for _ in range(PONGS_AT_ONCE + 2)]
    took = time.monotonic() - started
    assert {opcode for opcode, _payload in pongs} == {PONG}
    assert took >= 1.9


def test_pongs_that_nobody_reads_are_not_kept(server: Daphne) -> None:
    before = resident_bytes(server)
    with contextlib.ExitStack() as stack:
        for client in [stack.enter_context(bare(server)) for _ in range(5)]:
            flood(client, frame(PING, b"x" * 125) * 5_000, most=20)
        assert resident_bytes(server) - before < 20 * MEBIBYTE
        assert client.close_code() in (FLOODING, 0)


def test_a_giant_piece_is_refused_when_it_is_announced(client: Bare) -> None:
    client.send(TEXT, b"x", final=False)
    client.connection.sendall(
        bytes([CONTINUATION, 128 | 127]) + struct.pack("!Q", 1 << 40) + b"mask" + b"x" * 100
    )
    assert client.close_code() == TOO_BIG


def test_a_long_message_is_refused_when_it_is_announced(client: Bare) -> None:
    head = bytes([FINAL | TEXT, 128 | 127]) + struct.pack("!Q", 300 * 1024) + b"mask"
    client.connection.sendall(head + b"x" * 100)
    assert client.close_code() == TOO_BIG


def test_a_message_that_is_small_until_it_is_unpacked_is_too_big(server: Daphne) -> None:
    before = resident_bytes(server)
    packer = zlib.compressobj(9, wbits=-12)
    packed = packer.compress(b" " * (200 * MEBIBYTE)) + packer.flush(zlib.Z_SYNC_FLUSH)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(handshake(server, "Sec-WebSocket-Extensions: permessage-deflate"))
        client = Bare(connection)
        while b"\r\n\r\n" not in client.rest:
            client.rest += connection.recv(4096)
        client.rest = client.rest.partition(b"\r\n\r\n")[2]
        flood(client, frame(TEXT, packed[:-4], reserved=DEFLATED))
        assert client.close_code() in (TOO_BIG, PROTOCOL_ERROR, HUNG_UP)
    assert resident_bytes(server) - before < 20 * MEBIBYTE


def test_a_flood_right_behind_the_handshake_harms_nobody(server: Daphne) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(handshake(server))
        with contextlib.suppress(OSError):
            connection.sendall(frame(PONG) * 50_000)
    with bare(server) as client:
        assert client.is_alive()
    assert "trace=" not in server.log()
    assert "Traceback" not in server.log()


def test_who_says_goodbye_to_a_flood_leaves_no_one_waiting(client: Bare) -> None:
    client.connection.sendall(frame(PING) * 100 + frame(CLOSE, struct.pack("!H", 1000)))
    assert client.close_code() in (1000, 0)


async def test_who_says_more_than_is_taken_up_at_once_is_heard_to_the_end(server: Daphne) -> None:
    """Some three megabytes, of which most have to wait on the way."""
    alice = await ChatClient.connect(server, "alice")
    room = next(iter(alice.rooms))
    for _ in range(120):
        await alice.send({"type": "watch", "rooms": [room]})
    said = [alice.post(room, "x" * 200_000) for _ in range(15)]
    answers = await asyncio.gather(*said, return_exceptions=True)
    assert [getattr(each, "code", each) for each in answers] == ["invalid"] * 15
    assert (await alice.post(room, "and this"))["type"] == "posted"
    await alice.close()
