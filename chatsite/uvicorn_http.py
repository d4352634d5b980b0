"""uvicorn's HTTP, with an end for requests that never come to theirs."""

import asyncio
import importlib
import sys
import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

from chatsite.unfinished_requests import TOO_LATE, unfinished_requests

PROTOCOLS = {
    "uvicorn.protocols.http.h11_impl": "H11Protocol",
    "uvicorn.protocols.http.httptools_impl": "HttpToolsProtocol",
}

GOODBYE_SECONDS = 2.0


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
        heard(self, data)
        if _is_whole(self):
            unfinished_requests().end(self)

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


def _cut(protocol: Any, begun: bool) -> None:
    cycle, transport = protocol.cycle, protocol.transport
    answers = cycle is not None and cycle.response_started and not cycle.response_complete
    if begun and not answers and not transport.is_closing():
        transport.write(TOO_LATE)
    transport.close()
    asyncio.get_running_loop().call_later(GOODBYE_SECONDS, transport.abort)
