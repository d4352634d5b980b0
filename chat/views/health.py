"""Whether this process can serve."""

import asyncio

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from redis.exceptions import RedisError

from chat import database, shutdown
from chat.errors import Unavailable
from chat.models import Site

PATIENCE = 8.0
"""Seconds after which a database that has not answered counts as down."""


@never_cache
async def healthz(_request: HttpRequest) -> JsonResponse:
    """200 while the site can store and read; it can without Redis: the log is in the database."""
    stores, redis = await asyncio.gather(_database(), _redis())
    serves = stores == "ok" and not shutdown.is_begun()
    return JsonResponse({"database": stores, "redis": redis}, status=200 if serves else 503)


async def _database() -> str:
    """Asked in the queue in which people's words stand: if that is stuck, this process is."""
    try:
        async with asyncio.timeout(PATIENCE):
            return "ok" if await database.write(_touch) else "down"
    except (Unavailable, TimeoutError):
        return "down"


def _touch() -> int:
    """Writes for certain, and changes nothing: a full disk or a read-only replica shows here.

    To and fro, as SQLite does not write what stays the same.
    """
    site = Site.objects.filter(pk=1)
    with transaction.atomic():
        site.update(access_version=F("access_version") + 1)
        return site.update(access_version=F("access_version") - 1)


async def _redis() -> str:
    if not settings.REDIS_URL:
        return "none"
    try:
        await sync_to_async(cache.ping, thread_sensitive=False)()  # type: ignore[attr-defined]
    except (RedisError, OSError):
        return "down"
    return "ok"
