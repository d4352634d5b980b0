"""Whether this process can serve."""

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import F
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from redis.exceptions import RedisError

from chat import shutdown
from chat.models import Site


@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 while the site can store and read; it can without Redis: the log is in the database."""
    database, redis = _database(), _redis()
    serves = database == "ok" and not shutdown.is_begun()
    return JsonResponse({"database": database, "redis": redis}, status=200 if serves else 503)


def _database() -> str:
    try:
        with transaction.atomic():
            # A write that changes nothing: a full disk or a read-only replica shows here.
            stored = Site.objects.filter(pk=1).update(epoch=F("epoch"))
    except (DatabaseError, InterfaceError):
        return "down"
    return "ok" if stored else "down"


def _redis() -> str:
    if not settings.REDIS_URL:
        return "none"
    try:
        cache.get("healthz")
    except (RedisError, OSError):
        return "down"
    return "ok"
