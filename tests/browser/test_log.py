"""The log on the screen: pages, the line above what is new, and the way back to the newest."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cable import Cable
from tests.browser.conftest import Seat
from tests.browser.talk import enter, have_read, row, say_many, send, stored_row
from tests.live.servers import Daphne
from tests.live.site import Site

TakeSeat = Callable[..., Seat]

MOST_ROWS = 500


def scroll_to(page: Page, distance_from_end: int) -> None:
    page.locator("#log-scroller").evaluate(
        "(log, distance) => { log.scrollTop = -distance }", distance_from_end
    )


def top_of(page: Page, text: str) -> float:
    box = row(page, text).bounding_box()
    assert box
    return box["y"]


def test_older_pages_come_on_scrolling_up_and_the_text_stands_still(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 180)
    have_read(sqlite_site, "alice")
    page = enter(seat("alice"))
    expect(row(page, "word 180.")).to_be_in_viewport()
    expect(row(page, "word 85.")).to_be_attached()
    expect(row(page, "word 60.")).to_have_count(0)
    scroll_to(page, 100_000)
    before = top_of(page, "word 85.")
    expect(row(page, "word 60.")).to_have_count(1)
    assert abs(top_of(page, "word 85.") - before) < 2


def test_the_log_can_be_read_to_its_beginning(seat: TakeSeat, sqlite_site: Site) -> None:
    say_many(sqlite_site, "bob", "lounge", 120)
    have_read(sqlite_site, "alice")
    page = enter(seat("alice"))
    beginning = page.locator("#log-start")
    expect(beginning).to_be_hidden()
    scroll_to(page, 100_000)
    expect(row(page, "word 1.")).to_be_attached()
    scroll_to(page, 100_000)
    expect(beginning).to_be_in_viewport()


def test_who_reads_far_up_is_not_moved_by_new_words_and_is_told_of_them(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 60)
    have_read(sqlite_site, "alice")
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    expect(row(alice, "word 60.")).to_be_in_viewport()
    newest = alice.locator("#newest")
    expect(newest).to_be_hidden()
    scroll_to(alice, 900)
    expect(newest).to_have_text("Newest")
    before = top_of(alice, "word 45.")
    send(bob, "something new")
    expect(newest).to_have_text("1 new message")
    assert abs(top_of(alice, "word 45.") - before) < 2
    newest.click()
    expect(row(alice, "something new")).to_be_in_viewport()
    expect(newest).to_be_hidden()


def test_who_stays_at_the_end_follows_the_talk(seat: TakeSeat, sqlite_site: Site) -> None:
    say_many(sqlite_site, "bob", "lounge", 40)
    have_read(sqlite_site, "alice")
    page = enter(seat("alice"))
    say_many(sqlite_site, "bob", "lounge", 30, first=41)
    expect(row(page, "word 70.")).to_be_in_viewport()
    expect(page.locator(".new-line")).to_have_count(0)


def test_the_line_stands_above_what_is_new(seat: TakeSeat, sqlite_site: Site) -> None:
    say_many(sqlite_site, "bob", "lounge", 30)
    have_read(sqlite_site, "alice")
    say_many(sqlite_site, "bob", "lounge", 40, first=31)
    page = enter(seat("alice"))
    line = page.locator(".new-line")
    expect(line).to_be_in_viewport()
    following = line.locator("xpath=following-sibling::*[1]")
    expect(following).to_contain_text("word 31.")


def test_five_hundred_unread_can_be_read_from_the_first(seat: TakeSeat, sqlite_site: Site) -> None:
    say_many(sqlite_site, "bob", "lounge", 500)
    page = enter(seat("alice"))
    expect(row(page, "word 1.")).to_be_in_viewport()
    expect(page.locator(".new-line")).to_be_in_viewport()
    expect(page.locator("#unread-bar")).to_be_hidden()
    expect(page.locator("#newest")).to_contain_text("new messages")
    page.locator("#newest").click()
    expect(row(page, "word 500.")).to_be_in_viewport()


def test_from_a_permalink_a_bar_leads_to_the_first_that_is_new(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 200)
    have_read(sqlite_site, "alice")
    say_many(sqlite_site, "bob", "lounge", 300, first=201)
    page = enter(seat("alice"), "/rooms/lounge/at/450/")
    jump = page.locator("#unread-bar [data-action=jump]")
    expect(jump).to_contain_text("300")
    jump.click()
    expect(row(page, "word 201.")).to_be_in_viewport()
    expect(page.locator(".new-line")).to_be_in_viewport()
    expect(page.locator("#unread-bar")).to_be_hidden()


def test_the_page_stays_bounded_however_far_one_reads(seat: TakeSeat, sqlite_site: Site) -> None:
    say_many(sqlite_site, "bob", "lounge", 800)
    have_read(sqlite_site, "alice")
    page = enter(seat("alice"))
    for first in range(751, 0, -50):
        scroll_to(page, 1_000_000)
        expect(row(page, f"word {first}.")).to_be_attached()
    assert page.locator(".message").count() <= MOST_ROWS
    for last in range(550, 801, 50):
        scroll_to(page, 0)
        expect(row(page, f"word {last}.")).to_be_attached()
    assert page.locator(".message").count() <= MOST_ROWS


@pytest.mark.parametrize("missed", [3_000, 10_500], ids=["replayed", "begun anew"])
def test_a_tab_that_slept_while_thousands_spoke_shows_the_newest_and_stays_bounded(
    seat: TakeSeat, server: Daphne, sqlite_site: Site, missed: int
) -> None:
    alice = seat("alice")
    with Cable(server.port) as cable:
        alice.origin = f"http://127.0.0.1:{cable.port}"
        say_many(sqlite_site, "bob", "lounge", 20)
        page = enter(alice)
        expect(row(page, "word 20.")).to_be_in_viewport()
        tab = alice.context.new_cdp_session(page)
        tab.send("Page.setWebLifecycleState", {"state": "frozen"})
        cable.cut()
        say_at_once(sqlite_site, "bob", "lounge", missed, first=21)
        cable.mend()
        tab.send("Page.setWebLifecycleState", {"state": "active"})
        page.evaluate("dispatchEvent(new Event('online'))")

        last = missed + 20
        expect(row(page, f"word {last}.")).to_be_in_viewport(timeout=20_000)
        scroll_to(page, 3_000)
        page.locator("#newest").click()
        expect(row(page, f"word {last}.")).to_be_in_viewport()
        bodies = [text.strip() for text in page.locator(".message-body").all_inner_texts()]
        newest = [f"word {number}." for number in range(last - len(bodies) + 1, last + 1)]
        assert bodies == newest, "the log's end, without a hole"
        assert 20 < len(bodies) <= MOST_ROWS
        page.close()
    alice.errors.clear()  # a page says in its console that its server is away


def say_at_once(site: Site, author: str, slug: str, count: int, first: int) -> None:
    site.shell(
        "from chat.actions.messages import NewPost, post_messages\n"
        "from chat.models import Room, User\n"
        f"author, room = User.objects.get(username={author!r}), Room.objects.get(slug={slug!r})\n"
        f"for start in range({first}, {first + count}, 500):\n"
        f"    numbers = range(start, min(start + 500, {first + count}))\n"
        "    post_messages([NewPost(author, room.pk, f'w{n}', f'word {n}.') for n in numbers])"
    )


def test_a_permalink_shows_its_message_and_the_talk_on_both_sides(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 200)
    page = enter(seat("alice"), "/rooms/lounge/at/100/")
    marked = page.locator(".message.is-marked")
    expect(marked).to_contain_text("word 100.")
    expect(marked).to_be_in_viewport()
    scroll_to(page, 0)
    expect(row(page, "word 150.")).to_be_attached()
    scroll_to(page, 100_000)
    expect(row(page, "word 50.")).to_be_attached()


def test_words_that_come_while_one_reads_at_a_permalink_stand_in_their_place(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 200)
    page, bob = enter(seat("alice"), "/rooms/lounge/at/60/"), enter(seat("bob"))
    send(bob, "fresh")
    expect(page.locator("#newest")).to_contain_text("new message")
    expect(row(page, "fresh")).to_have_count(0)
    page.locator("#newest").click()
    expect(row(page, "fresh")).to_be_in_viewport()


def test_what_one_says_at_a_permalink_is_shown_among_the_newest(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    say_many(sqlite_site, "bob", "lounge", 200)
    page = enter(seat("alice"), "/rooms/lounge/at/60/")
    send(page, "back again")
    expect(stored_row(page, "back again")).to_be_in_viewport()
    expect(row(page, "word 200.")).to_be_in_viewport()


def test_days_begin_where_the_readers_days_begin(seat: TakeSeat, sqlite_site: Site) -> None:
    say_many(sqlite_site, "bob", "lounge", 2)
    sqlite_site.shell(
        "from datetime import datetime, UTC\n"
        "from chat.models import Message\n"
        "at = [datetime(2026, 3, 4, 23, 30, tzinfo=UTC), datetime(2026, 3, 5, 0, 30, tzinfo=UTC)]\n"
        "for seq in (1, 2): Message.objects.filter(seq=seq).update(created_at=at[seq - 1])"
    )
    days = enter(seat("alice", timezone_id="Asia/Tokyo")).locator(".day-line")
    expect(days).to_have_count(1)
    expect(days).to_contain_text("March 5")
    days = enter(seat("bob", timezone_id="America/New_York")).locator(".day-line")
    expect(days).to_have_count(1)
    expect(days).to_contain_text("March 4")
    days = enter(seat("carol", timezone_id="UTC")).locator(".day-line")
    expect(days).to_have_count(2)
