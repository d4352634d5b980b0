"""daphne's HTTP, with bounds where it listens: it keeps a body whole before anybody sees it."""

import asyncio
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.internet.protocol import connectionDone
from twisted.web.http import HTTPChannel, _MalformedChunkedDataError

from chatsite.unfinished_requests import (
    MAX_BODY_BYTES,
    REFUSED_AFTER_SECONDS,
    TOO_LATE,
    TOO_LONG,
    unfinished_requests,
)

MAX_CHUNKS = 1_024
"""Of a body in chunks: a byte in each would cost as much as a message in each."""


MAX_UNSENT_BYTES = 512 * 1024
"""Of answers, beyond which a connection takes no more requests."""


class ChatRequest(WebRequest):  # type: ignore[misc]
    """Refuses what daphne would fail at, with a traceback for each."""

    def __init__(self, *arguments: Any) -> None:
        # Twisted would read a form too, here on the loop, however many fields it has.
        super().__init__(*arguments, parsePOSTFormSubmission=False)
        self._chunks = 0

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if self.channel.is_refused:
            return
        self._chunks += self.channel.length is None
        if self._chunks > MAX_CHUNKS:
            raise _MalformedChunkedDataError  # Twisted answers 400, and stops at once
        if self.content.tell() + len(data) > MAX_BODY_BYTES:
            self.channel.refuse(TOO_LONG)
        else:
            super().handleContentChunk(data)

    def process(self) -> Any:
        self.requestHeaders.removeHeader(b"Daphne-Root-Path")
        upgrade, *_others = self.requestHeaders.getRawHeaders(b"Upgrade", [b""])
        if upgrade.lower() == b"websocket" and not self._is_handshake():
            return self.basic_error(400, b"Bad Request", "Not a WebSocket handshake")
        return super().process()

    def _is_handshake(self) -> bool:
        """A body would be taken for frames that nobody has counted."""
        protocols = self.requestHeaders.getRawHeaders(b"Sec-WebSocket-Protocol", [])
        return not self.content.read(1) and all(each.isascii() for each in protocols)


class ChatChannel(HTTPChannel):
    """One connection, and its requests one after another."""

    transport: Any
    requestFactory: Any = ChatRequest  # noqa: N815 - Twisted's name
    is_refused = False
    _unsent = 0

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's names
        super().connectionMade()  # type: ignore[no-untyped-call]
        self._await_request()

    def _await_request(self) -> None:
        unfinished_requests().begin(self, self._cut)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        unfinished_requests().hear(self, len(data))
        if not self.is_refused:
            super().dataReceived(data)  # type: ignore[no-untyped-call]

    def allHeadersReceived(self) -> None:  # noqa: N802
        if (self.length or 0) > MAX_BODY_BYTES:
            self.refuse(TOO_LONG)
            return
        super().allHeadersReceived()  # type: ignore[no-untyped-call]

    def allContentReceived(self) -> None:  # noqa: N802
        unfinished_requests().end(self)
        if not self.is_refused:
            super().allContentReceived()  # type: ignore[no-untyped-call]

    def requestDone(self, request: Any) -> None:  # noqa: N802
        self._await_request()
        if self._unsent_bytes() > MAX_UNSENT_BYTES:
            # Else Twisted answers what came along with it, for who reads none of the answers.
            self.is_refused = True
            self._dataBuffer: list[bytes] = []
        super().requestDone(request)  # type: ignore[no-untyped-call]
        if self.is_refused:
            self.loseConnection()  # type: ignore[no-untyped-call]

    def _unsent_bytes(self) -> int:
        return len(self.transport.dataBuffer) + int(self.transport._tempDataLen)

    def connectionLost(self, reason: Any = connectionDone) -> None:  # noqa: N802
        unfinished_requests().end(self)
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def refuse(self, answer: bytes) -> None:
        """Hears nothing more, and says so after a moment."""
        if not self.is_refused:
            self.is_refused = True
            self.transport.pauseProducing()
            loop = asyncio.get_running_loop()
            loop.call_later(REFUSED_AFTER_SECONDS, self._say_goodbye, answer)

    def _say_goodbye(self, answer: bytes) -> None:
        if self.transport:
            self.transport.write(answer)
            self.timeoutConnection()  # type: ignore[no-untyped-call]

    def _cut(self, begun: bool) -> None:
        """An answer that is still being taken, however slowly, goes on."""
        unsent = self._unsent_bytes()
        if not begun and 0 < unsent != self._unsent:
            self._unsent = unsent
            self._await_request()
        elif begun:
            self.refuse(TOO_LATE)
        else:
            self.timeoutConnection()  # type: ignore[no-untyped-call]


class ChatHTTPFactory(HTTPFactory):  # type: ignore[misc]
    protocol = ChatChannel

    def buildProtocol(self, addr: Any) -> ChatChannel:  # noqa: N802 - Twisted's name
        channel: ChatChannel = super().buildProtocol(addr)
        channel.requestFactory = ChatRequest
        return channel

    def acceptableProtocols(self) -> list[bytes]:  # noqa: N802
        return [b"http/1.1"]
