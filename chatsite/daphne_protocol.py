"""daphne's WebSocket, bounded where it listens: the application sees a frame only when it is whole."""

from typing import Any

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

from chat.protocol import MAX_INCOMING


class ChatWebSocketProtocol(WebSocketProtocol):  # type: ignore[misc]
    """Closes with 1009 what is too long, and says so rather than hang up."""

    maxMessagePayloadSize = MAX_INCOMING
    maxFramePayloadSize = MAX_INCOMING
    failByDrop = False

    def sendMessage(self, payload: bytes, isBinary: bool = False, **_: Any) -> None:  # noqa: N802, N803
        """autobahn would hold what we send to the bound of what we take."""
        if self.state == self.STATE_OPEN:
            self.sendFrame(opcode=2 if isBinary else 1, payload=payload)


def install() -> None:
    """Has every daphne of this process use it, however it was started."""
    WebSocketFactory.protocol = ChatWebSocketProtocol
