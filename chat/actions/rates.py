"""How fast a person may speak."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from time import monotonic

import redis
from django.conf import settings

from chat.errors import RateLimited
from chat.errors import text as _

logger = logging.getLogger(__name__)

BURST_SECONDS = 6
"""A burst is what this long a silence earns: 30 posts at 5 a second."""

TOLERANCE = 1e-6
"""Seconds by which sums of fractions may be off."""

REDIS_PATIENCE = 0.25
"""Seconds for an answer: everybody's words wait for it."""

RECOVERY = 5.0
"""Seconds for which a Redis that failed is not asked again."""

_GCRA = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local step, burst, waits = tonumber(ARGV[1]), tonumber(ARGV[2]), {}
for place, key in ipairs(KEYS) do
  local due = math.max(tonumber(redis.call('GET', key) or 0), now) + step
  local wait = due - now - burst
  if wait > 0.000001 then
    waits[place] = string.format('%.3f', wait)
  else
    waits[place] = '0'
    redis.call('SET', key, string.format('%.6f', due), 'PX', math.ceil((due - now) * 1000))
  end
end
return waits
"""


@dataclass
class Rate:
    """A generic cell rate algorithm (ITU-T I.371): one number a person, no clean-up thread.

    With a Redis it holds across all processes; without, or while that is lost, in this one.
    """

    per_second: float
    _due: dict[int, float] = field(default_factory=dict)
    _redis_lost_until: float = 0.0

    def take_all(self, user_ids: Sequence[int]) -> list[float]:
        """Counts one for each of these, in this order, or tells the seconds that they must wait."""
        if not self.per_second or not user_ids:
            return [0.0] * len(user_ids)
        if settings.REDIS_URL and monotonic() >= self._redis_lost_until:
            try:
                return self._take_from_redis(user_ids)
            except (redis.RedisError, OSError) as error:
                self._redis_lost_until = monotonic() + RECOVERY
                logger.warning("rates_lost error=%s", type(error).__name__)
        return [self._take_here(user_id) for user_id in user_ids]

    def _take_here(self, user_id: int) -> float:
        now = monotonic()
        due = max(self._due.get(user_id, now), now) + 1 / self.per_second
        if (wait := due - now - self._burst) > TOLERANCE:
            return round(wait, 3)
        self._due[user_id] = due
        if len(self._due) > 10_000:
            self._due = {user: due for user, due in self._due.items() if due > now}
        return 0.0

    def _take_from_redis(self, user_ids: Sequence[int]) -> list[float]:
        keys = [f"chat.rate.{user_id}" for user_id in user_ids]
        return [float(wait) for wait in self._script(keys, [1 / self.per_second, self._burst])]

    @property
    def _burst(self) -> float:
        """In seconds. Who may speak once a minute may speak once."""
        return max(BURST_SECONDS, 1 / self.per_second)

    @cached_property
    def _script(self) -> "redis.commands.core.Script":
        timeouts = {"socket_timeout": REDIS_PATIENCE, "socket_connect_timeout": REDIS_PATIENCE}
        return redis.Redis.from_url(settings.REDIS_URL, **timeouts).register_script(_GCRA)


def too_fast(wait: float) -> RateLimited:
    """`wait` in seconds."""
    return RateLimited(_("You are sending too fast."), retry_after=max(round(wait, 3), 0.001))
