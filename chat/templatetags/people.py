"""How a person without a picture is drawn."""

from django import template

register = template.Library()
HUES = 10


@register.filter
def hue(person_id: int) -> int:
    """Which of the avatar's colours is this person's, for ever."""
    return person_id % HUES


@register.filter
def initials(name: str) -> str:
    """One or two letters: "Ada Lovelace" is AL, "ada" is A, "李小龙" is 李."""
    words = name.split()
    first = words[0][:1] if words else "?"
    last = words[-1][:1] if len(words) > 1 else ""
    return (first + last).upper()
