"""A row as the protocol's message; the one place that shapes it."""

import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from cachetools import LRUCache
from pydantic_core import to_json

from chat.models import Message, MessageQuerySet, Reaction, User

MAX_REACTORS = 100
"""How many of those who reacted a message names; the count counts them all."""

MAX_KEPT = 8 * 1024 * 1024
"""Bytes of JSON that a process keeps, for a crowd that comes back and misses the same."""

State = tuple[str, int, int, str, str]
"""Epoch, message, number of its latest change, and its author's names: what decides the JSON."""


def message(row: Message) -> dict[str, Any]:
    """`row` comes from `MessageQuerySet.shown`; see docs/protocol.md for the fields."""
    return {
        "id": row.pk,
        "room": row.room_id,
        "seq": row.seq,
        "changed_seq": row.changed_seq,
        "client_id": row.client_id,
        "kind": "post",
        "thread": None,
        "author": person(row.author),
        "body": row.body,
        "html": row.html,
        "created_at": timestamp(row.created_at),
        "edited_at": timestamp(row.edited_at) if row.edited_at else None,
        "deleted": row.deleted,
        "reply_to": {"id": row.reply_to.pk, "seq": row.reply_to.seq} if row.reply_to else None,
        "mentions": {"users": [], "room": False},
        "reactions": [] if row.deleted else _reactions(row.shown_reactions),
        "attachments": [],
    }


def person(user: User) -> dict[str, Any]:
    return {"id": user.pk, "username": user.username, "name": user.get_full_name()}


def timestamp(moment: datetime) -> str:
    """RFC 3339, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _reactions(reactions: list[Reaction]) -> list[dict[str, Any]]:
    """Grouped by emoji, in the order in which each emoji came first."""
    users: dict[str, list[int]] = {}
    for reaction in reactions:
        users.setdefault(reaction.emoji, []).append(reaction.user_id)
    return [
        {"emoji": emoji, "count": len(ids), "users": ids[:MAX_REACTORS]}
        for emoji, ids in users.items()
    ]


def message_json(row: Message) -> str:
    return to_json(message(row)).decode()


def messages_json(changed: MessageQuerySet, limit: int, epoch: str) -> list[str]:
    """The first `limit`, in a snapshot. Of what was shaped here before only the state is read."""
    changes = list(changed.values_list("pk", "changed_seq", "author_id")[:limit])
    authors = User.objects.filter(pk__in={author for _pk, _seq, author in changes})
    names = {
        pk: (username, name) for pk, username, name in authors.values_list("pk", "username", "name")
    }
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
