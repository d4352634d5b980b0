"""Hangs up on a PostgreSQL that keeps a thread waiting.

A frozen server, or a cut cable, answers nothing and closes nothing: libpq would wait for hours, and
with it everybody whose words are in the queue. Statement timeouts would not help, as it is the
server that keeps them.
"""

import logging
from typing import Any, TypeVar

import psycopg
from django.db import connection
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

logger = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that one query may take, and the pool's look whether a connection still works."""

Answer = TypeVar("Answer")


def install() -> None:
    """For a process that serves people, before its first query: a migration takes what it takes."""
    if connection.vendor == "postgresql":
        connection.settings_dict["OPTIONS"]["pool"]["connection_class"] = WatchedConnection


class WatchedConnection(psycopg.Connection[Any]):
    """What is asked of it ends in time, well or with an OperationalError."""

    def wait(
        self, gen: PQGen[Answer], interval: float = 0.1, timeout: float | None = PATIENCE
    ) -> Answer:
        try:
            return super().wait(gen, interval, timeout)
        except psycopg.OperationalError:
            if self.info.transaction_status == TransactionStatus.ACTIVE:
                self._hang_up()
            raise

    def _hang_up(self) -> None:
        """And on those in the pool: each would keep the next thread waiting as long again."""
        self.close()
        database: Any = connection
        database.pool.drain()
        logger.warning("database_hung_up patience=%.0f", PATIENCE)
