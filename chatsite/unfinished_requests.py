"""Requests that are not whole yet: how long they may take, and how many and how big they may be.

A connection that is kept for a next request has one that has not begun.
"""

import asyncio
import resource
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from time import monotonic

from chat.loops import OnePerLoop

REQUEST_SECONDS = 30.0
"""For a request to be complete, headers and body, whatever trickles."""

MAX_BODY_BYTES = 1024 * 1024

_FILES = resource.getrlimit(resource.RLIMIT_NOFILE)[0]

MAX_UNFINISHED = min(2_000, _FILES // 2) if _FILES > 0 else 2_000
"""Each is a file to the kernel, and what a shell gives is some thousand."""

GRACE_SECONDS = 1.0
"""For which none is closed for being one too many: a crowd that comes back comes at once."""

MAX_UNFINISHED_BYTES = 16 * 1024 * 1024
"""Of all of them together."""

REFUSED_AFTER_SECONDS = 1.0
"""Whoever is refused at once comes again at once."""

TOO_LONG_TEXT = b"That is too much: a request may bring up to 1 MB."


def _last_answer(status: bytes, text: bytes) -> bytes:
    head = b"HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n"
    return (head + b"Connection: close\r\n\r\n%s") % (status, len(text), text)


TOO_LONG = _last_answer(b"413 Content Too Large", TOO_LONG_TEXT)
TOO_LATE = _last_answer(b"408 Request Timeout", b"That took too long.")

Cut = Callable[[bool], None]


@dataclass
class _Request:
    cut: Cut
    begun_at: float
    size: int = 0


class UnfinishedRequests:
    """One at most for each connection, in the order in which they were waited for."""

    def __init__(self) -> None:
        self._requests: dict[Hashable, _Request] = {}
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, connection: Hashable, cut: Cut) -> None:
        """`cut` ends the connection; it gets whether any of the request has come."""
        self.end(connection)
        self._requests[connection] = _Request(cut, monotonic())
        self._bound_number()
        if self._timer is None:
            self._look_again()

    def hear(self, connection: Hashable, size: int) -> None:
        """Of too much, what is biggest goes: an honest form is small."""
        if request := self._requests.get(connection):
            request.size += size
            self._bytes += size
            while self._bytes > MAX_UNFINISHED_BYTES:
                self._cut(max(self._requests, key=lambda each: self._requests[each].size))

    def end(self, connection: Hashable) -> None:
        if request := self._requests.pop(connection, None):
            self._bytes -= request.size

    def _bound_number(self) -> None:
        while len(self._requests) > MAX_UNFINISHED:
            oldest = next(iter(self._requests))
            if self._requests[oldest].begun_at > monotonic() - GRACE_SECONDS:
                return
            self._cut(oldest)

    def _look_again(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(1.0, self._look)

    def _look(self) -> None:
        self._timer = None
        latest = monotonic() - REQUEST_SECONDS
        late = [each for each, request in self._requests.items() if request.begun_at < latest]
        for connection in late:
            self._cut(connection)
        self._bound_number()
        if self._requests:
            self._look_again()

    def _cut(self, connection: Hashable) -> None:
        if request := self._requests.get(connection):
            self.end(connection)
            request.cut(request.size > 0)


unfinished_requests = OnePerLoop(UnfinishedRequests)
