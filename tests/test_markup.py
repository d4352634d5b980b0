"""Whatever is typed, what comes out may stand in anybody's page, and soon."""

import re
from html.parser import HTMLParser
from time import process_time
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name

from chat import markup
from chat.markup import render

LONGEST = 10_000


class Page(HTMLParser):
    """Refuses what a browser could run or load."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in markup._TAGS, tag
        self.tags.append(tag)
        for name, value in attrs:
            self.check(tag, name, value or "")

    def check(self, tag: str, name: str, value: str) -> None:
        match tag, name:
            case "a", "href":
                assert urlsplit(value).scheme in {"", "http", "https", "mailto"}, value
                self.links.append(value)
            case "a", "rel":
                assert value == "noopener noreferrer nofollow"
            case ("a", "title") | ("ol", "start"):
                pass
            case (("pre" | "span"), "class"):
                assert re.fullmatch(r"highlight|[a-z][a-z0-9]{0,2}", value), value
            case _:
                raise AssertionError(f"{tag} {name}={value!r}")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


@pytest.mark.parametrize(
    ("body", "tags"),
    [
        ("hello", ["p"]),
        ("two\nlines", ["p", "br"]),
        ("*a* **b** ~~c~~ `d`", ["p", "em", "strong", "s", "code"]),
        ("- a\n- b", ["ul", "li", "li"]),
        ("3. a", ["ol", "li"]),
        ("> a", ["blockquote", "p"]),
        ("# a", ["h1"]),
        ("|a|\n|-|\n|b|", ["table", "thead", "tr", "th", "tbody", "tr", "td"]),
        ("```\na\n```", ["pre", "code"]),
        ("```unheard-of\na\n```", ["pre", "code"]),
        ("see https://example.com now", ["p", "a"]),
        ("see www.example.com now", ["p", "a"]),
        ("[a](https://example.com)", ["p", "a"]),
        ("a@example.com", ["p", "a"]),
        ("***", ["hr"]),
    ],
)
def test_markdown_is_drawn(body: str, tags: list[str]) -> None:
    assert Page(render(body)).tags == tags


@pytest.mark.parametrize("language", sorted(markup._LANGUAGES))
def test_code_is_coloured_in_each_language_that_is_promised(language: str) -> None:
    page = Page(render(f"```{language}\nlet x = 1 # a\n```"))
    assert page.tags[0] == "pre"
    assert page.text.strip() == "let x = 1 # a"


def test_code_is_coloured_but_for_long_code() -> None:
    assert "span" in Page(render("```python\nimport this\n```")).tags
    assert "span" in Page(render("```Python\nimport this\n```")).tags
    assert "span" not in Page(render("```python\n" + "import this\n" * 300 + "```")).tags


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<b onclick=alert(1)>x</b>",
        "![x](https://example.com/spy.png)",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](java\tscript:alert(1))",
        "[a](&#106;avascript:alert(1))",
        "[a](data:text/html,<script>alert(1)</script>)",
        "[a](vbscript:x)",
        "[a](file:///etc/passwd)",
        "[a]: https://example.com\n\n[a]",
        "<javascript:alert(1)>",
        '<https://example.com/"onclick=alert(1)>',
        '[a](https://example.com "x\\" onclick=alert(1)")',
        "```html\n<script>alert(1)</script>\n```",
        '```"><script>alert(1)</script>\nx\n```',
        "`<script>`",
        "&lt;script&gt;",
        "<!-- x --><?x ?><![CDATA[x]]>",
        "<svg/onload=alert(1)>",
        "<style>*{display:none}</style>",
        '<span class="composer">x</span>',
    ],
)
def test_nothing_that_runs_or_loads_comes_through(body: str) -> None:
    page = Page(render(body))
    assert "img" not in page.tags
    assert all(link.startswith(("https://", "mailto:")) for link in page.links)


def test_what_markdown_would_let_through_the_sanitiser_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(markup._markdown, "validateLink", lambda _url: True)
    monkeypatch.setitem(markup._markdown.options, "html", True)
    rules: dict[str, Any] = vars(markup._markdown.renderer)["rules"]
    monkeypatch.setitem(rules, "text", lambda tokens, at, *_: tokens[at].content)
    for body in (
        "[a](javascript:alert(1))",
        "[a](data:text/html,x)",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<b onclick="alert(1)">x</b> <p style="position:fixed">',
        '<span class="composer hidden">x</span>',
    ):
        Page(render(body))


def test_a_link_within_the_site_is_a_link() -> None:
    assert Page(render("[that](/rooms/kitchen/at/5/)")).links == ["/rooms/kitchen/at/5/"]


def test_html_is_shown_as_it_was_typed() -> None:
    assert Page(render("<b>x</b> & &amp; <script>")).text.strip() == "<b>x</b> & & <script>"


pieces = st.sampled_from(
    [
        *(
            "<script>",
            "</p>",
            "<a href=",
            "javascript:",
            "onerror=",
            "](",
            "[",
            "![",
            "`",
            "```",
            "~~~",
        ),
        *(
            "\n",
            "\n\n",
            "    ",
            "\t",
            "> ",
            "- ",
            "1. ",
            "# ",
            "|",
            "|-|",
            "*",
            "**",
            "_",
            "~~",
            "\\",
        ),
        *(
            "http://",
            "https://a.b",
            "www.a.b",
            "a@b.c",
            "&",
            "&lt;",
            "&#x3c;",
            "<",
            ">",
            '"',
            "'",
            "\0",
        ),
        *("python", "x", " ", ".", "é", "漢字", "🏴", "\u202e", "\x0b", "\x1b", "\ufeff", "\r"),
    ]
)
texts = st.text(max_size=80) | st.lists(pieces, max_size=25).map("".join)


@settings(max_examples=400, deadline=None)
@given(texts)
def test_any_text_is_rendered_and_safe(body: str) -> None:
    Page(render(body))


plain_letters = st.sampled_from([*"abzÀéß漢あЖא09 ,.!?'\"’“”…–—-", ". ", "  ", " - ", "...", " ."])


@settings(max_examples=400, deadline=None)
@given(st.lists(plain_letters, max_size=30).map("".join) | st.text(max_size=40))
def test_plain_text_takes_a_short_way_to_the_same_place(body: str) -> None:
    quick = render(body)
    plain, markup._PLAIN = markup._PLAIN, re.compile(r"(?!)")
    try:
        assert quick == render(body)
    finally:
        markup._PLAIN = plain


def test_what_people_mostly_say_takes_the_short_way() -> None:
    assert markup._PLAIN.fullmatch("Well, *that* is it") is None
    for body in ("ok", "Good morning, everyone!", "Isn't it? Yes. It is…", "Später – vielleicht"):
        assert markup._PLAIN.fullmatch(body)


REPEATED = [
    *(
        "[",
        "]",
        "(",
        "![",
        "](",
        "[](",
        "[[]",
        "[a](",
        ">",
        "> ",
        "*",
        "**",
        "* ",
        "***",
        "**a ",
        "*_",
        "_",
    ),
    *(
        "_a",
        "`",
        "`a``",
        "~",
        "~~",
        "~~a",
        "|",
        "|a|b\n|-|-\n",
        "#",
        "# ",
        "- ",
        "-",
        "=",
        "1. ",
        "1",
        "&",
    ),
    *(
        "<",
        "<a",
        "<a\n",
        "a.b ",
        "a.b",
        ".",
        "a@",
        "a@b.c ",
        "@",
        "http://",
        "http://a",
        "http://a.b ",
        "www.",
    ),
    *(
        "http://a.b/(",
        "://",
        "://a ",
        "//",
        ":",
        "\\",
        "\n",
        "\t",
        "    ",
        "a\n",
        "a\n>",
        '"',
        "'",
        "```\n",
    ),
    *(
        "```x\n```\n",
        "```py\n```\n",
        "~~~py\na\n",
        "漢",
        "🏴",
        "é.",
        "\u202e",
        "\0",
        "a ",
        "a-",
        "(((",
        "\r",
    ),
]


@pytest.mark.parametrize("piece", REPEATED, ids=ascii)
@pytest.mark.parametrize("start", ["", "x"])
def test_no_text_takes_long(piece: str, start: str) -> None:
    assert seconds(start + piece * LONGEST) < 1


LEXERS = {get_lexer_by_name(language).name: language for language in sorted(markup._LANGUAGES)}


@pytest.mark.parametrize("language", LEXERS.values())
def test_no_code_takes_long(language: str) -> None:
    for piece in ("(", "{", "a\n", "a.", "$"):
        code = (piece * LONGEST)[: markup._MAX_HIGHLIGHTED - 1]
        assert seconds(f"```{language}\n{code}\n```\n") < 1, piece


def seconds(body: str) -> float:
    """Of processor time: other work on the machine does not count."""
    body = body[:LONGEST]
    started = process_time()
    Page(render(body))
    return process_time() - started
