"""uvicorn's HTTP, with an end for requests that never come to theirs."""

import asyncio
import importlib
import sys
import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

from chatsite.unfinished_requests import TOO_LATE, TOO_LONG, unfinished_requests

PROTOCOLS = {
    "uvicorn.protocols.http.h11_impl": "H11Protocol",
    "uvicorn.protocols.http.httptools_impl": "HttpToolsProtocol",
}

GOODBYE_SECONDS = 2.0

PIECE_BYTES = 4_096
SHORT_LINE_BYTES = 8


def install() -> None:
    """Every connection tells from then on when a request of its begins and when it is whole."""
    for protocol in classes(PROTOCOLS):
        _notice_connections(protocol)
        _notice_requests(protocol)


def classes(names: dict[str, str]) -> Iterator[Any]:
    """Those of these {module: name} for which the libraries are there, where uvicorn runs. Which of
    them it takes, it may decide before it loads the application or after."""
    if "uvicorn" not in sys.modules:
        return
    for module, name in names.items():
        try:
            with warnings.catch_warnings(action="ignore"):
                found = importlib.import_module(module)
        except ImportError:
            continue
        yield getattr(found, name)


def _notice_connections(protocol: Any) -> None:
    made, lost = protocol.connection_made, protocol.connection_lost

    def connection_made(self: Any, transport: asyncio.Transport) -> None:
        made(self, transport)
        unfinished_requests().begin(self, partial(_cut, self))

    def connection_lost(self: Any, error: Exception | None) -> None:
        unfinished_requests().end(self)
        lost(self, error)

    protocol.connection_made, protocol.connection_lost = connection_made, connection_lost


def _notice_requests(protocol: Any) -> None:
    heard, answered = protocol.data_received, protocol.on_response_complete

    def data_received(self: Any, data: bytes) -> None:
        unfinished_requests().hear(self, len(data))
        for piece in _pieces(data):
            heard(self, piece)
            if _is_whole(self):
                unfinished_requests().end(self)
                if self.transport.get_protocol() is not self:
                    return
            elif _is_in_tiny_chunks(self, piece):
                _hang_up(self, TOO_LONG)
                return

    def on_response_complete(self: Any) -> None:
        unfinished_requests().begin(self, partial(_cut, self))
        answered(self)
        if _is_whole(self):  # the next one came right behind
            unfinished_requests().end(self)

    protocol.data_received, protocol.on_response_complete = data_received, on_response_complete


def _is_whole(protocol: Any) -> bool:
    """Whether it is being answered, or has become a WebSocket's."""
    cycle = protocol.cycle
    answering = cycle is not None and not cycle.more_body and not cycle.response_complete
    return answering or protocol.transport.get_protocol() is not protocol


def _pieces(data: bytes) -> Iterator[bytes]:
    if not _is_broken_up(data):
        yield data
        return
    for at in range(0, len(data), PIECE_BYTES):
        yield data[at : at + PIECE_BYTES]


def _is_in_tiny_chunks(protocol: Any, piece: bytes) -> bool:
    """A body in chunks of some bytes: each costs the parser as much as a line of headers."""
    cycle = protocol.cycle
    if cycle is None or not cycle.more_body or not _is_broken_up(piece):
        return False
    return any(name == b"transfer-encoding" for name, _value in protocol.headers)


def _is_broken_up(data: bytes) -> bool:
    return len(data) >= PIECE_BYTES and data.count(b"\r\n") * SHORT_LINE_BYTES > len(data)


def _cut(protocol: Any, begun: bool) -> None:
    """An answer that is still being taken, however slowly, goes on."""
    unsent = protocol.transport.get_write_buffer_size()
    if not begun and 0 < unsent != getattr(protocol, "chat_unsent", 0):
        protocol.chat_unsent = unsent
        unfinished_requests().begin(protocol, partial(_cut, protocol))
        return
    _hang_up(protocol, TOO_LATE if begun else b"")


def _hang_up(protocol: Any, answer: bytes) -> None:
    """And says why, where no other answer has begun."""
    cycle, transport = protocol.cycle, protocol.transport
    answers = cycle is not None and cycle.response_started and not cycle.response_complete
    if answer and not answers and not transport.is_closing():
        transport.write(answer)
    transport.close()
    asyncio.get_running_loop().call_later(GOODBYE_SECONDS, transport.abort)
