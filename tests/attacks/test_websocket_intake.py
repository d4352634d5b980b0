"""However a client cuts what it sends, it is counted; and what is honest passes unchanged."""

import asyncio
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.connection import FLOOD_BYTES, FLOOD_FRAMES, FLOODING
from chat.protocol import MAX_INCOMING
from chatsite import websocket_intake
from chatsite.websocket_intake import (
    MAX_FRAGMENTS,
    MAX_PINGS_WAITING,
    PONGS_AT_ONCE,
    TOO_BIG,
    Intake,
)
from tests.live.bare import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, frame

KIBIBYTE = 1024


class Server:
    """What an intake sees of one."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.unsent: int | None = 0
        self.codes: list[int] = []
        self.intake = Intake(self.written.append, lambda: self.unsent, self.codes.append)

    def hears(self, *reads: bytes) -> bytes:
        return b"".join(map(self.intake.admit, reads))


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets it on by so many seconds."""
    now = 0.0
    monkeypatch.setattr(websocket_intake, "monotonic", lambda: now)

    def go_on(seconds: float) -> None:
        nonlocal now
        now += seconds

    return go_on


MESSAGES = st.lists(
    st.tuples(st.sampled_from([TEXT, BINARY, PONG]), st.binary(max_size=300)), max_size=20
)


@given(messages=MESSAGES, seed=st.integers())
def test_what_is_honest_passes_unchanged_however_it_is_cut(
    messages: list[tuple[int, bytes]], seed: int
) -> None:
    server, dice = Server(), random.Random(seed)
    stream = b"".join(frame(opcode, payload[:125]) for opcode, payload in messages)
    reads, at = [], 0
    while at < len(stream):
        size = dice.choice([1, 2, 7, 100, 2_000])
        reads.append(stream[at : at + size])
        at += size
    assert server.hears(*reads) == stream
    assert server.codes == []


def test_as_many_frames_as_may_be_pass_and_one_more_is_a_flood(server: Server) -> None:
    server.hears(frame(TEXT, b"x") * FLOOD_FRAMES)
    assert server.codes == []
    assert server.hears(frame(TEXT, b"x")) == b""
    assert server.codes == [FLOODING]


def test_whole_messages_and_others_are_counted_together(server: Server) -> None:
    assert all(server.intake.hear(10) for _ in range(FLOOD_FRAMES))
    server.hears(frame(PONG))
    assert server.codes == [FLOODING]
    assert not server.intake.hear(10)
    assert server.codes == [FLOODING], "it is said once"


def test_as_many_bytes_as_may_be_pass_and_one_more_is_a_flood(server: Server) -> None:
    message = frame(TEXT, b"x" * MAX_INCOMING)
    server.hears(*[message] * (FLOOD_BYTES // MAX_INCOMING))
    assert server.codes == []
    server.hears(frame(TEXT, b"x"))
    assert server.codes == [FLOODING]


def test_after_ten_seconds_it_is_forgotten(server: Server, clock: Callable[[float], None]) -> None:
    for _ in range(5):
        server.hears(frame(TEXT, b"x") * FLOOD_FRAMES)
        clock(10.1)
    assert server.codes == []


def test_bytes_that_come_one_by_one_are_counted_as_frames(server: Server) -> None:
    stream = frame(TEXT, b"x" * 5_000)
    server.hears(*(bytes([octet]) for octet in stream))
    assert server.codes == [FLOODING]


def test_a_long_message_in_the_pieces_of_a_network_is_one_message(server: Server) -> None:
    stream = frame(TEXT, b"x" * MAX_INCOMING) * 8
    server.hears(*(stream[at : at + 1_208] for at in range(0, len(stream), 1_208)))
    assert server.codes == []


@pytest.mark.parametrize("size", [MAX_INCOMING + 1, 1 << 40])
def test_a_message_that_is_too_long_is_refused_when_it_is_announced(
    server: Server, size: int
) -> None:
    head = bytes([0x81, 0xFF]) + size.to_bytes(8, "big") + b"mask"
    assert server.hears(head) == b""
    assert server.codes == [TOO_BIG]


def test_a_message_that_is_too_long_in_pieces_is_refused_too(server: Server) -> None:
    server.hears(frame(TEXT, b"x" * (200 * KIBIBYTE), final=False))
    assert server.codes == []
    server.hears(frame(CONTINUATION, b"x" * (57 * KIBIBYTE)))
    assert server.codes == [TOO_BIG]


def test_a_message_has_so_many_pieces_at_most(server: Server) -> None:
    pieces = frame(TEXT, final=False) + frame(CONTINUATION, final=False) * (MAX_FRAGMENTS - 2)
    server.hears((pieces + frame(CONTINUATION)) * 3)
    assert server.codes == []
    server.hears(pieces + frame(CONTINUATION, final=False) * 2)
    assert server.codes == [TOO_BIG]


async def test_a_ping_is_answered_and_kept_from_the_server(server: Server) -> None:
    stream = frame(TEXT, b"a", final=False) + frame(PING, b"hello") + frame(CONTINUATION, b"b")
    heard = server.hears(*(bytes([octet]) for octet in stream))
    assert len(heard) == len(frame(TEXT, b"a")) * 2
    assert server.written == [b"\x8a\x05hello"]


async def test_a_few_pings_are_answered_at_once_and_then_one_a_second(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket_intake, "PONG_SECONDS", 0.01)
    pings = [frame(PING, b"%d" % number) for number in range(50)]
    pongs = [b"\x8a" + bytes([len(b"%d" % number)]) + b"%d" % number for number in range(50)]
    server.hears(b"".join(pings))
    assert server.written == pongs[:PONGS_AT_ONCE]
    server.hears(*pings)
    await asyncio.sleep(0.3)
    latest = pongs[-MAX_PINGS_WAITING:]
    assert server.written[-len(latest) :] == latest
    assert len(server.written) < 2 * len(pings)


async def test_while_anything_is_unsent_no_ping_is_answered(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket_intake, "PONG_SECONDS", 0.01)
    server.unsent = 1
    server.hears(frame(PING, b"a"))
    await asyncio.sleep(0.05)
    assert server.written == []
    server.unsent = 0
    await asyncio.sleep(0.05)
    assert server.written == [b"\x8a\x01a"]


@pytest.mark.parametrize(
    "last",
    [frame(CLOSE), frame(CONTINUATION, b"x" * (MAX_INCOMING + 1))],
    ids=["theirs", "ours"],  # the bytes differ from run to run
)
async def test_after_a_goodbye_no_ping_is_answered(server: Server, last: bytes) -> None:
    server.hears(last, frame(PING))
    assert server.written == []


def test_what_is_wrong_with_a_ping_is_for_the_server_to_say(server: Server) -> None:
    wrong = [
        frame(PING, b"x" * 126),
        frame(PING, final=False),
        b"\x89\x00",
        frame(PING, reserved=4),
    ]
    assert server.hears(*wrong) == b"".join(wrong)
