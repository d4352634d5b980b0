"""Markdown to safe HTML, once, at posting."""

import re

import nh3
from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

_TAGS = {
    *("a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr"),
    *("li", "ol", "p", "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr"),
    "ul",
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "pre": {"class"}, "span": {"class"}}
_CLASS = re.compile(r"highlight|[a-z][a-z0-9]{0,2}")

_PLAIN = re.compile(r"[^\W\d_](?:[^\W_]|[ ,!?'\"’“”…–—-]|\.(?= |\Z))*")
"""Text in which Markdown and linkify find nothing: it need not be parsed to be rendered."""


def render(body: str) -> str:
    """The body as HTML that may stand in anybody's page, whatever was typed."""
    if _PLAIN.fullmatch(body):
        return f"<p>{body}</p>\n"
    return nh3.clean(
        _markdown.render(body),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_filter_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _filter_attribute(_tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class" and not _CLASS.fullmatch(value):
        return None
    return value


def _highlight(code: str, language: str, _attributes: str) -> str:
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""
    return f'<pre class="highlight"><code>{highlight(code, lexer, _formatter)}</code></pre>\n'


_formatter: HtmlFormatter[str] = HtmlFormatter(nowrap=True)
_markdown = (
    MarkdownIt(
        "commonmark",
        {"html": False, "linkify": True, "breaks": True, "maxNesting": 20, "highlight": _highlight},
    )
    .enable(["linkify", "table", "strikethrough"])
    .disable(["image", "html_block", "html_inline", "reference"])
)
