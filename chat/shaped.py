"""The JSON of messages, shaped once for all who ask for it (docs/decisions/0007-kept-json.md)."""

import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from cachetools import LRUCache
from pydantic_core import from_json, to_json

from chat.emoji import as_one
from chat.models import MessageQuerySet, Reaction, User
from chat.presentation import has_crowd, message_json

MAX_KEPT = 8 * 1024 * 1024
"""Bytes of JSON that a process keeps, for a crowd that comes back and misses the same."""

State = tuple[str, int, int, str, str, bool]
"""Epoch, message, number of its latest change, its author's names and whether these are ambiguous:
what decides the JSON."""


class Shaped(NamedTuple):
    """A message's JSON as it is for all, and whether a reader is to be told their own reactions."""

    text: str
    has_crowd: bool


def messages_json(
    changed: MessageQuerySet, limit: int, epoch: str, reader: int | None = None
) -> list[str]:
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
        shaped = {
            missing[row.pk]: Shaped(message_json(row), has_crowd(row))
            for row in rows
            if row.pk in missing
        }
        kept.keep(shaped)
        known |= shaped
    own = _with_own({state[1]: known[state] for state in states}, reader)
    return [own.get(state[1]) or known[state].text for state in states]


def _with_own(shaped: dict[int, Shaped], reader: int | None) -> dict[int, str]:
    """The JSON for this reader of those messages on which they are one of a crowd."""
    crowded = [pk for pk, each in shaped.items() if each.has_crowd]
    if not crowded or reader is None:
        return {}
    own: dict[int, set[str]] = {}
    reactions = Reaction.objects.filter(message__in=crowded, user=reader).order_by()
    for pk, emoji in reactions.values_list("message", "emoji"):
        own.setdefault(pk, set()).add(as_one(emoji))
    return {pk: _marked(shaped[pk].text, emoji, reader) for pk, emoji in own.items()}


def _marked(text: str, own: set[str], reader: int | None) -> str:
    message = from_json(text)
    for reaction in message["reactions"]:
        if reaction["emoji"] in own and reader not in reaction["users"]:
            reaction["mine"] = True
    return to_json(message).decode()


class Kept:
    """The latest texts, of so many bytes in all. Several threads read."""

    def __init__(self, most: int) -> None:
        self._texts: LRUCache[State, Shaped] = LRUCache(most, lambda each: sys.getsizeof(each.text))
        self._lock = threading.Lock()

    @property
    def size(self) -> float:
        return self._texts.currsize

    def of(self, states: Iterable[State]) -> dict[State, Shaped]:
        with self._lock:
            return {state: self._texts[state] for state in states if state in self._texts}

    def keep(self, shaped: dict[State, Shaped]) -> None:
        with self._lock, suppress(ValueError):  # one is longer than all may be
            self._texts.update(shaped)

    def clear(self) -> None:
        with self._lock:
            self._texts.clear()


kept = Kept(MAX_KEPT)
