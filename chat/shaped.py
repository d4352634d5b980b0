"""The JSON of messages, shaped once for all who ask for it (docs/decisions/0007-kept-json.md)."""

import sys
import threading
from collections.abc import Iterable
from contextlib import suppress

from cachetools import LRUCache

from chat.models import MessageQuerySet, User
from chat.presentation import message_json

MAX_KEPT = 8 * 1024 * 1024
"""Bytes of JSON that a process keeps, for a crowd that comes back and misses the same."""

State = tuple[str, int, int, str, str, bool]
"""Epoch, message, number of its latest change, its author's names and whether these are ambiguous:
what decides the JSON."""


def messages_json(changed: MessageQuerySet, limit: int, epoch: str) -> list[str]:
    """The first `limit`, in a snapshot. Of what was shaped here before only the state is read."""
    changes = list(changed.values_list("pk", "changed_seq", "author_id")[:limit])
    authors = User.objects.filter(pk__in={author for _pk, _seq, author in changes})
    columns = authors.values_list("pk", "username", "name", "name_is_ambiguous")
    names = {pk: (username, name, ambiguous) for pk, username, name, ambiguous in columns}
    states: list[State] = [
        (epoch, pk, changed_seq, *names[author]) for pk, changed_seq, author in changes
    ]
    known = kept.of(states)
    if missing := {state[1]: state for state in states if state not in known}:
        numbers = [changed_seq for _epoch, _pk, changed_seq, *_names in missing.values()]
        rows = changed.shown().filter(changed_seq__range=(min(numbers), max(numbers))).order_by()
        shaped = {missing[row.pk]: message_json(row) for row in rows if row.pk in missing}
        kept.keep(shaped)
        known |= shaped
    return [known[state] for state in states]


class Kept:
    """The latest texts, of so many bytes in all. Several threads read."""

    def __init__(self, most: int) -> None:
        self._texts: LRUCache[State, str] = LRUCache(most, sys.getsizeof)
        self._lock = threading.Lock()

    @property
    def size(self) -> float:
        return self._texts.currsize

    def of(self, states: Iterable[State]) -> dict[State, str]:
        with self._lock:
            return {state: self._texts[state] for state in states if state in self._texts}

    def keep(self, shaped: dict[State, str]) -> None:
        with self._lock, suppress(ValueError):  # one is longer than all may be
            self._texts.update(shaped)

    def clear(self) -> None:
        with self._lock:
            self._texts.clear()


kept = Kept(MAX_KEPT)
