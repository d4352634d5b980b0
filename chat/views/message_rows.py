"""How messages stand under each other at first paint; `message-list.js` draws by the same rules."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from chat import markup
from chat.models import User

GATHERED_WITHIN = timedelta(minutes=5)
QUOTE_LENGTH = 140

Message = dict[str, Any]
Row = dict[str, Any]


def message_rows(
    messages: Sequence[Message],
    reader: User,
    info: dict[str, Any],
    marked: int | None,
    *,
    more_before: bool = False,
) -> Iterator[Row]:
    """One row for each message of the contract's shape: what `_message.html` and the lines need."""
    by_id = {message["id"]: message for message in messages}
    # Of what begins before this page the line would stand in a wrong place.
    begins_before = more_before and messages[0]["seq"] > info["read_seq"] + 1
    first_new = None if begins_before else _first_new(messages, reader, info["read_seq"])
    days: set[date] = set()
    previous: Row | None = None
    for message in messages:
        row = _row(message, reader, info["slug"], by_id)
        # In UTC; the browser moves the lines to where the reader's days begin.
        day = row["created_at"].date()
        is_later = previous is not None and previous["created_at"].date() == day
        row["marked"] = message["seq"] == marked
        row["day"] = None if day in days else day
        row["first_new"] = message["seq"] == first_new
        row["gathered"] = is_later and not row["first_new"] and _belongs_to(row, previous)
        yield row
        days.add(day)
        previous = row


def blank_row() -> Row:
    """The row from which the page clones those that come live."""
    return {"message": {"id": "", "seq": "", "author": {"id": ""}}, "name": ""}


def _row(message: Message, reader: User, slug: str, by_id: dict[int, Message]) -> Row:
    return {
        "message": message,
        "name": message["author"]["name"],
        "mine": message["author"]["id"] == reader.pk,
        "created_at": datetime.fromisoformat(message["created_at"]),
        "href": reverse("room-at", args=[slug, message["seq"]]),
        "reactions": [_reaction(reaction, reader) for reaction in message["reactions"]],
        "quote": _quote(message, slug, by_id),
    }


def _reaction(reaction: dict[str, Any], reader: User) -> dict[str, Any]:
    return {**reaction, "mine": reaction.get("mine", False) or reader.pk in reaction["users"]}


def _quote(message: Message, slug: str, by_id: dict[int, Message]) -> dict[str, Any] | None:
    """Of a message that is not on the page, the browser fetches what was said."""
    if not message["reply_to"] or message["deleted"]:
        return None
    href = reverse("room-at", args=[slug, message["reply_to"]["seq"]])
    quoted = by_id.get(message["reply_to"]["id"])
    if quoted is None:
        return {"href": href, "author": None, "text": _("an earlier message")}
    text = _("a deleted message") if quoted["deleted"] else quote_of(quoted["html"])
    return {"href": href, "author": quoted["author"], "text": text}


def quote_of(html: str) -> str:
    """What a message says, on one line and not too long."""
    line = markup.plain_text(html)
    return line if len(line) <= QUOTE_LENGTH else f"{line[: QUOTE_LENGTH - 1].rstrip()}…"


def _first_new(messages: Sequence[Message], reader: User, read_seq: int) -> int | None:
    unread = (m["seq"] for m in messages if m["seq"] > read_seq and _counts(m, reader))
    return next(unread, None)


def _counts(message: Message, reader: User) -> bool:
    return not message["deleted"] and message["author"]["id"] != reader.pk


def _belongs_to(row: Row, previous: Row | None) -> bool:
    return (
        previous is not None
        and previous["message"]["author"]["id"] == row["message"]["author"]["id"]
        and row["created_at"] - previous["created_at"] < GATHERED_WITHIN
        and (not row["message"]["reply_to"] or row["message"]["deleted"])
        and not previous["message"]["deleted"]
    )
