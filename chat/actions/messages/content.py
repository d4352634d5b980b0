"""What may be said, and how it looks."""

from collections.abc import Sequence

from django.conf import settings

from chat import markup
from chat.emoji import as_one, is_emoji
from chat.errors import ChatError, Invalid, Text
from chat.errors import text as _
from chat.models import MAX_EMOJI_LENGTH

Drawn = str | ChatError
"""A body as HTML, or why it is not: it cannot be said, or too much was to be drawn."""


def drawn(body: str) -> Drawn:
    """Takes time by the length of the body: not for a transaction, in which all wait for it."""
    if problem := problem_of(body):
        return problem
    html = markup.render(body)
    return html if markup.shows_something(html) else _of_body(_("Write something first."))


def problem_of(body: str) -> Invalid | None:
    """What is seen at a glance."""
    if "\0" in body:
        return _of_body(_("A message cannot hold the character NUL."))
    if not body.strip():
        return _of_body(_("Write something first."))
    if len(body) > settings.CHAT_MAX_BODY:
        most = settings.CHAT_MAX_BODY
        return _of_body(_("A message holds at most %(most)d characters.", most=most))
    return None


def _of_body(problem: Text) -> Invalid:
    return Invalid(problem, {"body": problem})


def html_of(drawn: Drawn) -> str:
    """Raises what it is if it is not HTML."""
    if isinstance(drawn, ChatError):
        raise drawn
    return drawn


def check_attachments(attachments: Sequence[object]) -> None:
    if attachments:
        problem = _("This server takes no attachments yet.")
        raise Invalid(problem, {"attachments": problem})


def checked_emoji(emoji: str) -> str:
    """In the one spelling that is stored. Raises Invalid."""
    if is_emoji(emoji) and len(as_one(emoji)) <= MAX_EMOJI_LENGTH:
        return as_one(emoji)
    problem = _("That is not an emoji.")
    raise Invalid(problem, {"emoji": problem})
