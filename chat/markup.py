"""Markdown to safe HTML, once, at posting."""

import re
from typing import Any

import nh3
from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name

_TAGS = {
    *("a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr"),
    *("li", "ol", "p", "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr"),
    "ul",
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "pre": {"class"}, "span": {"class"}}
_CLASS = re.compile(r"highlight|[a-z][a-z0-9]{0,2}")

_LANGUAGES = {
    *("bash", "sh", "shell", "zsh", "console", "c", "cpp", "c++", "css", "diff", "docker"),
    *("dockerfile", "elixir", "go", "golang", "graphql", "haskell", "hs", "html", "html+django"),
    *("htmldjango", "http", "ini", "java", "javascript", "js", "json", "jsx", "kotlin", "lua"),
    *("markdown", "md", "nginx", "ocaml", "perl", "php", "postgresql", "powershell", "ps1"),
    *("python", "py", "python3", "pycon", "pytb", "r", "ruby", "rb", "rust", "rs", "scala", "sql"),
    *("swift", "toml", "tsx", "typescript", "ts", "xml", "yaml", "yml", "zig"),
}
"""Those that are highlighted: other lexers of Pygments take minutes for a text made to that end."""

_MAX_HIGHLIGHTED = 3_000
"""Characters of code: the time that even these lexers take can grow with the square."""

_MAX_ADDRESSES = 100
"""Past it none is made a link: markdown-it looks back over all that came before each of them."""

_PLAIN = re.compile(r"(?!\d+\.)[^\W_](?:[^\W_]|[ ,!?'\"’“”…–—-]|[.:](?= |\Z))*(?<! )")
"""Text in which Markdown and linkify find nothing: it need not be parsed to be rendered."""


def render(body: str) -> str:
    """The body as HTML that may stand in anybody's page, whatever was typed."""
    if _PLAIN.fullmatch(body):
        return f"<p>{body}</p>\n"
    markdown = _markdown if body.count("://") <= _MAX_ADDRESSES else _markdown_without_links
    return nh3.clean(
        markdown.render(body),
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
    if language.lower() not in _LANGUAGES or len(code) > _MAX_HIGHLIGHTED:
        return ""
    lexer = get_lexer_by_name(language)
    return f'<pre class="highlight"><code>{highlight(code, lexer, _formatter)}</code></pre>\n'


_formatter: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


def _commonmark(**options: Any) -> MarkdownIt:
    own = {"html": False, "breaks": True, "maxNesting": 20, "highlight": _highlight}
    markdown = MarkdownIt("commonmark", own | options).enable(["table", "strikethrough"])
    return markdown.disable(["image", "html_block", "html_inline", "reference"])


_markdown = _commonmark(linkify=True).enable("linkify")
_markdown_without_links = _commonmark()
