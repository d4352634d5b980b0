"""One client's socket: what is written to it, what it has read, and how much it says.

Knows neither Django nor Channels, only an ASGI `send`.
"""

import asyncio
import contextlib
import logging
import socket
import struct
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from time import monotonic
from typing import Any

from chat import metrics, protocol
from chat.errors import Invalid
from chat.errors import text as _

logger = logging.getLogger(__name__)

MAX_UNREAD = 4 * 1024 * 1024
"""Bytes sent that the client has not said it got."""

GOODBYE = 10.0
"""Seconds for a client to take its leave, once it was told to."""

FLOOD_WINDOW = 10.0
FLOOD_FRAMES = 1_000
FLOOD_BYTES = 4 * 1024 * 1024

SIGNED_OUT = 4401
BLOCKED = 4403
SILENT = 4408
TOO_MANY = 4409
RESTARTING = 4412
TOO_SLOW = 4413
FLOODING = 4429
CANNOT_SERVE = 4503

Send = Callable[[dict[str, Any]], Awaitable[None]]
WriteText = Callable[[str], None]

short_ways: list[Callable[[Send], WriteText | None]] = []
"""What knows a server finds its way to write a text at once here. Without one, ASGI's is taken."""


class Connection:
    """`session_key` (as stored) and `stamp` are those with which it signed in; `rooms` are those it
    hears, as {id: (slug, name)}, and `person` is whose it is, as events name them. It comes from
    `address`, if that is anybody's, and was `last_used` when somebody did something: a heartbeat is
    nothing.

    Writing never waits and never raises: what the server cannot take yet is kept, in order and
    bounded, and one that stays behind is shut."""

    def __init__(self, send: Send) -> None:
        self.id = uuid.uuid4().hex
        self.user_id = 0
        self.address = ""
        self.session_key = ""
        self.stamp = ""
        self.person: dict[str, Any] = {}
        self.rooms: dict[int, tuple[str, str]] = {}
        self.closed = False
        self.last_heard = self.last_used = monotonic()
        self._send = send
        self._write_at_once: WriteText | None = None
        self._sent = 0
        self._unread: deque[int] = deque()
        self.unread_bytes = 0
        self._before_hello: list[str] | None = []
        self._backlog: deque[dict[str, Any]] = deque()
        self._draining: asyncio.Task[None] | None = None
        self._cutting: asyncio.TimerHandle | None = None
        self._heard: deque[tuple[float, int]] = deque()
        self._heard_bytes = 0

    def write(self, frame: str) -> None:
        if self.closed:
            return
        if self._before_hello is not None:
            self._before_hello.append(frame)
            return
        size = protocol.size(frame)
        self._sent += 1
        self._unread.append(size)
        self.unread_bytes += size
        if self.unread_bytes > MAX_UNREAD:
            self.shut(TOO_SLOW)
        elif self._write_at_once is None or self._draining:
            self._transmit({"type": "websocket.send", "text": frame})
        else:
            try:
                self._write_at_once(frame)
            except Exception as error:  # noqa: BLE001 - a server may raise anything for a lost peer
                self._lose(error)

    def greet(self, hello: str) -> None:
        """`hello` is the first frame; what was written before it follows."""
        waiting, self._before_hello = self._before_hello or [], None
        self.write(hello)
        self._write_at_once = _short_way(self._send)
        for frame in waiting:
            self.write(frame)

    def shut(self, code: int) -> None:
        if not self.closed:
            self.closed = True
            self._backlog.clear()
            metrics.closes.labels(code).inc()
            self._transmit({"type": "websocket.close", "code": code})
            self._cutting = asyncio.get_running_loop().call_later(GOODBYE, self._cut)

    def _cut(self) -> None:
        """A server waits for its peer to take what was written, and one that never reads takes not
        even its goodbye. daphne's are bounded in `chatsite.daphne_protocol`, uvicorn's here."""
        transport = getattr(getattr(self._send, "__self__", None), "transport", None)
        if transport is not None:
            logger.info("connection_cut connection=%s", self.id)
            cut_off(transport)

    def end(self) -> None:
        """The server is done with it."""
        self.closed = True
        if self._cutting:
            self._cutting.cancel()

    def acknowledge(self, received: int) -> None:
        """The client has got so many frames. Raises Invalid for more than were sent."""
        # What still waits here has not been sent: who says it was read would never be shut.
        if received > self._sent - len(self._backlog):
            problem = _("More than were sent.")
            raise Invalid(problem, {"received": problem})
        for _frame in range(received - (self._sent - len(self._unread))):
            self.unread_bytes -= self._unread.popleft()

    def hear(self, size: int) -> bool:
        """Counts a frame from the client; False, and shut, for one that floods."""
        now = self.last_heard = monotonic()
        if self._write_at_once:  # by a server of ours, which has counted it already
            return not self.closed
        self._heard.append((now, size))
        self._heard_bytes += size
        while self._heard[0][0] < now - FLOOD_WINDOW:
            self._heard_bytes -= self._heard.popleft()[1]
        if len(self._heard) > FLOOD_FRAMES or self._heard_bytes > FLOOD_BYTES:
            self.shut(FLOODING)
        return not self.closed

    def _transmit(self, message: dict[str, Any]) -> None:
        if self._draining:
            self._backlog.append(message)
            return
        try:
            # Most servers take a frame without waiting: then no task is needed to have it sent.
            steps = self._send(message).__await__()
            waits_for = next(steps)
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001 - a server may raise anything for a lost peer
            self._lose(error)
            return
        self._draining = asyncio.create_task(self._drain(_Rest(steps, waits_for)))

    async def _drain(self, rest: "_Rest") -> None:
        try:
            await rest
            while self._backlog:
                await self._send(self._backlog.popleft())
        except Exception as error:  # noqa: BLE001 - as above
            self._lose(error)
        finally:
            self._draining = None

    def _lose(self, error: Exception) -> None:
        logger.debug("send_failed connection=%s error=%r", self.id, error)
        self.closed = True
        self._backlog.clear()


def _short_way(send: Send) -> WriteText | None:
    return next(filter(None, (find(send) for find in short_ways)), None)


def cut_off(transport: asyncio.Transport) -> None:
    """Now, and what is unsent is forgotten: else the kernel keeps megabytes, and tries for minutes
    to hand them to who does not read."""
    with contextlib.suppress(OSError):  # it is closed already
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
    transport.abort()


class _Rest:
    """The rest of an awaitable whose first step was taken outside a task."""

    def __init__(self, steps: Generator[Any, Any, None], waits_for: object) -> None:
        self._steps = steps
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        try:
            yield self._waits_for
        except BaseException:
            self._steps.close()
            raise
        yield from self._steps
