"""Bodies that are too long are refused, whichever server reads them.

daphne keeps a body whole before the application sees any of it: `chatsite.daphne_http`.
"""

import asyncio
from typing import Any

from chatsite.unfinished_requests import MAX_BODY_BYTES, REFUSED_AFTER_SECONDS, TOO_LONG_TEXT


class _Body:
    """As much of one as may be; then it is as if the client had hung up."""

    def __init__(self, receive: Any) -> None:
        self.is_too_long = False
        self._receive = receive
        self._size = 0

    async def receive(self) -> Any:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size <= MAX_BODY_BYTES:
            return message
        self.is_too_long = True
        return {"type": "http.disconnect"}


def bounded_bodies(application: Any) -> Any:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
        elif announced_bytes(scope["headers"]) > MAX_BODY_BYTES:
            await _refuse_body(send)
        else:
            await _answer(application, scope, _Body(receive), send)

    return answer


async def _answer(application: Any, scope: Any, body: _Body, send: Any) -> None:
    has_begun = False

    async def noticing(message: Any) -> None:
        nonlocal has_begun
        has_begun = True
        await send(message)

    await application(scope, body.receive, noticing)
    if body.is_too_long and not has_begun:
        await _refuse_body(send)


def announced_bytes(headers: list[tuple[bytes, bytes]]) -> int:
    """0 where nothing is announced: such a body is counted as it comes."""
    announced = [value for name, value in headers if name == b"content-length"]
    # A number of a thousand digits takes its time, too.
    return max((int(value[:20]) for value in announced if value[:20].isdigit()), default=0)


async def _refuse_body(send: Any) -> None:
    await asyncio.sleep(REFUSED_AFTER_SECONDS)
    await refuse(send, 413, TOO_LONG_TEXT, (b"connection", b"close"))


async def refuse(send: Any, status: int, text: bytes, header: tuple[bytes, bytes]) -> None:
    """Answers a request in a word, before any application sees it."""
    headers = [
        (b"content-type", b"text/plain"),
        (b"content-length", str(len(text)).encode()),
        header,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
