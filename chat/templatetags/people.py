"""How a person without a picture is drawn."""

from typing import Any

from django import template
from django.utils.html import format_html

from chat.models import User
from chat.presentation import person as shape_of

register = template.Library()
HUES = 10


@register.filter
def hue(person_id: int) -> int:
    """Which of the avatar's colours is this person's, for ever."""
    return person_id % HUES


@register.simple_tag
def person_name(person: User | dict[str, Any] | None) -> str:
    """A name, with the username beside it where it could be taken for another's; as
    `person-name.js` draws it."""
    shown = shape_of(person) if isinstance(person, User) else person or {}
    if not shown.get("ambiguous"):
        return format_html("{}", shown.get("name", ""))
    beside = ' <span class="person-username" dir="auto">@{}</span>'
    return format_html("{}" + beside, shown["name"], shown["username"])


@register.filter
def initials(name: str) -> str:
    """One or two letters: "Ada Lovelace" is AL, "ada" is A, "李小龙" is 李."""
    words = name.split()
    first = words[0][:1] if words else "?"
    last = words[-1][:1] if len(words) > 1 else ""
    return (first + last).upper()
