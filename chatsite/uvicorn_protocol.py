"""uvicorn's WebSockets, with bounds where they listen and a short way out.

Its own way makes each frame anew, through some ten calls; a room's frame is the same for all its
members.
"""

import asyncio
import contextlib
from functools import partial
from typing import Any

from chat import connection
from chat.protocol import MAX_INCOMING
from chatsite import logs, uvicorn_http
from chatsite.websocket_frames import MAX_UNSENT, text_frame
from chatsite.websocket_intake import Intake

PROTOCOLS = {
    "uvicorn.protocols.websockets.websockets_sansio_impl": "WebSocketsSansIOProtocol",
    "uvicorn.protocols.websockets.websockets_impl": "WebSocketProtocol",
    "uvicorn.protocols.websockets.wsproto_impl": "WSProtocol",
}

NO_HANDSHAKE = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

GOODBYE_SECONDS = 1.0


def install() -> None:
    connection.short_ways.append(_write_at_once)
    uvicorn_http.install()
    for protocol in uvicorn_http.classes(PROTOCOLS):
        _bound(protocol)
    for name in ("uvicorn.access", "uvicorn.error"):
        logs.shorten_values_of(name)


def _bound(protocol: Any) -> None:
    """Every connection counts what comes in from now on, whichever library reads it."""
    made, heard = protocol.__init__, protocol.data_received

    def begin(self: Any, config: Any, *more: Any, **options: Any) -> None:
        # Not all of its libraries bound what a message is unpacked to; and ours go out as they are.
        config.ws_per_message_deflate = False
        config.ws_max_size = min(config.ws_max_size, MAX_INCOMING)
        self.chat_intake = None
        made(self, config, *more, **options)

    def data_received(self: Any, data: bytes) -> None:
        if self.chat_intake is None:  # the request, as uvicorn writes it out anew
            self.chat_intake = _intake_of(self)
            try:
                heard(self, data)
            except ValueError:  # wsproto's, of a header that is not ASCII
                self.transport.write(NO_HANDSHAKE)
                self.transport.close()
        elif admitted := self.chat_intake.admit(data):
            heard(self, admitted)

    protocol.__init__, protocol.data_received = begin, data_received


def _intake_of(protocol: Any) -> Intake:
    transport = protocol.transport

    def unsent() -> int | None:
        return None if transport.is_closing() else int(transport.get_write_buffer_size())

    return Intake(transport.write, unsent, partial(_close, protocol))


def _close(protocol: Any, code: int) -> None:
    loop = asyncio.get_running_loop()
    protocol.chat_goodbye = loop.create_task(_say_goodbye(protocol, code))
    # Nothing more is read: the goodbye of who floods would come after the flood.
    loop.call_later(GOODBYE_SECONDS, _cut, protocol.transport)


def _cut(transport: asyncio.Transport) -> None:
    if transport.is_closing():  # its socket may be another's by now
        transport.abort()
    else:
        connection.cut_off(transport)


async def _say_goodbye(protocol: Any, code: int) -> None:
    """As the application would."""
    send = getattr(protocol, "asgi_send", protocol.send)
    with contextlib.suppress(Exception):  # it may have ended, or the application was first
        await send({"type": "websocket.close", "code": code})
    protocol.transport.pause_reading()


def _write_at_once(send: Any) -> connection.WriteText | None:
    """For the `send` of a connection that is open."""
    protocol: Any = getattr(send, "__self__", None)
    if not type(protocol).__module__.startswith("uvicorn.protocols.websockets."):
        return None
    transport = protocol.transport

    def write(text: str) -> None:
        if transport.is_closing():
            return
        transport.write(text_frame(text))
        if transport.get_write_buffer_size() > MAX_UNSENT:
            connection.cut_off(transport)

    return write
