"""Frames of RFC 6455 as a server writes them: whole and unmasked."""

from functools import lru_cache
from struct import pack

from chat.connection import MAX_UNREAD

MAX_UNSENT = MAX_UNREAD + MAX_UNREAD // 4
"""Bytes for a peer that says it got what it never read. An honest one is shut before."""


@lru_cache(maxsize=16)
def text_frame(text: str) -> bytes:
    """A room's frame is the same for all its members: it is made once."""
    return frame(0x81, text.encode())


def read_text(data: bytes) -> bytes | None:
    """The payload, if these bytes are one whole text of a client, in one short frame; most are."""
    start = text_start(data)
    if not start:
        return None
    size = len(data) - start
    mask = data[start - 4 : start] * (size // 4 + 1)
    masked = int.from_bytes(data[start:], "little")
    return (masked ^ int.from_bytes(mask[:size], "little")).to_bytes(size, "little")


def text_start(data: bytes) -> int:
    """Where the payload starts, if these bytes are such a text; else 0."""
    if len(data) < 6 or data[0] != 0x81 or not 0x80 <= data[1] <= 0xFE:
        return 0
    size, start = data[1] & 0x7F, 6
    if size == 126:
        size, start = int.from_bytes(data[2:4], "big"), 8
        if size < 126:
            return 0
    return start if len(data) == start + size else 0


def frame(first: int, payload: bytes) -> bytes:
    """Its `first` byte and length, then the payload (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return pack("!BB", first, size) + payload
    if size < 1 << 16:
        return pack("!BBH", first, 126, size) + payload
    return pack("!BBQ", first, 127, size) + payload
