"""Whatever is typed, what comes out may stand in anybody's page."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import markup
from chat.markup import render
from tests.markup.pieces import PIECES


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
        assert tag in markup.TAGS, tag
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
            case "ol", "start":
                assert value.isdigit()
            case "code", "class":
                assert re.fullmatch(r"language-[\w+#.-]{1,32}", value, re.ASCII), value
            case "span", "class":
                assert value == "true-address"
            case _, "dir":
                assert value == "auto"
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
        ("*a* **b** ~~c~~ `d`", ["p", "em", "strong", "del", "code"]),
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
        ("<https://example.com/a_b>", ["p", "a"]),
        ("a@example.com", ["p", "a"]),
        ("***", ["hr"]),
    ],
)
def test_markdown_is_drawn(body: str, tags: list[str]) -> None:
    assert Page(render(body)).tags == tags


ATTACKS = [
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
    'https://example.com/"onclick=alert(1)',
    '[a](https://example.com "x\\" onclick=alert(1)")',
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "`<script>`",
    "&lt;script&gt;",
    "<!-- x --><?x ?><![CDATA[x]]>",
    "<svg/onload=alert(1)>",
    "<style>*{display:none}</style>",
    '<span class="composer">x</span>',
    # What stands for a hidden character, typed by somebody: as itself, and percent-encoded.
    "[a](\U0010ff6aavascript:alert(1))",
    "[a](%F4%8F%BD%AAavascript:alert(1))",
    "[a](https://b.example/%F4%8F%BC%A2onclick=alert(1))",
    "https://b.example/%F4%8F%BC%A2%F4%8F%BC%BEonclick=alert(1)",
    "\U0010ff3cscript\U0010ff3ealert(1)",
]


@pytest.mark.parametrize("body", ATTACKS)
def test_nothing_that_runs_or_loads_comes_through(body: str) -> None:
    page = Page(render(body))
    assert "img" not in page.tags
    assert "script" not in page.tags


def test_what_the_renderer_would_let_through_the_cleaner_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(markup, "_rendered", lambda body: body)
    for html in (
        '<a href="javascript:alert(1)">a</a>',
        '<a href="%F4%8F%BD%AAavascript:alert(1)">a</a>',
        '<a href="\U0010ff6aavascript:alert(1)">a</a>',
        '<a href="data:text/html,x">a</a>',
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<b onclick="alert(1)">x</b> <p style="position:fixed">',
        '<span class="composer hidden">x</span>',
        '<code class="composer">x</code>',
    ):
        page = Page(render(html))
        assert not any(link.startswith(("javascript:", "data:")) for link in page.links)


def test_a_link_within_the_site_is_a_link() -> None:
    assert Page(render("[that](/rooms/kitchen/at/5/)")).links == ["/rooms/kitchen/at/5/"]


texts = st.text(max_size=80) | st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@settings(max_examples=400, deadline=None)
@given(texts)
def test_any_text_is_rendered_safe_and_bounded(body: str) -> None:
    html = render(body)
    Page(html)
    assert len(html) <= 4 * len(body) + 16 * 1024


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


def test_a_panic_of_the_renderer_ends_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panic(*_: object) -> str:
        raise PanicException

    monkeypatch.setattr(markup, "render_markdown", panic)
    assert render("*a* & b") == '<p dir="auto">*a* &amp; b</p>\n'
