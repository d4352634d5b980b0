"""A frame as a server writes it, and the frame of a client that most of what is said comes in."""

import os

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from chatsite.websocket_frames import frame, read_text, text_frame

SIZES = [0, 1, 3, 4, 125, 126, 127, 128, 65_535]


def from_client(payload: bytes, opcode: Opcode = Opcode.TEXT, *, fin: bool = True) -> bytes:
    return Frame(opcode, payload, fin).serialize(mask=True)


@pytest.mark.parametrize("size", SIZES)
def test_one_whole_text_is_read(size: int) -> None:
    payload = os.urandom(size)
    assert read_text(from_client(payload)) == payload


@pytest.mark.parametrize("size", SIZES)
def test_what_is_not_exactly_one_frame_is_left_to_the_server(size: int) -> None:
    whole = from_client(os.urandom(size))
    assert read_text(whole[:-1]) is None
    assert read_text(whole + b"x") is None
    assert read_text(whole * 2) is None


@pytest.mark.parametrize(
    "data",
    [
        from_client(b"a part", fin=False),
        from_client(b"a further part", Opcode.CONT),
        from_client(b"bytes", Opcode.BINARY),
        from_client(b"ping", Opcode.PING),
        from_client(b"\x03\xe8", Opcode.CLOSE),
        from_client(b"x" * 65_536),
        Frame(Opcode.TEXT, b"without a mask").serialize(mask=False),
        b"\xc1" + from_client(b"a bit that means nothing")[1:],
        b"\x81\xfe\x00\x05maskhello",
        b"\x81\xff" + (5).to_bytes(8, "big") + b"maskhello",
    ],
    # Not the bytes themselves: masks are random, and test runners side by side compare names.
    ids=["part", "further", "binary", "ping", "close", "long", "bare", "bit", "padded", "padded8"],
)
def test_any_other_frame_is_left_to_the_server(data: bytes) -> None:
    assert read_text(data) is None


@given(st.binary(max_size=200))
@example(b"\x81\x85maskhello")
def test_whatever_comes_is_read_as_the_standard_says_or_left(data: bytes) -> None:
    payload = read_text(data)
    assert payload is None or len(payload) == len(data) - (6 if len(payload) < 126 else 8)


@pytest.mark.parametrize("size", [*SIZES, 65_536])
def test_a_text_is_written_as_the_standard_says(size: int) -> None:
    text = "x" * size
    assert text_frame(text) == Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


def test_a_binary_frame_says_that_it_is_one() -> None:
    assert frame(0x82, b"bytes") == Frame(Opcode.BINARY, b"bytes").serialize(mask=False)
