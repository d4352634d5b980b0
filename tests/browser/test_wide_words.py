"""What is wider than its place: tables scroll in themselves, long words break."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, Seat
from tests.browser.talk import enter, say_in_html
from tests.live.site import Site

TakeSeat = Callable[..., Seat]
AssertAccessible = Callable[[Page], None]

LONG = "https://example.org/" + "a" * 300


def a_table(columns: int) -> str:
    heads = "".join(f"<th>head {number}</th>" for number in range(columns))
    cells = "".join(f"<td>cell {number}</td>" for number in range(columns))
    return f"<table><thead><tr>{heads}</tr></thead><tbody><tr>{cells}</tr></tbody></table>"


def overflow_of(element: Locator) -> int:
    """Pixels by which what is in it is wider than it is."""
    return int(element.evaluate("element => element.scrollWidth - element.clientWidth"))


def test_a_wide_table_scrolls_in_itself_by_finger_and_by_keys(
    seat: TakeSeat, sqlite_site: Site, assert_accessible: AssertAccessible
) -> None:
    say_in_html(sqlite_site, [a_table(12), a_table(2)])
    page = enter(seat("alice", **PHONE))
    wide = page.get_by_role("region", name="head 0 head 1")
    expect(wide).to_have_count(1)
    assert overflow_of(wide) > 200, "its words are whole"
    assert overflow_of(page.locator("#log-scroller")) == 0
    wide.focus()
    page.keyboard.press("ArrowRight")
    wide.evaluate("""frame => frame.scrollLeft > 0 || new Promise((resolve) => {
        frame.addEventListener("scroll", resolve, { once: true });
    })""")
    expect(page.locator(".table-frame[tabindex]")).to_have_count(1)
    assert_accessible(page)


def test_a_wide_table_is_read_out_cell_by_cell_as_part_of_its_message(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_in_html(sqlite_site, [a_table(12)])
    page = enter(seat("alice", **PHONE))
    expect(page.get_by_role("region", name="head 11")).to_be_visible()
    expect(page.get_by_role("article", name="cell 11")).to_be_visible()


def test_without_scripts_a_wide_table_scrolls_too(seat: TakeSeat, sqlite_site: Site) -> None:
    say_in_html(sqlite_site, [a_table(12)])
    page = seat("alice", **PHONE, java_script_enabled=False).visit("/rooms/lounge/")
    table, log = page.locator("table"), page.locator("#log-scroller")
    assert overflow_of(table) > 0
    assert overflow_of(log) == 0


@pytest.mark.parametrize(
    "body",
    [
        f"<p>{LONG}</p>",
        f'<p><a href="{LONG}">{LONG}<span class="true-address"> ({LONG})</span></a></p>',
        f"<ul><li>{LONG}</li></ul>",
        f"<blockquote><p>{LONG}</p></blockquote>",
        f"<h1>{LONG}</h1>",
        f"<p><code>{LONG}</code></p>",
        f"<pre><code>{LONG}\n</code></pre>",
        "<p>" + "あ" * 300 + "</p>",
    ],
    ids=["words", "link", "list", "quote", "heading", "code", "block", "without spaces"],
)
def test_long_words_break(seat: TakeSeat, sqlite_site: Site, body: str) -> None:
    say_in_html(sqlite_site, [body])
    page = enter(seat("alice", **PHONE))
    words, log = page.locator(".message-body"), page.locator("#log-scroller")
    box, frame = words.bounding_box(), log.bounding_box()
    assert box
    assert frame
    assert box["height"] > 60
    assert overflow_of(words) == 0
    assert overflow_of(log) == 0
    assert box["x"] + box["width"] <= frame["width"]
