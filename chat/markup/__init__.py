"""Markdown to safe HTML, in time and size bounded by the length of what was typed.

Read by comrak, cleaned by nh3, both linear. Around them stands what a chat asks for beyond
CommonMark: words come out as they were typed (`lines`, `literals`), addresses become links
(`addresses`), and what would grow past its bounds is shown as plain text.
"""

import logging
import re
from html import escape

import nh3
from comrak import ExtensionOptions, ParseOptions, RenderOptions, render_markdown

from chat.markup.addresses import TooMuch, with_links
from chat.markup.hiding import cleared, hide, restored, with_addresses_restored
from chat.markup.lines import tidied
from chat.markup.literals import with_literals_hidden
from chat.markup.plain import plain_text, shows_something
from chat.markup.tables import has_whole_tables

__all__ = ["VERSION", "plain_text", "render", "shows_something"]

logger = logging.getLogger(__name__)

VERSION = 1
"""Raise it with every change of what `render` makes of a body: older messages are then drawn anew
when they are read."""

MAX_GROWTH = 4
MAX_ADDED_CHARACTERS = 16 * 1024
"""The HTML has at most MAX_GROWTH times the characters of the body, and so many more."""

MAX_TAGS = 2_000
_BLOCKS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "td", "th"}
TAGS = {
    *("a", "blockquote", "br", "code", "del", "em", "hr", "li", "pre", "span", "strong"),
    *("table", "tbody", "thead", "tr"),
    *_BLOCKS,
}
_CLASSES = {
    "code": re.compile(r"language-[A-Za-z0-9+#._-]{1,32}"),
    "span": re.compile(r"true-address"),
}


def _checked(tag: str, attribute: str, value: str) -> str | None:
    if attribute != "class":
        return value
    if _CLASSES[tag].fullmatch(value):
        return value.lower()
    return None


_CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes={"a": {"href"}, "ol": {"start"}, "code": {"class"}, "span": {"class"}},
    attribute_filter=_checked,
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={tag: {"dir": "auto"} for tag in _BLOCKS},
)
_PLAIN = re.compile(r"(?!\d+\.)[^\W_](?:[^\W_]|[ ,!?'\"’“”…–—-]|[.:](?= |\Z))*(?<! )")
"""Text in which there is nothing to find: it need not be parsed to be rendered."""


def render(body: str) -> str:
    """The body as HTML that may stand in anybody's page, whatever was typed."""
    if _PLAIN.fullmatch(body):
        return f'<p dir="auto">{body}</p>\n'
    try:
        html = _cleaned(_rendered(body))
    except TooMuch:
        return _as_it_was_typed(body)
    except BaseException as fault:
        # A panic in Rust is no Exception; whatever reads a body must not end with one.
        if type(fault).__name__ != "PanicException":
            raise
        logger.exception("render_panicked length=%d", len(body))
        return _as_it_was_typed(body)
    return _as_it_was_typed(body) if _is_too_long(html, body) else html


def _rendered(body: str) -> str:
    """Raises TooMuch."""
    source = with_literals_hidden(tidied(cleared(body)))
    html = render_markdown(source, _extensions(body), _PARSING, _RENDERING)
    if html.count("<") > MAX_TAGS or _is_too_long(html, body):
        raise TooMuch
    html = _TITLE.sub("", html).replace("&quot;", '"')
    # Over these the cleaner takes longer than over all else.
    return html.replace("&gt;", hide(">")).replace("\xa0", hide("\xa0"))


_TITLE = re.compile(r' title="[^"]*"')
_BETWEEN_TAGS = re.compile(r"(?<=>)\n(?=<)|(?<=<br>)\n|\n(?=<[uo]l\b)")
"""Lines that nobody typed: blanks are shown as they stand."""


def _cleaned(html: str) -> str:
    """Raises TooMuch."""
    html = with_addresses_restored(with_links(html))
    return _BETWEEN_TAGS.sub("", restored(_CLEANER.clean(html)))


def _extensions(body: str) -> ExtensionOptions:
    return _WITH_TABLES if "|" in body and has_whole_tables(body) else _WITHOUT_TABLES


def _is_too_long(html: str, body: str) -> bool:
    return len(html) > MAX_GROWTH * len(body) + MAX_ADDED_CHARACTERS


def _as_it_was_typed(body: str) -> str:
    text = escape(cleared(body), quote=False).replace("\n", "<br>")
    return f'<p dir="auto">{text}</p>\n'


def _options(*, tables: bool) -> ExtensionOptions:
    options = ExtensionOptions()
    options.strikethrough = options.cjk_friendly_emphasis = True
    options.table = tables
    return options


_WITH_TABLES, _WITHOUT_TABLES = _options(tables=True), _options(tables=False)
_PARSING = ParseOptions()
_PARSING.ignore_setext = True
_RENDERING = RenderOptions()
_RENDERING.hardbreaks = _RENDERING.escape = _RENDERING.ignore_empty_links = True
