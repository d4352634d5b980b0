"""By keyboard, on glass, and with what listens: everything can be reached."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DARK, PHONE, Seat
from tests.browser.talk import enter, row, send, stored_row

TakeSeat = Callable[..., Seat]
AssertAccessible = Callable[[Page], None]

BODY = """# Title

Some **bold**, a [link](https://example.org), `code` and

> a quote

```python
def answer(question: str) -> int:  # of all
    return 42
```

| a | b |
| - | - |
| 1 | 2 |
"""


def long_press(page: Page, text: str) -> None:
    body = row(page, text).locator(".message-body")
    body.dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})
    expect(page.locator("#message-sheet")).to_be_visible()
    body.dispatch_event("pointerup", {"pointerType": "touch", "bubbles": True})


def test_messages_are_walked_and_used_by_keys(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    for text in ("first", "second"):
        send(page, text)
        expect(stored_row(page, text)).to_be_visible()
    page.locator("#composer-text").press("Shift+Tab")
    expect(row(page, "second")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(row(page, "first")).to_be_focused()
    page.keyboard.press("e")
    expect(page.locator(".editor textarea")).to_have_value("first")
    page.keyboard.press("Escape")
    row(page, "first").focus()
    page.keyboard.press("r")
    expect(page.locator("#composer-reply")).to_contain_text("first")
    row(page, "first").focus()
    page.keyboard.press("d")
    expect(page.locator("#delete-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    row(page, "first").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#message-sheet")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#composer-text")).to_be_focused()


def test_the_toolbar_is_reached_by_the_tab_key(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    send(page, "words")
    expect(stored_row(page, "words")).to_be_visible()
    row(page, "words").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".tools button").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(row(page, "words").locator(".reaction-count")).to_have_text("1")


def test_on_a_phone_enter_breaks_the_line_and_a_button_sends(seat: TakeSeat) -> None:
    page = enter(seat("alice", **PHONE))
    text = page.locator("#composer-text")
    text.tap()
    text.press_sequentially("one")
    text.press("Enter")
    text.press_sequentially("two")
    expect(text).to_have_value("one\ntwo")
    page.locator("#composer-send").tap()
    expect(stored_row(page, "one")).to_contain_text("two")


def test_on_a_phone_a_long_press_offers_what_can_be_done(seat: TakeSeat) -> None:
    alice = enter(seat("alice", **PHONE))
    send_by_button(alice, "press me")
    long_press(alice, "press me")
    alice.locator("#message-sheet [data-action=react]").first.tap()
    expect(row(alice, "press me").locator(".reaction-count")).to_have_text("1")
    long_press(alice, "press me")
    alice.locator("#message-sheet [data-action=edit]").tap()
    expect(alice.locator(".editor textarea")).to_be_focused()


def test_on_a_phone_the_rooms_are_a_drawer(seat: TakeSeat) -> None:
    page = enter(seat("alice", **PHONE))
    expect(page.locator("#sidebar")).to_be_hidden()
    page.get_by_role("button", name="Rooms").tap()
    expect(page.locator("#sidebar")).to_be_visible()
    page.locator("#rooms a", has_text="Den").tap()
    expect(page.locator("#room-name")).to_have_text("Den")
    expect(page.locator("#sidebar")).to_be_hidden()


def test_nothing_hangs_over_the_edge_of_a_phone(seat: TakeSeat) -> None:
    page = enter(seat("alice", **PHONE))
    send_by_button(page, "W" * 300)
    send_by_button(page, BODY)
    expect(stored_row(page, "Some bold")).to_be_visible()
    width = page.evaluate("document.scrollingElement.scrollWidth")
    assert width <= page.evaluate("document.documentElement.clientWidth")


def test_what_is_tapped_is_big_enough_for_a_finger(seat: TakeSeat) -> None:
    page = enter(seat("alice", **PHONE))
    send_by_button(page, "words")
    long_press(page, "words")
    small = page.locator("button:visible, a:visible").evaluate_all(
        "all => all.filter(each => !each.closest('.message'))"
        ".filter(each => each.getBoundingClientRect().height < 44)"
        ".map(each => each.outerHTML)"
    )
    assert small == []


def send_by_button(page: Page, text: str) -> None:
    page.locator("#composer-text").fill(text)
    page.locator("#composer-send").tap()
    expect(page.locator(".message[data-id]:not([data-client])").last).to_be_visible()


# Colours do not depend on the width, nor what there is on the colours: each once.
@pytest.mark.parametrize("device", [{}, {**PHONE, **DARK}], ids=["desktop", "dark phone"])
def test_axe_finds_no_fault_in_the_room(
    seat: TakeSeat, assert_accessible: AssertAccessible, device: dict[str, object]
) -> None:
    alice, bob = enter(seat("alice", **device)), enter(seat("bob"))
    bob.locator("#composer-text").fill(BODY)
    bob.locator("#composer-send").click()
    expect(row(alice, "Some bold")).to_be_visible()
    row(bob, "Some bold").hover()
    bob.locator(".tools [data-action=react]").first.click()
    expect(row(alice, "Some bold").locator(".reaction")).to_be_visible()
    assert_accessible(alice)
    row(alice, "Some bold").focus()
    assert_accessible(alice)
    alice.keyboard.press("Enter")
    expect(alice.locator("#message-sheet")).to_be_visible()
    assert_accessible(alice)
    alice.locator("#message-sheet [data-action=pick]").click()
    expect(alice.locator(".emoji-choice").first).to_be_visible()
    assert_accessible(alice)


def test_axe_finds_no_fault_in_the_way_into_a_room(
    seat: TakeSeat, assert_accessible: AssertAccessible
) -> None:
    page = seat("carol").visit("/rooms/den/")
    assert_accessible(page)
    page.get_by_role("button", name="Join this room").click()
    expect(page.locator("#room-name")).to_have_text("Den")
