"""Whether this process can serve."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from math import inf
from time import monotonic

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from redis.exceptions import RedisError

from chat import database, shutdown
from chat.errors import Unavailable
from chat.models import Site

PATIENCE = 8.0
"""Seconds after which a database that has not answered counts as down."""

ROOM = 1536 * 1024
"""Bytes that PostgreSQL's tables must be able to grow by."""


KEPT_SECONDS = 1.0
"""For which an "ok" is not tried again by writing: anybody may ask, as often as they like."""

Ask = Callable[[], Coroutine[None, None, str]]


class Question:
    """Who asks while it is asked already gets the same answer: people's words wait in that queue.

    What was well a moment ago is only glanced at.
    """

    def __init__(self, look: Ask, glance: Ask) -> None:
        self._look = look
        self._glance = glance
        self._well_at = -inf
        self._asking: asyncio.Task[str] | None = None

    async def answer(self) -> str:
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(self._forget)
        return await asyncio.shield(self._asking)

    async def _ask(self) -> str:
        if monotonic() - self._well_at < KEPT_SECONDS:
            said = await self._glance()
        else:
            said = await self._look()
            self._well_at = monotonic()
        if said != "ok":
            self._well_at = -inf
        return said

    def _forget(self, _asked: asyncio.Task[str]) -> None:
        self._asking = None


@never_cache
async def healthz(_request: HttpRequest) -> JsonResponse:
    """200 while the site can store and read; it can without Redis: the log is in the database."""
    stores, redis = await asyncio.gather(_storing.answer(), _redis())
    serves = stores == "ok" and not shutdown.is_begun()
    return JsonResponse({"database": stores, "redis": redis}, status=200 if serves else 503)


async def _stores() -> str:
    """Asked in the queue in which people's words stand: if that is stuck, this process is."""
    return await _tried(partial(database.write, _try_to_store))


async def _reads() -> str:
    return await _tried(partial(database.read, Site.objects.filter(pk=1).count))


async def _tried(ask: Callable[[], Awaitable[int]]) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            return "ok" if await ask() else "down"
    except (Unavailable, TimeoutError):
        return "down"


def _try_to_store() -> int:
    with transaction.atomic():
        if connection.vendor == "postgresql":
            _need_room()
        return _touch()


def _need_room() -> None:
    """Fails where no table can grow, and leaves nothing behind: PostgreSQL writes what does not
    fit into its memory to a file of its own, where its tables are. Rows would be left to VACUUM,
    even if they were rolled back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('work_mem', '64kB', true), set_config('temp_tablespaces', '', true)"
        )
        cursor.execute(
            "WITH page AS MATERIALIZED (SELECT repeat('.', 8192) FROM generate_series(1, %s))"
            " SELECT count(*) FROM page",
            [ROOM // 8192],
        )


def _touch() -> int:
    """Writes for certain, and changes nothing: a log without room or a read-only replica shows
    here.

    To and fro, as SQLite does not write what stays the same.
    """
    site = Site.objects.filter(pk=1)
    site.update(access_version=F("access_version") + 1)
    return site.update(access_version=F("access_version") - 1)


_storing = Question(_stores, _reads)


async def _redis() -> str:
    if not settings.REDIS_URL:
        return "none"
    try:
        await sync_to_async(cache.ping, thread_sensitive=False)()  # type: ignore[attr-defined]
    except (RedisError, OSError):
        return "down"
    return "ok"
