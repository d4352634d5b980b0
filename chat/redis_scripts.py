"""A script that Redis runs at once and whole, for what several processes count together."""

import logging
from collections.abc import Sequence
from functools import cached_property
from time import monotonic
from typing import Any

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.25
"""For an answer: everybody's words may wait for it."""

RECOVERY_SECONDS = 5.0
"""For which a Redis that failed is not asked again."""


class RedisScript:
    """Of the site's Redis, from any thread that may wait."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.lost_until = 0.0

    def run(self, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """What it answers; None where there is no Redis, or that is lost."""
        if not settings.REDIS_URL or monotonic() < self.lost_until:
            return None
        try:
            return self._script(keys, arguments)
        except (redis.RedisError, OSError) as error:
            self.lost_until = monotonic() + RECOVERY_SECONDS
            logger.warning("rates_lost error=%s", type(error).__name__)
            return None

    @cached_property
    def _script(self) -> "redis.commands.core.Script":
        timeouts = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
        return redis.Redis.from_url(settings.REDIS_URL, **timeouts).register_script(self._source)
