"""How fast anybody may do anything: one algorithm for all that is counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from weakref import WeakSet

from django.conf import settings

from chat.errors import RateLimited
from chat.errors import text as _
from chat.redis_scripts import RedisScript

BURST_SECONDS = 6
"""A burst is what this long a silence earns: 30 posts at 5 a second."""

ADDRESS_SHARE = 40
"""As much as so many people may do, all those together may who come from one address."""

TOLERANCE = 1e-6
"""Seconds by which sums of fractions may be off."""

MANY_KEYS = 10_000
"""From here on those who fell silent are looked for and forgotten."""

Costs = Mapping[str, float]
"""What one take costs, by key. It passes when every key has room for it, or counts for nothing."""

_GCRA = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local step, burst, counts = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local waits, place = {}, 1
while KEYS[place] do
  local first, take, longest, dues = place, ARGV[2 * place + 2], 0, {}
  repeat
    local spent = ARGV[2 * place + 3] * step
    local due = math.max(tonumber(redis.call('GET', KEYS[place]) or 0), now)
    longest = math.max(longest, due + math.min(spent, burst) - now - burst)
    dues[place] = due + spent
    place = place + 1
  until ARGV[2 * place + 2] ~= take
  if longest > 0.000001 then
    waits[#waits + 1] = string.format('%.3f', math.max(longest, 0.001))
  else
    waits[#waits + 1] = '0'
    for key = first, counts and place - 1 or 0 do
      local left = math.ceil((dues[key] - now) * 1000)
      if left > 0 then
        redis.call('SET', KEYS[key], string.format('%.6f', dues[key]), 'PX', left)
      else
        redis.call('DEL', KEYS[key])
      end
    end
  end
end
return waits
"""


@dataclass(eq=False)
class Rate:
    """A generic cell rate algorithm (ITU-T I.371): one number a key, no clean-up thread.

    `per_second` is what each key may spend, 0 for no limit, after a burst of `burst_seconds` worth;
    whatever a take costs, one passes after a long enough silence; one that costs less than nothing
    gives back. With a Redis it holds across all processes, under `name`; without, or while that is
    lost, in this one. From any thread.
    """

    per_second: float
    name: str = ""
    burst_seconds: float = BURST_SECONDS
    shared: bool = True
    """Else it is of this process alone, and may be asked where nobody may wait."""
    _due: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _look_for_silent_at: int = MANY_KEYS
    _script: RedisScript = field(default_factory=lambda: RedisScript(_GCRA))

    def __post_init__(self) -> None:
        known.add(self)

    def take(self, *keys: str, cost: float = 1.0) -> float:
        """Counts it for each of the keys and returns 0, or counts nothing and returns the seconds
        to wait."""
        return self.take_all([dict.fromkeys(keys, cost)])[0]

    def look(self, *keys: str, cost: float = 1.0) -> float:
        """What `take` would return; it counts nothing."""
        return self.take_all([dict.fromkeys(keys, cost)], counts=False)[0]

    def take_all(self, takes: Sequence[Costs], *, counts: bool = True) -> list[float]:
        """Several at once, one after another, each as `take`. A take without keys passes."""
        if not self.per_second or not any(takes):
            return [0.0] * len(takes)
        if self.shared and settings.REDIS_URL and (waits := self._take_from_redis(takes, counts)):
            return waits
        with self._lock:
            now = monotonic()
            return [self._take_here(costs, now, counts) for costs in takes]

    def spend(self, key: str, cost: float) -> None:
        """Counts, in this process, what is known only now that it is spent; it may be too much."""
        if not self.per_second:
            return
        with self._lock:
            now = monotonic()
            due = max(self._due.get(key, now), now) + cost / self.per_second
            self._count({key: due}, now)

    def _take_here(self, costs: Costs, now: float, counts: bool) -> float:
        longest = 0.0
        dues = {}
        for key, cost in costs.items():
            due, spent = max(self._due.get(key, now), now), cost / self.per_second
            wait = due + min(spent, self.burst_seconds) - now - self.burst_seconds
            longest = max(longest, wait)
            dues[key] = due + spent
        if longest > TOLERANCE:
            return max(round(longest, 3), 0.001)
        if counts:
            self._count(dues, now)
        return 0.0

    def _count(self, dues: Mapping[str, float], now: float) -> None:
        self._due.update(dues)
        if len(self._due) > self._look_for_silent_at:
            self._forget_silent(now)

    def _forget_silent(self, now: float) -> None:
        self._due = {key: due for key, due in self._due.items() if due > now}
        # Else a crowd that is not silent would be looked through at every take.
        self._look_for_silent_at = max(MANY_KEYS, 2 * len(self._due))

    def _take_from_redis(self, takes: Sequence[Costs], counts: bool) -> list[float]:
        """Nothing, if there is none to ask."""
        keys = []
        arguments: list[float] = [1 / self.per_second, self.burst_seconds, int(counts)]
        for take, costs in enumerate(takes):
            for key, cost in costs.items():
                keys.append(f"chat.rate.{self.name}.{key}")
                arguments += [take, cost]
        if (waits := self._script.run(keys, arguments)) is None:
            return []
        told = iter(waits)
        return [float(next(told)) if costs else 0.0 for costs in takes]


known: WeakSet[Rate] = WeakSet()
"""All that there are: the next test begins with nothing counted."""


def costs_of(person_id: int, address: str = "", cost: float = 1.0) -> dict[str, float]:
    """Of a person, and of the address from which they come, if it is anybody's."""
    costs = {f"person.{person_id}": cost}
    if address:
        costs[f"address.{address}"] = cost / ADDRESS_SHARE
    return costs


def too_fast(wait: float) -> RateLimited:
    """`wait` in seconds."""
    return RateLimited(_("You are sending too fast."), retry_after=max(round(wait, 3), 0.001))
