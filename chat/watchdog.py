"""Hangs up on a database that keeps a thread waiting.

A frozen server, or a cut cable, answers nothing and closes nothing: libpq would wait for hours, and
with it everybody whose words are in the queue. Statement timeouts would not help, as it is the
server that keeps them; and they would bind migrations too.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

logger = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that one query, or one batch of writes, may take."""

_lock = threading.Lock()
_watched: dict[int, tuple[float, Any]] = {}
"""By thread: until when it waits, and for which connection."""


@contextmanager
def watched() -> Iterator[None]:
    """What this thread asks its database inside ends in time, well or with an OperationalError."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql":
        yield
        return
    _start()
    thread = threading.get_ident()
    _watched[thread] = time.monotonic() + PATIENCE, database
    try:
        yield
    finally:
        with _lock:  # nobody hangs up on what comes after
            _watched.pop(thread, None)


def renew() -> None:
    """The patience begins anew: what comes next is a piece of work of its own."""
    if watch := _watched.get(threading.get_ident()):
        _watched[threading.get_ident()] = time.monotonic() + PATIENCE, watch[1]


@cache
def _start() -> None:
    threading.Thread(target=_watch, name="watchdog", daemon=True).start()


def _watch() -> None:
    while True:
        time.sleep(0.5)
        with _lock:
            now = time.monotonic()
            for until, database in list(_watched.values()):
                if now > until:
                    _hang_up(database)


def _hang_up(database: Any) -> None:
    """Only the socket: the thread that waits on it is woken by that, and tidies up itself."""
    try:
        with socket.socket(fileno=os.dup(database.connection.pgconn.socket)) as own:
            own.shutdown(socket.SHUT_RDWR)
    except Exception:  # noqa: BLE001 - not connected yet, or no more; psycopg is not always there
        return
    logger.warning("database_hung_up patience=%.0f", PATIENCE)
