"""Which thread talks to the database: one writes, a few read. And what a snapshot is."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from chat import metrics
from chat.errors import Unavailable
from chat.errors import text as _

P = ParamSpec("P")
T = TypeVar("T")

FAULTS = (DatabaseError, InterfaceError)
"""What a database raises when it cannot do as it is asked just now."""

AWAY = (OperationalError, InterfaceError)
"""Those of them that what is asked next will meet as well."""


def _enter_thread() -> None:
    """With DEBUG, Django quotes and keeps every query until the request ends; these threads have
    none that ends."""
    connection.make_debug_cursor = connection.make_cursor  # type: ignore[assignment,method-assign]


_READERS = ThreadPoolExecutor(4, "reader", _enter_thread)
_WRITER = ThreadPoolExecutor(1, "writer", _enter_thread)


async def read(query: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs a query in one of the reading threads.

    Raises Unavailable when the database does not answer.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_READERS, partial(_call, partial(query, *args, **kwargs)))


async def write(action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs an action in the writing thread, after all that were asked for before it.

    Raises Unavailable when nothing could be stored.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_WRITER, partial(_call, partial(action, *args, **kwargs)))


def write_soon(action: Callable[[], T], done: Callable[[Future[T]], None]) -> None:
    """As `write`, with nobody who waits: `done` gets the outcome, on the loop."""
    loop = asyncio.get_running_loop()

    def hand_over(written: Future[T]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(done, written)

    _WRITER.submit(_call, action).add_done_callback(hand_over)


def _call(query: Callable[[], T]) -> T:
    try:
        return query()
    except FAULTS as error:
        metrics.database_faults.inc()
        recover()
        raise Unavailable(_("The site cannot reach its database just now.")) from error


def recover() -> None:
    """After a fault: this thread's next query gets a connection that works, if there is one."""
    try:
        connection.close_if_unusable_or_obsolete()
    except FAULTS:
        # It could not even be given back: what is asked next opens another.
        connection.connection = None


@contextmanager
def snapshot() -> Iterator[None]:
    """All that is read inside was true at one moment; nobody who writes waits for it."""
    if connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    with _deferred() if connection.vendor == "sqlite" else _repeatable():
        yield


@contextmanager
def _deferred() -> Iterator[None]:
    """On SQLite our transactions take the one writer's lock at once; a snapshot must not."""
    sqlite: Any = connection
    mode, sqlite.transaction_mode = sqlite.transaction_mode, "DEFERRED"
    try:
        with transaction.atomic():
            yield
    finally:
        sqlite.transaction_mode = mode


@contextmanager
def _repeatable() -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
