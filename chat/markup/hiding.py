"""Characters that are to come out as they were typed, hidden from Markdown while it is read.

Each is then another one of Unicode's last plane, which means nothing there. Where it was literal
anyway, as in code, that changes nothing: so nobody needs to know beforehand what is code.
"""

import re
from html import escape
from urllib.parse import unquote

_PLANE = 0x10FF00
_HIDDEN = {code: chr(_PLANE + code) for code in (*range(0x20, 0x7F), 0xA0)}
_RESTORED = {stranger: escape(chr(code)) for code, stranger in _HIDDEN.items()}
_STRANGE = re.compile("[\U0010ff20-\U0010ff7e\U0010ffa0]")
_HREF = re.compile(r'href="[^"]*"')
_PERCENT_ENCODED = re.compile("%F4%8F%B[CD]%[89AB][0-9A-F]")


def cleared(body: str) -> str:
    """Without what somebody typed that would pass for a hidden character."""
    return _STRANGE.sub("\ufffd", body)


def hide(text: str) -> str:
    """All of an ASCII text; and the no-break space."""
    return text.translate(_HIDDEN)


def hidden(characters: str) -> dict[int, str]:
    """For `str.translate`: hides these alone."""
    return {code: _HIDDEN[code] for code in map(ord, characters)}


def restored(html: str) -> str:
    """What was hidden, as HTML."""
    for character in set(_STRANGE.findall(html)):
        html = html.replace(character, _RESTORED[character])
    return html


def with_addresses_restored(html: str) -> str:
    """The same in the links' addresses alone, where it may be percent-encoded by now.

    To be done before the HTML is cleaned: what an address is, must be seen then.
    """
    return _HREF.sub(lambda found: restored(_decoded(found[0])), html)


def _decoded(href: str) -> str:
    return _PERCENT_ENCODED.sub(lambda found: unquote(found[0]), href) if "%F4" in href else href
