"""The cache in Redis, without which the site goes on."""

import functools
import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

RECOVERY = 5.0
"""Seconds for which a Redis that failed is not asked again: nobody waits for it twice."""

LOST = (RedisError, OSError)


def _forgets(empty: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A call that answers as a cache that has just forgotten everything, when Redis is lost."""

    def steady(call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def ask(self: "SteadyRedisCache", key: Any, *args: Any, **kwargs: Any) -> Any:
            if monotonic() >= self.lost_until:
                try:
                    return call(self, key, *args, **kwargs)
                except LOST as error:
                    self.lose(error)
            return empty(*args, **kwargs)

        return ask

    return steady


class SteadyRedisCache(RedisCache):
    """Signing in asks it for rate limits; a lost Redis is no reason to let nobody in."""

    lost_until = 0.0

    def lose(self, error: Exception) -> None:
        # On the class: every thread has a cache object of its own.
        type(self).lost_until = monotonic() + RECOVERY
        logger.warning("cache_lost error=%s", type(error).__name__)

    def ping(self) -> None:
        """Raises RedisError or OSError when Redis does not answer."""
        self._cache.get_client(write=True).ping()

    get = _forgets(lambda default=None, **_: default)(RedisCache.get)
    get_many = _forgets(lambda **_: {})(RedisCache.get_many)
    has_key = _forgets(lambda **_: False)(RedisCache.has_key)
    add = _forgets(lambda *_, **__: True)(RedisCache.add)
    set = _forgets(lambda *_, **__: None)(RedisCache.set)
    set_many = _forgets(lambda *_, **__: [])(RedisCache.set_many)
    touch = _forgets(lambda *_, **__: False)(RedisCache.touch)
    delete = _forgets(lambda **_: False)(RedisCache.delete)
    delete_many = _forgets(lambda **_: None)(RedisCache.delete_many)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Raises ValueError when the key is not there, and when Redis is not."""
        try:
            return int(super().incr(key, delta, version))
        except LOST as error:
            self.lose(error)
            raise ValueError("The cache is lost.") from error
