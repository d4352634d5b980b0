"""How many sockets a person and an address have open: past that, whichever is idle longest goes.

With a Redis they are counted over all processes; without, or while that is lost, in this one.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from django.conf import settings

from chat import fanout
from chat.connection import TOO_MANY, TOO_SLOW, Connection
from chat.loops import OnePerLoop
from chat.redis_scripts import RedisScript

MAX_OF_A_PERSON = 20

MAX_UNREAD_OF_A_PERSON = 16 * 1024 * 1024
"""Bytes on all of their sockets, of which each alone may leave a quarter of that."""

KEPT_SECONDS = 24 * 60 * 60
"""For which Redis remembers those of a process that died. They are the first to be idle."""

_ENTER = RedisScript(
    """
local time, victims = redis.call('TIME'), {}
local now = string.format('%d.%06d', time[1], time[2])
for place, key in ipairs(KEYS) do
  redis.call('ZADD', key, now, ARGV[1])
  redis.call('EXPIRE', key, ARGV[2])
  local over = redis.call('ZCARD', key) - ARGV[2 + place]
  if over > 0 then
    for number, each in ipairs(redis.call('ZPOPMIN', key, math.min(over, 100))) do
      if number % 2 == 1 then victims[#victims + 1] = each end
    end
  end
end
return victims
"""
)
_USE = RedisScript(
    """
local now = redis.call('TIME')[1]
for place, key in ipairs(KEYS) do
  redis.call('ZADD', key, now - ARGV[2 * place + 1], ARGV[2 * place])
  redis.call('EXPIRE', key, ARGV[1])
end
"""
)
_LEAVE = RedisScript("for _, key in ipairs(KEYS) do redis.call('ZREM', key, ARGV[1]) end")
_COUNTER = ThreadPoolExecutor(1, "sockets")
"""One thread: a socket that leaves is never counted after it has left."""

MAX_AT_ONCE = 500


class Sockets:
    """Those of a loop, by person and by address."""

    def __init__(self) -> None:
        self._hub = fanout.hub()
        self._hub.listeners["sockets"] = self._close_here
        self._of: dict[str, dict[str, Connection]] = {}
        self._refreshed_at = monotonic()

    def add(self, connection: Connection) -> None:
        bounds = _bounds(connection)
        for key, most in bounds.items():
            here = self._of.setdefault(key, {})
            here[connection.id] = connection
            if len(here) > most:
                self._close([min(here.values(), key=_last_used).id])
        arguments = [connection.id, KEPT_SECONDS, *bounds.values()]
        self._count(_ENTER, _names(bounds), arguments, self._close_anywhere)

    def remove(self, connection: Connection) -> None:
        bounds = _bounds(connection)
        was_there = False
        for key in bounds:
            here = self._of.get(key, {})
            was_there |= here.pop(connection.id, None) is not None
            if not here:
                self._of.pop(key, None)
        if was_there:
            self._count(_LEAVE, _names(bounds), [connection.id])

    def bound_unread_of(self, person: int) -> None:
        """Shuts the one that has read least, if too much is unread on all of a person's here."""
        here = self._of.get(f"person.{person}", {}).values()
        if sum(each.unread_bytes for each in here) > MAX_UNREAD_OF_A_PERSON:
            max(here, key=_unread_bytes).shut(TOO_SLOW)

    def refresh(self) -> None:
        """Tells Redis which of them were used since the last time."""
        since, self._refreshed_at = self._refreshed_at, monotonic()
        used = [
            (name, connection.id, int(monotonic() - connection.last_used))
            for key, here in self._of.items()
            for name in _names([key])
            for connection in here.values()
            if connection.last_used >= since
        ]
        for start in range(0, len(used), MAX_AT_ONCE):
            self._tell_used(used[start : start + MAX_AT_ONCE])

    def _tell_used(self, used: list[tuple[str, str, int]]) -> None:
        names = [name for name, _connection, _age in used]
        arguments = [each for _name, connection, age in used for each in (connection, age)]
        self._count(_USE, names, [KEPT_SECONDS, *arguments])

    def _close_here(self, hint: fanout.Hint) -> None:
        self._close(hint["connections"])

    def _close_anywhere(self, ids: Iterable[bytes]) -> None:
        elsewhere = self._close([each.decode() for each in ids])
        if elsewhere and self._hub.relay:
            hint = {"kind": "sockets", "connections": elsewhere}
            self._hub.relay.send(fanout.Relay.SITE_GROUP, hint)

    def _close(self, ids: Iterable[str]) -> list[str]:
        """Returns those that are not here."""
        elsewhere = []
        for each in ids:
            connection = self._hub.members.get(each)
            if isinstance(connection, Connection):
                self.remove(connection)
                connection.shut(TOO_MANY)
            else:
                elsewhere.append(each)
        return elsewhere

    def _count(
        self,
        script: RedisScript,
        names: list[str],
        arguments: Sequence[object],
        told: Callable[[Iterable[bytes]], None] | None = None,
    ) -> None:
        if not settings.REDIS_URL:
            return
        asked = self._hub.loop.run_in_executor(_COUNTER, script.run, names, arguments)
        if told:
            asked.add_done_callback(lambda answer: told(answer.result() or ()))


def _bounds(connection: Connection) -> dict[str, int]:
    bounds = {f"person.{connection.user_id}": MAX_OF_A_PERSON}
    if connection.address:
        bounds[f"address.{connection.address}"] = settings.CHAT_SOCKETS_PER_ADDRESS
    return bounds


def _names(keys: Iterable[str]) -> list[str]:
    return [f"chat.sockets.{key}" for key in keys]


def _unread_bytes(connection: Connection) -> int:
    return connection.unread_bytes


def _last_used(connection: Connection) -> float:
    return connection.last_used


sockets = OnePerLoop(Sockets)
"""Of the running loop."""
