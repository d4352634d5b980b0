"""What may be said."""

from collections.abc import Sequence

from django.conf import settings

from chat import markup
from chat.emoji import as_one, is_emoji
from chat.errors import Invalid
from chat.errors import text as _
from chat.models import MAX_EMOJI_LENGTH


def rendered(body: str) -> str:
    """The body as HTML. Raises Invalid for what cannot be said."""
    _check_body(body)
    html = markup.render(body)
    if not markup.shows_something(html):
        problem = _("Write something first.")
        raise Invalid(problem, {"body": problem})
    return html


def _check_body(body: str) -> None:
    if "\0" in body:
        problem = _("A message cannot hold the character NUL.")
    elif not body.strip():
        problem = _("Write something first.")
    elif len(body) > settings.CHAT_MAX_BODY:
        most = settings.CHAT_MAX_BODY
        problem = _("A message holds at most %(most)d characters.", most=most)
    else:
        return
    raise Invalid(problem, {"body": problem})


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
