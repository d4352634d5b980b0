"""What counts as read: what stood in view of a focused page for a second, or was passed."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Seat
from tests.browser.talk import (
    enter,
    expect_read,
    have_read,
    read_seq_of,
    row,
    say_many,
    send,
    stored_row,
)
from tests.live.site import Site

TakeSeat = Callable[..., Seat]

A_SECOND_AND_MORE = 1_500
"""Milliseconds: what is read has been told by then."""


def lose_focus(page: Page) -> None:
    """Another window beside this one is worked in; this one can be seen still."""
    page.evaluate("document.hasFocus = () => false; dispatchEvent(new Event('blur'))")


def find_focus(page: Page) -> None:
    page.evaluate("delete document.hasFocus; dispatchEvent(new Event('focus'))")


def test_a_window_without_focus_reads_nothing_until_it_has_it(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    lose_focus(alice)
    send(bob, "psst")
    expect(row(alice, "psst")).to_be_in_viewport()
    expect(alice).to_have_title("(1) Lounge · Chatsite")
    expect(alice.locator(".new-line")).to_be_visible()
    alice.wait_for_timeout(A_SECOND_AND_MORE)
    assert read_seq_of(sqlite_site, "alice") == 0
    find_focus(alice)
    expect(alice).to_have_title("Lounge · Chatsite")
    expect_read(sqlite_site, alice, "alice", 1)


def test_five_hundred_unread_are_not_read_by_opening_the_room_and_leaving(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 500)
    alice = seat("alice")
    page = enter(alice)
    expect(page.locator(".new-line")).to_be_in_viewport()
    enter(alice, "/rooms/den/")
    unread = page.locator("#rooms a", has_text="Lounge").locator("[data-slot=unread]")
    expect(unread).not_to_have_text("0")
    assert read_seq_of(sqlite_site, "alice") < 60


def test_what_stood_in_view_for_a_second_is_read_and_no_more(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 30)
    have_read(sqlite_site, "alice")
    say_many(sqlite_site, "bob", "lounge", 200, first=31)
    page = enter(seat("alice"))
    line = page.locator(".new-line")
    expect(line).to_be_in_viewport()
    frame = page.locator("#log-scroller").bounding_box()
    box = line.bounding_box()
    assert frame
    assert box
    assert frame["y"] + 50 < box["y"] < frame["y"] + frame["height"] / 3, "context above it"
    last = last_in_view(page)
    page.wait_for_timeout(A_SECOND_AND_MORE)
    expect_read(sqlite_site, page, "alice", last)
    assert 30 < last < 120


def test_what_is_passed_by_scrolling_is_read(seat: TakeSeat, sqlite_site: Site) -> None:
    say_many(sqlite_site, "bob", "lounge", 200)
    page = enter(seat("alice"))
    expect(page.locator(".new-line")).to_be_in_viewport()
    for _ in range(8):
        page.locator("#log-scroller").evaluate("log => log.scrollBy(0, 200)")
        page.wait_for_timeout(50)
    passed, last = first_in_view(page) - 1, last_in_view(page)
    assert passed > 20
    page.goto("about:blank")
    for _ in range(50):
        if (read := read_seq_of(sqlite_site, "alice")) >= passed:
            break
        page.wait_for_timeout(100)
    assert passed <= read <= last, "what is in view still may have stood there for a second"


def test_a_link_into_what_is_new_reads_nothing_of_what_lies_before(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 300)
    page = enter(seat("alice"), "/rooms/lounge/at/200/")
    expect(row(page, "word 200.")).to_be_in_viewport()
    page.wait_for_timeout(A_SECOND_AND_MORE)
    assert read_seq_of(sqlite_site, "alice") == 0


def test_who_watches_the_talk_is_told_of_nothing_new(seat: TakeSeat, sqlite_site: Site) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    alice.evaluate(
        "window.titles = [];"
        "new MutationObserver(() => titles.push(document.title)).observe("
        "document.querySelector('title'), {childList: true})"
    )
    for text in ("one", "two", "three"):
        send(bob, text)
        expect(stored_row(alice, text)).to_be_visible()
    expect(alice.locator(".new-line")).to_have_count(0)
    assert [title for title in alice.evaluate("titles") if title.startswith("(")] == []
    expect_read(sqlite_site, alice, "alice", 3)


def first_in_view(page: Page) -> int:
    return _place_in_view(page, "row => row.bottom > box.top", 0)


def last_in_view(page: Page) -> int:
    return _place_in_view(page, "row => row.bottom <= box.bottom + 1", -1)


def _place_in_view(page: Page, condition: str, at: int) -> int:
    place: int = page.evaluate(
        f"""() => {{
          const box = document.getElementById("log-scroller").getBoundingClientRect();
          const isIn = {condition};
          const rows = [...document.querySelectorAll("#log > .message")]
            .filter(row => isIn(row.getBoundingClientRect()));
          return Number(rows.at({at}).dataset.seq);
        }}"""
    )
    return place
