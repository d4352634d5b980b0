"""What a rendered message says, without its markup."""

import re
import unicodedata
from html import unescape

_BREAK = re.compile(r"<(?:br|/p|/li|/h[1-6]|/t[dhr]|/pre|hr|[uo]l[^>]*)>")
_TAG = re.compile("<[^>]*>")
_WRITTEN = {
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#x27;": "'",
    "&nbsp;": "\xa0",
    "&amp;": "&",
}
"""All that the cleaner and `hiding` write; far quicker than `unescape` over thousands."""

_TYPED_ENTITY = re.compile(r"&amp;(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
"""One that somebody typed shows as it is, but says nothing if what it names cannot be seen."""

BLANK = re.compile(
    # Default_Ignorable_Code_Point (Unicode 16, DerivedCoreProperties.txt) and the blank BRAILLE.
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def plain_text(html: str) -> str:
    """On one line."""
    text = _TAG.sub("", _BREAK.sub(" ", html))
    for entity, character in _WRITTEN.items():
        text = text.replace(entity, character)
    return " ".join(text.split())


def shows_something(html: str) -> bool:
    """Whether anybody could see that something was said."""
    text = _TAG.sub("", html).replace("&nbsp;", "")
    text = BLANK.sub("", _TYPED_ENTITY.sub(_decoded, text, count=1000))
    return "<hr>" in html or any(unicodedata.category(c)[0] not in "ZCM" for c in set(text))


def _decoded(entity: re.Match[str]) -> str:
    return unescape(f"&{entity[1]};")
