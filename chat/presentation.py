"""A row as the protocol's message; the one place that shapes it."""

from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json

from chat import markup
from chat.emoji import as_one
from chat.models import Message, Reaction, User

MAX_REACTORS = 100
"""How many of those who reacted a message names; the count counts them all."""


def message(row: Message, reader: int | None = None) -> dict[str, Any]:
    """`row` comes from `MessageQuerySet.shown`; see docs/protocol.md for the fields.

    `reader` is the id of the one person for whom it is, if it is not for all alike.
    """
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
        "html": _html(row),
        "created_at": timestamp(row.created_at),
        "edited_at": timestamp(row.edited_at) if row.edited_at else None,
        "deleted": row.deleted,
        "reply_to": {"id": row.reply_to.pk, "seq": row.reply_to.seq} if row.reply_to else None,
        "mentions": {"users": [], "room": False},
        "reactions": [] if row.deleted else _reactions(row.shown_reactions, reader),
        "attachments": [],
    }


def _html(row: Message) -> str:
    """Of a message that an older release rendered, as this one does."""
    if row.html_version == markup.VERSION or row.deleted:
        return row.html
    return markup.render(row.body)


def person(user: User) -> dict[str, Any]:
    """`ambiguous` stands only where the name could be taken for another's: then it is shown with
    the username beside it."""
    shown = {"id": user.pk, "username": user.username, "name": user.get_full_name()}
    return shown | {"ambiguous": True} if user.name_is_ambiguous else shown


def timestamp(moment: datetime) -> str:
    """RFC 3339, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _reactions(reactions: list[Reaction], reader: int | None) -> list[dict[str, Any]]:
    """Grouped by emoji, in the order in which each emoji came first."""
    users: dict[str, dict[int, None]] = {}
    for reaction in reactions:
        users.setdefault(as_one(reaction.emoji), {})[reaction.user_id] = None
    return [_reaction(emoji, list(ids), reader) for emoji, ids in users.items()]


def _reaction(emoji: str, ids: list[int], reader: int | None) -> dict[str, Any]:
    named = ids[:MAX_REACTORS]
    reaction: dict[str, Any] = {"emoji": emoji, "count": len(ids), "users": named}
    if len(ids) > MAX_REACTORS and reader in ids and reader not in named:
        reaction["mine"] = True
    return reaction


def message_json(row: Message, reader: int | None = None) -> str:
    return to_json(message(row, reader)).decode()


def has_crowd(row: Message) -> bool:
    """Whether more people may have reacted alike than are named: a reader has to be told."""
    return len(row.shown_reactions) > MAX_REACTORS


def names_all_but(row: Message, emoji: str, person_id: int) -> bool:
    """Whether what all are told leaves open if this person has put that emoji on it."""
    if not has_crowd(row):
        return False
    return any(
        reaction["count"] > MAX_REACTORS and person_id not in reaction["users"]
        for reaction in _reactions(row.shown_reactions, None)
        if reaction["emoji"] == emoji
    )
