"""Words that run from right to left, or that would turn what stands around them."""

import re

from django import template

register = template.Library()

# Letters of Hebrew, Arabic and their kin, and the characters that nobody sees but that turn text.
_TURNS = re.compile(
    "[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc"
    "\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_BEGIN_ISOLATE = "\u2066\u2067\u2068"
_FIRST_STRONG_ISOLATE = "\u2068"
_END_OF_ISOLATE = "\u2069"


@register.filter
def isolated(text: str) -> str:
    """Somebody's words for the middle of a sentence, which they cannot turn: for titles and labels,
    where no element isolates them. The same as `js/bidi.js`."""
    if not _TURNS.search(text):
        return text
    return _FIRST_STRONG_ISOLATE + _balanced(text) + _END_OF_ISOLATE


def _balanced(text: str) -> str:
    """Each isolate ends, and none that did not begin in here."""
    open_isolates, kept = 0, []
    for character in text:
        if character == _END_OF_ISOLATE and not open_isolates:
            continue
        open_isolates += (character in _BEGIN_ISOLATE) - (character == _END_OF_ISOLATE)
        kept.append(character)
    return "".join(kept) + _END_OF_ISOLATE * open_isolates
