"""A row as the protocol's message; the one place that shapes it."""

from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json

from chat import markup
from chat.models import Message, Reaction, User

MAX_REACTORS = 100
"""How many of those who reacted a message names; the count counts them all."""


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
        "html": _html(row),
        "created_at": timestamp(row.created_at),
        "edited_at": timestamp(row.edited_at) if row.edited_at else None,
        "deleted": row.deleted,
        "reply_to": {"id": row.reply_to.pk, "seq": row.reply_to.seq} if row.reply_to else None,
        "mentions": {"users": [], "room": False},
        "reactions": [] if row.deleted else _reactions(row.shown_reactions),
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
