"""daphne's WebSocket, with bounds where it listens and a short way out.

An application sees a frame only when it is whole, and cannot see what a peer leaves unread: both
are bounded here. And autobahn writes each frame through some ten calls, each of which formats log
lines that nobody reads; a room's frame is the same for all its members, so here it is made once.
"""

from functools import lru_cache
from struct import pack

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

from chat import shutdown
from chat.connection import FLOOD_BYTES, FLOOD_FRAMES, MAX_UNREAD
from chat.protocol import MAX_INCOMING

MAX_UNSENT = MAX_UNREAD + MAX_UNREAD // 4
"""Bytes for a peer that says it got what it never read. An honest one is shut before."""


class ChatWebSocketProtocol(WebSocketProtocol):  # type: ignore[misc]
    """Closes with 1009 what is too long, and says so rather than hang up."""

    maxMessagePayloadSize = MAX_INCOMING  # noqa: N815 - autobahn's names
    maxFramePayloadSize = MAX_INCOMING  # noqa: N815
    failByDrop = False  # noqa: N815

    message_data: list[bytes] | None
    _queued_bytes = 0

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        self._dataReceived(data)

    def onMessageEnd(self) -> None:  # noqa: N802 - autobahn's name
        if not self.failedByMe:
            self.onMessage(b"".join(self.message_data or ()), self.message_is_binary)
        self.message_data = None

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803 - autobahn's
        super().onMessage(payload, isBinary)
        self._bound_queue(len(payload))

    def _bound_queue(self, added: int) -> None:
        """Reads no more from a peer that floods an application too busy to notice yet."""
        waiting = self.application_queue.qsize()
        self._queued_bytes = added if waiting <= 1 else self._queued_bytes + added
        if waiting > FLOOD_FRAMES or self._queued_bytes > 2 * FLOOD_BYTES:
            self.transport.pauseProducing()

    def serverSend(self, content: str | bytes, binary: bool = False) -> None:  # noqa: ARG002, N802 - daphne's
        if self.state != self.STATE_OPEN:
            return
        frame = _text_frame(content) if isinstance(content, str) else _frame(0x82, content)
        transport = self.transport
        if transport.connected and not (transport.dataBuffer or transport._tempDataBuffer):
            # Nothing waits before it: no need to ask the loop when the socket can take it.
            written = transport.writeSomeData(frame)
            if written == len(frame):
                return
            if isinstance(written, int) and written > 0:
                frame = frame[written:]
        transport.write(frame)
        if len(transport.dataBuffer) + transport._tempDataLen > MAX_UNSENT:
            transport.abortConnection()


@lru_cache(maxsize=16)
def _text_frame(text: str) -> bytes:
    return _frame(0x81, text.encode())


def _frame(first: int, payload: bytes) -> bytes:
    """An unfragmented, unmasked frame (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return pack("!BB", first, size) + payload
    if size < 1 << 16:
        return pack("!BBH", first, 126, size) + payload
    return pack("!BBQ", first, 127, size) + payload


def _stop_accepting() -> None:
    """What waits in the queue is for the processes that share it."""
    from twisted.internet import reactor, tcp

    for reader in getattr(reactor, "getReaders", list)():
        if isinstance(reader, tcp.Port):
            reader.stopReading()  # type: ignore[no-untyped-call]


def install() -> None:
    """Has every daphne of this process use it, however it was started."""
    WebSocketFactory.protocol = ChatWebSocketProtocol
    shutdown.doors.append(_stop_accepting)
