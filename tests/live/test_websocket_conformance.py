"""The protocol itself (RFC 6455), after the cases of Autobahn's test suite: a bare socket at the
running site. Where a frame is in order it is answered in the chat's way: with an event.

Numbers in brackets are those of the suite's cases.
"""

import json
import struct
from collections.abc import Iterator

import pytest

from tests.live.bare import (
    BEAT,
    BINARY,
    CLOSE,
    CONTINUATION,
    FINAL,
    HUNG_UP,
    PING,
    PONG,
    TEXT,
    TOO_BIG,
    Bare,
    bare,
    frame,
)
from tests.live.servers import Daphne
from tests.live.site import PreparedSqlite

PROTOCOL_ERROR, NOT_UTF8 = 1002, 1007


@pytest.fixture(scope="module")
def daphne(
    tmp_path_factory: pytest.TempPathFactory, prepared_sqlite: PreparedSqlite
) -> Iterator[Daphne]:
    """One for all cases: it is to survive each."""
    with prepared_sqlite.site_in(tmp_path_factory.mktemp("conformance")) as site:
        yield site.serve()


@pytest.fixture
def client(daphne: Daphne) -> Iterator[Bare]:
    with bare(daphne) as client:
        yield client


@pytest.mark.parametrize("size", [0, 125, 126, 127, 128, 65535, 65536, 200_000])
def test_a_text_of_any_length_is_heard(client: Bare, size: int) -> None:
    """[1.1, 9.1]"""
    client.send(TEXT, b" " * size)
    assert client.next_event("error")["code"] == "bad_frame"
    assert client.is_alive()


@pytest.mark.parametrize("size", [0, 125, 65536])
def test_a_binary_message_is_refused_and_the_socket_stays(client: Bare, size: int) -> None:
    """[1.2]"""
    client.send(BINARY, b"\xfe" * size)
    assert client.next_event("error")["code"] == "bad_frame"
    assert client.is_alive()


@pytest.mark.parametrize("payload", [b"", b"hello", b"\x00\xff\xfe", b"\xfe" * 125])
def test_a_ping_is_answered_with_the_same_words(client: Bare, payload: bytes) -> None:
    """[2.1–2.4]"""
    client.send(PING, payload)
    assert client.receive() == (PONG, payload)


def test_a_ping_that_is_too_long_closes(client: Bare) -> None:
    """[2.5]"""
    client.send(PING, b"x" * 126)
    assert client.close_code() == PROTOCOL_ERROR


def test_a_pong_that_nobody_asked_for_is_ignored(client: Bare) -> None:
    """[2.7–2.9]"""
    client.send(PONG, b"unasked")
    assert client.is_alive()


def test_several_pings_are_answered_in_their_order(client: Bare) -> None:
    """[2.10]"""
    for number in range(10):
        client.send(PING, str(number).encode())
    assert [client.receive() for _ in range(10)] == [(PONG, str(n).encode()) for n in range(10)]


@pytest.mark.parametrize("reserved", range(1, 8))
def test_reserved_bits_close(client: Bare, reserved: int) -> None:
    """[3.1–3.7]"""
    client.send(TEXT, BEAT, reserved=reserved)
    assert client.close_code() == PROTOCOL_ERROR


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
def test_unknown_opcodes_close(client: Bare, opcode: int) -> None:
    """[4.1, 4.2]"""
    client.send(opcode)
    assert client.close_code() == PROTOCOL_ERROR


@pytest.mark.parametrize("opcode", [PING, PONG])
def test_a_control_frame_in_parts_closes(client: Bare, opcode: int) -> None:
    """[5.1, 5.2]"""
    client.send(opcode, b"part", final=False)
    assert client.close_code() == PROTOCOL_ERROR


def test_a_message_in_parts_is_one_message(client: Bare) -> None:
    """[5.3–5.5]"""
    client.send(TEXT, BEAT[:10], final=False)
    client.send(CONTINUATION, BEAT[10:])
    assert client.next_event("heartbeat")["ref"] == 7


def test_a_message_byte_by_byte_is_one_message(client: Bare) -> None:
    """[5.5, 6.2]"""
    stream = frame(TEXT, BEAT)
    for place in range(len(stream)):
        client.connection.sendall(stream[place : place + 1])
    assert client.next_event("heartbeat")["ref"] == 7


def test_a_ping_between_the_parts_is_answered_between_them(client: Bare) -> None:
    """[5.6–5.8, 5.19]"""
    client.send(TEXT, BEAT[:10], final=False)
    client.send(PING, b"between")
    assert client.receive() == (PONG, b"between")
    client.send(CONTINUATION, b"", final=False)
    client.send(CONTINUATION, BEAT[10:])
    assert client.next_event("heartbeat")["ref"] == 7


@pytest.mark.parametrize("final", [True, False])
def test_a_continuation_of_nothing_closes(client: Bare, final: bool) -> None:
    """[5.9–5.14]"""
    client.send(CONTINUATION, b"of nothing", final=final)
    assert client.close_code() == PROTOCOL_ERROR


def test_a_new_message_before_the_last_is_whole_closes(client: Bare) -> None:
    """[5.15–5.18]"""
    client.send(TEXT, b"first", final=False)
    client.send(TEXT, b"second")
    assert client.close_code() == PROTOCOL_ERROR


@pytest.mark.parametrize(
    "text", ["κόσμε", "Hello-µ@ßöäüàá-UTF-8!!", "\U0001f600", "\U0010ffff", "\uffff", "\x00"]
)
def test_any_text_in_utf_8_is_heard(client: Bare, text: str) -> None:
    """[6.5–6.23]"""
    client.send(TEXT, json.dumps({"type": text, "ref": 3}, ensure_ascii=False).encode())
    event = client.next_event("error")
    assert event["code"] in ("unknown_type", "bad_frame")


@pytest.mark.parametrize(
    "octets",
    [
        b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
        b"\x80",
        b"\xc0\xaf",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xf8\x88\x80\x80\x80",
        b"\xf4\x90\x80\x80",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xfe",
        b"\xff",
        b"\xce",
        b"\xf0\x9f\x98",
    ],
)
def test_what_is_not_utf_8_closes(client: Bare, octets: bytes) -> None:
    """[6.3, 6.4, 6.6, 6.8, 6.10–6.21]"""
    client.send(TEXT, octets)
    assert client.close_code() == NOT_UTF8


def test_a_character_may_be_cut_between_two_parts(client: Bare) -> None:
    """[6.2]"""
    text = json.dumps({"type": "π€😀", "ref": 3}, ensure_ascii=False).encode()
    client.send(TEXT, text[:1], final=False)
    for octet in text[1:-1]:
        client.send(CONTINUATION, bytes([octet]), final=False)
    client.send(CONTINUATION, text[-1:])
    assert client.next_event("error")["code"] == "unknown_type"


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 3000, 3999, 4000, 4999])
def test_a_goodbye_is_answered_and_the_connection_ends(client: Bare, code: int) -> None:
    """[7.1, 7.7]"""
    client.send(CLOSE, struct.pack("!H", code) + b"goodbye")
    assert client.close_code() in (code, 1000)
    assert client.connection.recv(1) == b""


def test_a_goodbye_without_a_code_is_answered(client: Bare) -> None:
    """[7.3.1]"""
    client.send(CLOSE)
    assert client.close_code() in (0, 1000)


@pytest.mark.parametrize(
    "payload",
    [b"\x03", *(struct.pack("!H", code) for code in (0, 999, 1004, 1005, 1006, 1016, 2999, 5000))],
)
def test_a_goodbye_that_may_not_be_ends_the_connection(client: Bare, payload: bytes) -> None:
    """[7.3.2, 7.9] daphne hangs up at once, which the standard permits."""
    client.send(CLOSE, payload)
    assert client.close_code() in (PROTOCOL_ERROR, HUNG_UP)


def test_a_goodbye_whose_reason_is_not_utf_8_ends_the_connection(client: Bare) -> None:
    """[7.5] As above."""
    client.send(CLOSE, struct.pack("!H", 1000) + b"\xce\xba\xed\xa0\x80")
    assert client.close_code() in (NOT_UTF8, HUNG_UP)


def test_what_comes_after_the_goodbye_is_not_heard(client: Bare) -> None:
    """[7.1.3–7.1.5]"""
    client.connection.sendall(frame(CLOSE, struct.pack("!H", 1000)) + frame(PING, b"late"))
    opcodes = []
    while (received := client.receive())[1]:
        opcodes.append(received[0])
    assert PONG not in opcodes


def test_a_frame_that_is_not_masked_closes(client: Bare) -> None:
    """RFC 6455, 5.1"""
    client.connection.sendall(bytes([FINAL | TEXT, len(BEAT)]) + BEAT)
    assert client.close_code() == PROTOCOL_ERROR


@pytest.mark.parametrize("parts", [1, 4])
def test_a_message_over_256_kib_closes_whole_or_in_parts(client: Bare, parts: int) -> None:
    """[9, but bounded]"""
    part = b"x" * (256 * 1024 // parts + 1)
    try:
        for number in range(parts):
            opcode = CONTINUATION if number else TEXT
            client.send(opcode, part, final=number == parts - 1)
    except (BrokenPipeError, ConnectionResetError):
        pass  # it was told before it had said all
    assert client.close_code() == TOO_BIG


def test_the_announcement_of_a_huge_frame_is_enough(client: Bare) -> None:
    """Nothing of it is waited for, nor kept."""
    client.connection.sendall(
        bytes([FINAL | TEXT, 128 | 127]) + struct.pack("!Q", 1 << 40) + b"mask" + b"x" * 100
    )
    assert client.close_code() == TOO_BIG
