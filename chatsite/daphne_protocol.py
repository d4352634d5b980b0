"""daphne's WebSocket, with bounds where it listens and a short way out.

An application sees a frame only when it is whole, and cannot see what a peer leaves unread: both
are bounded here. And autobahn writes each frame through some ten calls, each of which formats log
lines that nobody reads; a room's frame is the same for all its members, so here it is made once.
"""

import asyncio
from typing import Any

from autobahn.websocket import protocol as websocket
from daphne import server
from daphne.access import AccessLogGenerator
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet import tcp, unix

from chat import connection, shutdown
from chat.connection import FLOOD_FRAMES
from chat.protocol import MAX_INCOMING
from chatsite.daphne_http import ChatHTTPFactory
from chatsite.logs import shown
from chatsite.websocket_frames import MAX_UNSENT, frame, read_text, text_frame
from chatsite.websocket_intake import Intake

MAX_QUEUED_BYTES = 1024 * 1024
"""That wait for the application to take them up."""

MAX_BEFORE_OPEN_BYTES = 64 * 1024
"""Of a peer that speaks before it is answered, as none should."""

QUEUE_SECONDS = 0.05
"""Between two looks whether it has."""

_PLAIN_SOCKETS = (tcp.Server, unix.Server)
"""TLS wraps these, and looks like them to who asks for an attribute."""


class ChatWebSocketProtocol(WebSocketProtocol):  # type: ignore[misc]
    """Closes with 1009 what is too long, and says so rather than hang up."""

    maxMessagePayloadSize = MAX_INCOMING  # noqa: N815 - autobahn's names
    maxFramePayloadSize = MAX_INCOMING  # noqa: N815
    failByDrop = False  # noqa: N815

    message_data: list[bytes] | None
    _queued_bytes = 0
    _is_paused = False
    _intake: Intake | None = None

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        intake = self._intake
        if intake is None:
            self._intake = Intake(self._write_frame, self._unsent, self._shut)
            self._dataReceived(data)  # the request, as daphne writes it out anew
            return
        text = read_text(data) if self._is_between_messages(intake) else None
        if self.state == self.STATE_CONNECTING:
            # Kept for when it is let in: autobahn would take it for a second request.
            self.data += intake.admit(data)
            if len(self.data) > MAX_BEFORE_OPEN_BYTES:
                self.dropConnection(abort=True)
        elif text is None or not _is_utf8(text):
            self._dataReceived(intake.admit(data))
        elif intake.hear(len(text)):
            self.onMessage(text, False)

    def _is_between_messages(self, intake: Intake) -> bool:
        return (
            self.state == self.STATE_OPEN
            and intake.is_between_messages
            and self.current_frame is None
            and not self.inside_message
            and not self.data
        )

    def onMessageEnd(self) -> None:  # noqa: N802 - autobahn's name
        if not self.failedByMe:
            self.onMessage(b"".join(self.message_data or ()), self.message_is_binary)
        self.message_data = None

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803 - autobahn's
        super().onMessage(payload, isBinary)
        self._bound_queue(len(payload))

    def _bound_queue(self, added: int) -> None:
        """Reads no more, for now, from a peer of whom the application has enough to take up."""
        waiting = self.application_queue.qsize()
        self._queued_bytes = added if waiting <= 1 else self._queued_bytes + added
        if not self._is_paused and (
            waiting > FLOOD_FRAMES or self._queued_bytes > MAX_QUEUED_BYTES
        ):
            self._is_paused = True
            self.transport.pauseProducing()
            self._look_at_queue()

    def _look_at_queue(self) -> None:
        if self.state == self.STATE_CLOSED:
            return
        if self.application_queue.qsize() > 1:
            asyncio.get_running_loop().call_later(QUEUE_SECONDS, self._look_at_queue)
            return
        self._is_paused = False
        if self._intake and not self._intake.is_shut:
            self.transport.resumeProducing()

    def serverSend(self, content: str | bytes, binary: bool = False) -> None:  # noqa: ARG002, N802 - daphne's
        self._write_frame(text_frame(content) if isinstance(content, str) else frame(0x82, content))

    def write_at_once(self, text: str) -> None:
        self._write_frame(text_frame(text))

    def _write_frame(self, data: bytes) -> None:
        if self.state != self.STATE_OPEN:
            return
        if self._can_write_at_once():
            # Nothing waits before it: no need to ask the loop when the socket can take it.
            try:
                sent = self.transport.socket.send(data)
            except OSError:  # full, or lost: Twisted finds out which
                sent = 0
            if sent == len(data):
                return
            data = data[sent:]
        self.transport.write(data)
        self._bound_unsent()

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:  # noqa: N802 - autobahn's
        """Whatever autobahn writes by itself: closes, pings."""
        super().sendData(data, sync, chopsize)
        self._bound_unsent()

    def _bound_unsent(self) -> None:
        if self.transport and self._bytes_unsent() > MAX_UNSENT:
            self.transport.abortConnection()

    def _bytes_unsent(self) -> int:
        return len(self.transport.dataBuffer) + int(self.transport._tempDataLen)

    def _unsent(self) -> int | None:
        return self._bytes_unsent() if self.state == self.STATE_OPEN else None

    def _shut(self, code: int) -> None:
        """Nothing more is read: the goodbye of who floods would come after the flood."""
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=code)
        elif self.state == self.STATE_CONNECTING:
            self.dropConnection(abort=True)
        self.transport.pauseProducing()

    def _can_write_at_once(self) -> bool:
        transport = self.transport
        return (
            type(transport) in _PLAIN_SOCKETS
            and not transport.TLS
            and transport.connected
            and not (transport.dataBuffer or transport._tempDataBuffer)
        )


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _write_at_once(send: Any) -> connection.WriteText | None:
    """For the `send` of a connection that is open: `partial(server.handle_reply, protocol)`."""
    protocol = next(iter(getattr(send, "args", ())), None)
    return protocol.write_at_once if isinstance(protocol, ChatWebSocketProtocol) else None


def _stop_accepting() -> None:
    """What waits in the queue is for the processes that share it."""
    from twisted.internet import reactor

    for reader in getattr(reactor, "getReaders", list)():
        if isinstance(reader, tcp.Port):
            reader.stopReading()  # type: ignore[no-untyped-call]


def _log_shortly(self: AccessLogGenerator, host: str, date: Any, request: str, **more: Any) -> None:
    _write_entry(self, host, date, shown(request), **more)


_write_entry = AccessLogGenerator.write_entry


def install() -> None:
    """Has every daphne of this process use it, however it was started."""
    WebSocketFactory.protocol = ChatWebSocketProtocol
    # Each connection's settings would be laid out for a log that nobody keeps.
    vars(websocket)["pformat"] = str
    server.HTTPFactory = ChatHTTPFactory
    AccessLogGenerator.write_entry = _log_shortly
    connection.short_ways.append(_write_at_once)
    shutdown.doors.append(_stop_accepting)
