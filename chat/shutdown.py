"""Going down politely: what was accepted is finished, and every client is told to come back.

Servers cancel the applications first when they are asked to stop, and then nothing leaves any
more; so the signal is taken here, and handed on to the server when everybody has left.
"""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from chat import fanout
from chat.actions.writer import writer
from chat.connection import RESTARTING
from chat.loops import OnePerLoop

PATIENCE = 5.0
"""Seconds for what was accepted to be stored, and again for the clients to leave."""

LAST_WORD = 0.1
"""Seconds for a request to come in on a connection that was taken just before the door closed."""

Application = Callable[[Any, Any, Any], Awaitable[None]]
ServerHandler = Callable[[int, FrameType | None], Any]

_begun = threading.Event()


def is_begun() -> bool:
    """Whether this process takes nothing more."""
    return _begun.is_set()


def listen() -> None:
    """Takes SIGTERM and SIGINT of a server whose loop runs in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        return
    listener = _listener()
    for number in (signal.SIGTERM, signal.SIGINT):
        handler = signal.getsignal(number)
        if callable(handler) and handler is not _hear:
            listener.servers[number] = handler
            signal.signal(number, _hear)


class _Listener:
    """What the server of a loop does at a signal."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.servers: dict[int, ServerHandler] = {}

    def begin(self, number: int) -> None:
        self._leaving = self.loop.create_task(_leave())
        self._leaving.add_done_callback(lambda _: self.hand_on(number, None))

    def hand_on(self, number: int, frame: FrameType | None) -> None:
        if handler := self.servers.get(number):
            handler(number, frame)
        else:
            _obey(number)


_listener = OnePerLoop(_Listener)


def _hear(number: int, frame: FrameType | None) -> None:
    """Stands before the server's own handler; a second signal goes straight to it."""
    listeners = sorted(_listener.all(), key=lambda each: each.loop.is_running())
    if not listeners:
        _obey(number)
        return
    last = listeners[-1]
    if _begun.is_set() or not last.loop.is_running():
        last.hand_on(number, frame)
    else:
        _begun.set()
        last.loop.call_soon_threadsafe(last.begin, number)


def _obey(number: int) -> None:
    """As Python does where nobody listens."""
    signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    signal.raise_signal(number)


async def _leave() -> None:
    hub = fanout.hub()
    try:
        async with asyncio.timeout(PATIENCE):
            await writer().drain()
        # The last replies leave with the fan-out that gathers them.
        hub.flush()
    except TimeoutError:
        pass
    for connection in list(hub.members.values()):
        connection.shut(RESTARTING)
    await _until(lambda: not hub.members)
    for close_door in doors:
        close_door()
    # Who came through just before has not said yet what they want.
    await asyncio.sleep(LAST_WORD)
    await _until(lambda: not _underway and not hub.members)


async def _until(done: Callable[[], bool]) -> None:
    """Or PATIENCE is at its end."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not done():  # noqa: ASYNC110 - for once, and not for long
                await asyncio.sleep(0.05)
    except TimeoutError:
        pass


doors: list[Callable[[], None]] = []
"""What stops the server from taking connections; another process may share its socket."""

_underway: set[object] = set()


@contextmanager
def underway() -> Iterator[None]:
    """What the process finishes before it ends."""
    _underway.add(token := object())
    try:
        yield
    finally:
        _underway.discard(token)


def finishing(application: Application) -> Application:
    """Its requests are answered before the process ends."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        listen()
        with underway():
            await application(scope, receive, send)

    return answer
