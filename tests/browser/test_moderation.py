"""What is done in the admin shows at once on the pages that are open."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Seat
from tests.browser.talk import enter, row, send, stored_row

TakeSeat = Callable[..., Seat]


def test_a_message_emptied_there_vanishes_from_open_pages(seat: TakeSeat) -> None:
    bob = enter(seat("bob"))
    send(bob, "buy cheap watches")
    expect(stored_row(bob, "buy cheap watches")).to_be_visible()
    desk = seat("alice").visit("/admin/chat/message/?q=watches")
    run_action(desk, "Empty the selected messages")
    expect(desk.locator(".messagelist")).to_contain_text("1 message emptied.")
    expect(row(bob, "buy cheap watches")).to_have_count(0, timeout=3000)


def test_it_tells_who_is_connected(seat: TakeSeat) -> None:
    enter(seat("bob"))
    enter(seat("carol"))
    desk = seat("alice").visit("/admin/chat/room/?q=lounge")
    expect(desk.locator("tbody .field-here_count")).to_have_text("2")
    desk.get_by_role("link", name="lounge").first.click()
    expect(desk.locator(".field-here .readonly")).to_have_text(re.compile("bob, carol"))


def test_a_blocked_person_is_out_within_a_second(seat: TakeSeat) -> None:
    bob = enter(seat("bob"))
    desk = seat("alice").visit("/admin/chat/user/?q=bob")
    run_action(desk, "Block the selected people")
    expect(bob.get_by_text(re.compile("blocked", re.IGNORECASE)).first).to_be_visible(timeout=3000)
    bob.goto(bob.url)
    expect(bob).to_have_url(re.compile("/accounts/login/"))


def test_a_person_put_out_is_told_why(seat: TakeSeat) -> None:
    bob = enter(seat("bob"))
    desk = seat("alice").visit("/admin/chat/membership/?q=bob")
    run_action(desk, "Put the selected people out of their rooms")
    expect(bob.get_by_text(re.compile("removed", re.IGNORECASE)).first).to_be_visible(timeout=3000)


def run_action(desk: Page, name: str) -> None:
    desk.locator("#action-toggle").check()
    desk.locator("select[name=action]").select_option(label=name)
    desk.get_by_role("button", name="Go", exact=True).click()
