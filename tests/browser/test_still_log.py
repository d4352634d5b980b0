"""The log stands still under who reads, selects or listens; one message is one addition."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Seat
from tests.browser.talk import enter, have_read, row, say_many, send, stored_row, use_tool
from tests.browser.test_log import MOST_ROWS, say_at_once, scroll_to, top_of
from tests.live.site import Site

TakeSeat = Callable[..., Seat]

WATCH_ADDITIONS = """() => {
  window.additions = [];
  const told = node => node.nodeType === 1 ? (node.className || node.nodeName) : node.data;
  const isQuiet = node => (node.nodeType === 1 ? node : node.parentElement)
    ?.closest("#log [aria-live=off]") !== null;
  new MutationObserver(records => {
    for (const {addedNodes, target} of records)
      for (const node of addedNodes)
        additions.push({what: told(node), to: target.id || target.className,
                        text: node.textContent, quiet: isQuiet(node)});
  }).observe(document.getElementById("log"), {childList: true, subtree: true});
}"""


def additions_to(page: Page, act: Callable[[], None]) -> list[dict[str, Any]]:
    """What came into the log, node by node, while something was done."""
    page.evaluate(WATCH_ADDITIONS)
    act()
    added: list[dict[str, Any]] = page.evaluate("additions")
    return added


def test_a_message_that_comes_is_one_addition_filled_before_it_goes_in(seat: TakeSeat) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    for text in ("one", "two"):
        send(bob, text)
        expect(stored_row(alice, text)).to_be_visible()

    def hear() -> None:
        for text in ("three", "**four**"):
            send(bob, text)
            expect(stored_row(alice, text.strip("*"))).to_be_visible()

    added = additions_to(alice, hear)
    assert [each["to"] for each in added] == ["log", "log"]
    assert "three" in added[0]["text"]
    assert "bob" in added[1]["text"]


@pytest.mark.parametrize("body", ["mine", "two\nlines", "two\n\nparagraphs", "a < b"])
def test_ones_own_message_is_added_once_and_stays_the_same_row(seat: TakeSeat, body: str) -> None:
    page = enter(seat("alice"))
    send(page, "before")
    expect(stored_row(page, "before")).to_be_visible()

    def say() -> None:
        send(page, body)
        expect(stored_row(page, body.split("\n")[0])).to_be_visible()

    added = additions_to(page, say)
    assert [each["to"] for each in added] == ["log"], added


def test_ones_own_markup_is_drawn_without_a_second_announcement(seat: TakeSeat) -> None:
    page = enter(seat("alice"))

    def say() -> None:
        send(page, "some **bold** words")
        expect(stored_row(page, "some bold words").locator(".message-body strong")).to_be_visible()

    added = additions_to(page, say)
    assert [each["to"] for each in added if not each["quiet"]] == ["log", "log"], "and its day"


def test_reactions_edits_and_deletions_add_nothing_that_is_read_out(seat: TakeSeat) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    send(bob, "teh cat")
    send(bob, "a slip")
    expect(stored_row(alice, "a slip")).to_be_visible()

    def change() -> None:
        use_tool(bob, "teh cat", "react")
        expect(row(alice, "teh cat").locator(".reaction-count")).to_have_text("1")
        use_tool(bob, "teh cat", "edit")
        bob.locator(".editor textarea").fill("the cat")
        bob.locator(".editor textarea").press("Enter")
        expect(row(alice, "the cat")).to_contain_text("edited")
        use_tool(bob, "a slip", "menu")
        bob.locator("#message-sheet [data-action=delete]").click()
        bob.get_by_role("button", name="Delete", exact=True).click()
        expect(row(alice, "This message was deleted.")).to_be_visible()

    assert additions_to(alice, change) == []
    expect(row(alice, "the cat").locator(".reaction")).to_have_count(1)

    def rewrite() -> None:
        use_tool(bob, "the cat", "edit")
        bob.locator(".editor textarea").fill("- the **cat**")
        bob.locator(".editor textarea").press("Enter")
        expect(row(alice, "the cat").locator("li strong")).to_be_visible()

    assert [each for each in additions_to(alice, rewrite) if not each["quiet"]] == []


def test_the_lines_between_are_not_written_again(seat: TakeSeat, sqlite_site: Site) -> None:
    say_many(sqlite_site, "bob", "lounge", 3)
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    expect(alice.locator(".new-line")).to_be_visible()
    expect(alice.locator(".day-line")).to_have_count(1)

    def hear() -> None:
        send(bob, "more")
        expect(stored_row(alice, "more")).to_be_visible()

    added = additions_to(alice, hear)
    assert [each["what"].split()[0] for each in added] == ["message"]


def test_older_pages_are_not_read_out(seat: TakeSeat, sqlite_site: Site) -> None:
    say_many(sqlite_site, "bob", "lounge", 200)
    have_read(sqlite_site, "alice")
    page = enter(seat("alice"))
    log = page.locator("#log")
    expect(log).to_have_attribute("aria-live", "polite")
    page.evaluate(
        "window.heard = [];"
        "new MutationObserver(records => {"
        "  const log = document.getElementById('log');"
        "  for (const {addedNodes} of records) for (const node of addedNodes)"
        "    if (node.matches('.message')) heard.push(log.getAttribute('aria-live'));"
        "}).observe(document.getElementById('log'), {childList: true})"
    )
    expect(row(page, "word 100.")).to_have_count(0)
    scroll_to(page, 100_000)
    expect(row(page, "word 60.")).to_be_attached()
    expect(log).to_have_attribute("aria-live", "polite")
    heard = page.evaluate("heard")
    assert len(heard) > 40
    assert set(heard) == {"off"}
    say_many(sqlite_site, "bob", "lounge", 1, first=201)
    expect(page.locator("#newest")).to_contain_text("1 new")
    assert page.evaluate("heard").pop() == "polite"


SELECTED = "getSelection().toString()"


def drag(page: Page, text: str) -> None:
    """Presses at the first letter of a message and moves to its end; the button stays down."""
    box = row(page, text).locator(".message-body p").bounding_box()
    assert box
    page.mouse.move(box["x"] + 1, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + box["height"] / 2, steps=4)


def test_a_selection_stays_while_others_speak_change_and_react(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 40)
    have_read(sqlite_site, "alice")
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    expect(row(alice, "word 40.")).to_be_in_viewport()
    drag(alice, "word 38.")
    assert alice.evaluate(SELECTED).strip() == "word 38."
    before = top_of(alice, "word 38.")
    say_many(sqlite_site, "carol", "lounge", 12, first=41)
    expect(row(alice, "word 52.")).to_be_attached()
    assert abs(top_of(alice, "word 38.") - before) < 2, "under the pointer that selects"
    alice.mouse.move(alice.viewport_size["width"] / 2, before + 10)  # type: ignore[index]
    alice.mouse.up()
    use_tool(bob, "word 38.", "react")
    expect(row(alice, "word 38.").locator(".reaction-count")).to_have_text("1")
    send(bob, "and on")
    expect(row(alice, "and on")).to_be_attached()
    assert alice.evaluate(SELECTED).strip() == "word 38."
    assert abs(top_of(alice, "word 38.") - before) < 2, "while it stands"
    alice.evaluate("getSelection().removeAllRanges()")
    alice.locator("#newest").click()
    send(bob, "the end")
    expect(row(alice, "the end")).to_be_in_viewport()


COPIED = """() => {
  const data = new DataTransfer();
  document.dispatchEvent(new ClipboardEvent("copy", {clipboardData: data, cancelable: true}));
  return [data.getData("text/plain"), data.getData("text/html")];
}"""
SELECT = """([from, to]) => {
  const bodies = [...document.querySelectorAll(".message-body")];
  const body = text => bodies.find(each => each.textContent.includes(text));
  const first = document.createTreeWalker(body(from[0]), NodeFilter.SHOW_TEXT).nextNode();
  const last = document.createTreeWalker(body(to[0]), NodeFilter.SHOW_TEXT).nextNode();
  getSelection().setBaseAndExtent(first, from[1], last, to[1]);
}"""


def test_copying_out_of_the_log_gives_names_times_and_words(seat: TakeSeat) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    send(alice, "the first words")
    expect(stored_row(bob, "the first words")).to_be_visible()
    send(bob, "in **between**\nover two lines")
    expect(stored_row(alice, "in between")).to_be_visible()
    send(bob, "the last words")
    expect(stored_row(alice, "the last words")).to_be_visible()
    use_tool(bob, "in between", "react")
    expect(row(alice, "in between").locator(".reaction")).to_be_visible()
    row(alice, "in between").hover()
    expect(alice.locator(".tools")).to_be_visible()
    alice.evaluate(SELECT, [["the first words", 4], ["the last words", 8]])
    text, html = alice.evaluate(COPIED)
    time = r"\d\d?:\d\d(\s[AP]M)?"
    assert re.fullmatch(
        rf"alice, {time}\nfirst words\n\n"
        rf"bob, {time}\nin between\nover two lines\n\n"
        rf"bob, {time}\nthe last",
        text,
    ), text
    assert "<strong>between</strong>" in html
    assert html.index("alice") < html.index("first words") < html.index("bob")
    assert "👍" not in html + text
    assert "<button" not in html


def test_copying_within_a_message_is_the_browsers_own_affair(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    send(page, "just some words")
    expect(stored_row(page, "just some words")).to_be_visible()
    page.evaluate(SELECT, [["just some words", 5], ["just some words", 9]])
    assert page.evaluate(COPIED) == ["", ""], "left to it"
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.message'))")
    text, _html = page.evaluate(COPIED)
    assert re.fullmatch(r"alice, [\d:APM\s]+\njust some words", text), text


@pytest.mark.parametrize("distance", [600, 2_000], ids=["near the end", "further up"])
def test_what_is_read_never_moves_in_a_room_where_hundreds_speak(
    seat: TakeSeat, sqlite_site: Site, distance: int
) -> None:
    say_at_once(sqlite_site, "bob", "lounge", 300, first=1)
    have_read(sqlite_site, "alice")
    page = enter(seat("alice"))
    scroll_to(page, 100_000)
    expect(row(page, "word 201.")).to_be_attached()
    scroll_to(page, distance)
    page.wait_for_timeout(300)
    text = page.evaluate(
        "() => { const box = document.getElementById('log-scroller').getBoundingClientRect();"
        "return [...document.querySelectorAll('#log > .message')]"
        ".find(each => each.getBoundingClientRect().top > box.top + 100)"
        ".querySelector('.message-body').textContent.trim() }"
    )
    before = top_of(page, text)
    for first in range(301, 1301, 100):
        say_at_once(sqlite_site, "carol", "lounge", 100, first=first)
        expect(page.locator("#newest")).to_contain_text(f"{min(first - 201, 999)}")
        assert abs(top_of(page, text) - before) < 2
        assert page.locator(".message").count() <= MOST_ROWS
    page.locator("#newest").click()
    expect(row(page, "word 1300.")).to_be_in_viewport()


def test_who_stands_at_the_end_of_a_window_is_not_carried_off_by_the_last_page(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 60)
    have_read(sqlite_site, "alice")
    say_many(sqlite_site, "carol", "lounge", 70, first=61)
    page = enter(seat("alice"))
    expect(row(page, "word 130.")).to_be_attached()
    expect(page.locator(".new-line")).to_be_in_viewport()
    expect(row(page, "word 61.")).to_be_in_viewport()
