"""What a client sends on a WebSocket, counted where it comes in, whichever server listens.

An application sees whole messages alone. Pieces of messages, pings and what is cut into small reads
cost as much and never reach it; so every frame is counted here, and pings are answered here.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from time import monotonic
from typing import NamedTuple

from chat import metrics
from chat.connection import FLOOD_BYTES, FLOOD_FRAMES, FLOOD_WINDOW, FLOODING
from chat.protocol import MAX_INCOMING
from chatsite.websocket_frames import frame, text_start

MAX_FRAGMENTS = 64
"""Of a message; more, and it is as if it were too long."""

TOO_BIG = 1009

PONG_SECONDS = 1.0
"""Between two pongs, once the first few are out."""

PONGS_AT_ONCE = 10
"""As many as the Autobahn test suite asks for in one go."""

ALMOST_ONE = 0.99
"""A timer may come a little before its time."""

MAX_PINGS_WAITING = 10
"""Of more, the latest are answered (RFC 6455, 5.5.3)."""

SMALL_READ_BYTES = 1_024
"""A read that brings less, and no frame, counts as one: it cost as much. On the way through a
network pieces of a long message are longer."""

_PING = 0x89
_CLOSE = 0x08


class _Excess(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Head(NamedTuple):
    """Of a frame: its first byte, how many bytes it has itself, and how many follow it."""

    first: int
    mask: bytes
    size: int
    length: int

    @property
    def is_ping(self) -> bool:
        """One that may be answered; what is wrong with another is the server's to say."""
        return self.first == _PING and bool(self.mask) and self.length <= 125


class Intake:
    """Of one connection. `write` takes a frame; `unsent` tells the bytes that wait to be sent, or
    None when it is closed; `close` says goodbye with a code."""

    def __init__(
        self,
        write: Callable[[bytes], None],
        unsent: Callable[[], int | None],
        close: Callable[[int], None],
    ) -> None:
        self.is_shut = False
        self._close = close
        self._pongs = _Pongs(write, unsent)
        self._spent: deque[tuple[float, int, int]] = deque()
        self._frames = self._bytes = 0
        self._held = b""
        self._rest = self._fragments = self._message_bytes = 0

    @property
    def is_between_messages(self) -> bool:
        return not (self._fragments or self._rest or self._held or self.is_shut)

    def hear(self, size: int) -> bool:
        """Counts a whole message; False, and shut, for one too many."""
        if self.is_shut:
            return False
        try:
            self._spend(1, size)
        except _Excess as excess:
            self._shut(excess.code)
        return not self.is_shut

    def admit(self, data: bytes) -> bytes:
        """What of these bytes is for the server."""
        if self.is_shut:
            return b""
        if (start := text_start(data)) and self.is_between_messages:
            return data if self.hear(len(data) - start) else b""
        try:
            return b"".join(self._frames_of(data))
        except _Excess as excess:
            self._shut(excess.code)
            return b""

    def _frames_of(self, data: bytes) -> Iterator[bytes]:
        frames, payload, at = int(len(data) < SMALL_READ_BYTES), 0, 0
        data, self._held = self._held + data, b""
        while at < len(data):
            if not self._rest:
                head = _head(data, at)
                if head is None:
                    self._held = data[at:]
                    break
                frames = 0
                self._begin(head)
                start, at = at, at + head.size
                if head.is_ping:
                    start, at = at, at + head.length
                    self._pongs.ask(_unmasked(data[start:at], head.mask))
                    continue
                yield data[start:at]
                self._rest = head.length
            piece = data[at : at + self._rest]
            yield piece
            at += len(piece)
            payload += len(piece)
            self._rest -= len(piece)
        self._spend(frames, payload)

    def _begin(self, head: _Head) -> None:
        self._spend(1, 0)
        opcode = head.first & 0x0F
        if opcode & 0x08:
            if opcode == _CLOSE:
                self._pongs.end()
            return
        if opcode:
            self._fragments = self._message_bytes = 0
        self._fragments += 1
        self._message_bytes += head.length
        if self._fragments > MAX_FRAGMENTS or self._message_bytes > MAX_INCOMING:
            raise _Excess(TOO_BIG)
        if head.first & 0x80:
            self._fragments = self._message_bytes = 0

    def _spend(self, frames: int, size: int) -> None:
        now = monotonic()
        self._spent.append((now, frames, size))
        self._frames += frames
        self._bytes += size
        while self._spent[0][0] < now - FLOOD_WINDOW:
            _moment, old_frames, old_bytes = self._spent.popleft()
            self._frames -= old_frames
            self._bytes -= old_bytes
        if self._frames > FLOOD_FRAMES or self._bytes > FLOOD_BYTES:
            raise _Excess(FLOODING)

    def _shut(self, code: int) -> None:
        self.is_shut = True
        self._spent.clear()
        self._pongs.end()
        metrics.closes.labels(code).inc()
        self._close(code)


class _Pongs:
    """A few at once and then one a second, in the order of the pings, and none while anything is
    unsent: who does not read would have the server keep them."""

    def __init__(self, write: Callable[[bytes], None], unsent: Callable[[], int | None]) -> None:
        self._write = write
        self._unsent = unsent
        self._waiting: deque[bytes] = deque(maxlen=MAX_PINGS_WAITING)
        self._timer: asyncio.TimerHandle | None = None
        self._allowed, self._allowed_at = float(PONGS_AT_ONCE), monotonic()
        self._is_ended = False

    def ask(self, payload: bytes) -> None:
        if self._is_ended:
            return
        self._waiting.append(payload)
        if self._timer is None:
            self._answer()

    def _answer(self) -> None:
        self._timer = None
        self._allow()
        while self._waiting and self._allowed > ALMOST_ONE and self._unsent() == 0:
            self._write(frame(0x8A, self._waiting.popleft()))
            self._allowed -= 1
        if self._waiting and self._unsent() is not None:
            self._timer = asyncio.get_running_loop().call_later(PONG_SECONDS, self._answer)

    def _allow(self) -> None:
        now = monotonic()
        earned = (now - self._allowed_at) / PONG_SECONDS
        self._allowed, self._allowed_at = min(PONGS_AT_ONCE, self._allowed + earned), now

    def end(self) -> None:
        self._is_ended = True
        self._waiting.clear()


def _head(data: bytes, at: int) -> _Head | None:
    """None if it is not there as a whole, and of a ping if what follows it is not."""
    there = len(data) - at
    if there < 2:
        return None
    length, size = data[at + 1] & 0x7F, 2
    if length > 125:
        size = 4 if length == 126 else 10
        length = int.from_bytes(data[at + 2 : at + size], "big")
    mask_at = at + size
    size += 4 if data[at + 1] & 0x80 else 0
    head = _Head(data[at], data[mask_at : at + size], size, length)
    return None if there < size + (length if head.is_ping else 0) else head


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    return bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
