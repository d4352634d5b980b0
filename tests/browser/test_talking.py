"""Two people in a room: each sees what the other does, at once."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Seat
from tests.browser.talk import enter, row, say_many, send, stored_row, use_menu, use_tool, write
from tests.live.site import Site

TakeSeat = Callable[..., Seat]


def test_each_sees_the_others_words_at_once(seat: TakeSeat) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    send(alice, "hello **Bob**")
    expect(row(bob, "hello Bob").locator(".message-body strong")).to_have_text("Bob")
    expect(row(bob, "hello Bob").locator(".message-author")).to_have_text("alice")
    send(bob, "hello Alice")
    expect(stored_row(alice, "hello Alice")).to_be_visible()
    expect(stored_row(alice, "hello Bob")).to_have_count(1)


def test_the_words_are_still_there_after_a_restart_of_the_server(seat: TakeSeat) -> None:
    alice = seat("alice")
    send(enter(alice), "for tomorrow")
    expect(stored_row(alice.page, "for tomorrow")).to_be_visible()
    alice.server.kill9()
    alice.server.start()
    alice.page.reload()
    expect(stored_row(alice.page, "for tomorrow")).to_be_visible()
    # What its console said while there was no server is its own affair.
    alice.errors.clear()


def test_author_and_words_come_before_the_time_for_who_listens(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    send(page, "listen")
    expect(stored_row(page, "listen")).to_be_visible()
    assert page.locator("#log").get_attribute("role") == "log"
    read_out = stored_row(page, "listen").inner_text()
    assert re.search(r"alice\s+listen\s+\d", read_out), read_out


def test_shift_and_enter_break_the_line(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    text = page.locator("#composer-text")
    text.press_sequentially("one")
    before = text.evaluate("field => field.offsetHeight")
    text.press("Shift+Enter")
    text.press_sequentially("two")
    assert text.evaluate("field => field.offsetHeight") > before
    text.press("Enter")
    expect(stored_row(page, "one")).to_contain_text("two")
    expect(text).to_have_value("")


def test_enter_that_ends_an_input_methods_composition_sends_nothing(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    write(page, "ni hao")
    page.locator("#composer-text").dispatch_event(
        "keydown", {"key": "Enter", "isComposing": True, "bubbles": True}
    )
    expect(page.locator("#composer-text")).to_have_value("ni hao")
    expect(page.locator(".message")).to_have_count(0)


def test_who_writes_is_named_until_they_have_said_it(seat: TakeSeat) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    alice.locator("#composer-text").press_sequentially("hm")
    expect(bob.locator("#typing")).to_have_text("alice is typing…")
    alice.locator("#composer-text").press("Enter")
    expect(row(bob, "hm")).to_be_visible()
    expect(bob.locator("#typing")).to_be_empty()


def test_who_is_here_is_shown_and_who_leaves_is_gone(seat: TakeSeat) -> None:
    alice, bob = enter(seat("alice")), seat("bob")
    enter(bob)
    expect(alice.locator("#here-count")).to_have_text("2 here")
    alice.locator("#here").click()
    expect(alice.locator("#here-people .person-name")).to_have_text(["alice", "bob"])
    bob.page.close()
    expect(alice.locator("#here-count")).to_have_text("1 here")


def test_an_edit_shows_on_both_sides(seat: TakeSeat) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    send(alice, "teh cat")
    expect(stored_row(alice, "teh cat")).to_be_visible()
    use_tool(alice, "teh cat", "edit")
    alice.locator(".editor textarea").fill("the cat")
    alice.locator(".editor textarea").press("Enter")
    for page in (alice, bob):
        expect(row(page, "the cat")).to_contain_text("edited")
        expect(row(page, "teh cat")).to_have_count(0)


def test_the_up_arrow_edits_ones_last_words_and_escape_leaves_them(seat: TakeSeat) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    send(alice, "mine")
    expect(row(bob, "mine")).to_be_visible()
    send(bob, "yours")
    expect(row(alice, "yours")).to_be_visible()
    alice.locator("#composer-text").press("ArrowUp")
    expect(alice.locator(".editor textarea")).to_have_value("mine")
    alice.keyboard.press("Escape")
    expect(alice.locator(".editor")).to_have_count(0)
    expect(alice.locator("#composer-text")).to_be_focused()


def test_a_deletion_is_asked_about_once_and_empties_the_message_for_everybody(
    seat: TakeSeat,
) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    send(alice, "a slip")
    expect(row(bob, "a slip")).to_be_visible()
    use_menu(alice, "a slip", "delete")
    alice.get_by_role("button", name="Keep it").click()
    expect(row(bob, "a slip")).to_be_visible()
    use_menu(alice, "a slip", "delete")
    alice.get_by_role("button", name="Delete", exact=True).click()
    for page in (alice, bob):
        expect(row(page, "This message was deleted.")).to_be_visible()
        expect(row(page, "a slip")).to_have_count(0)


def test_others_words_can_be_answered_but_not_edited_or_deleted(seat: TakeSeat) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    send(alice, "hands off")
    row(bob, "hands off").hover()
    expect(bob.locator(".tools [data-action=reply]")).to_be_visible()
    expect(bob.locator(".tools [data-action=edit]")).to_be_hidden()
    bob.locator(".tools [data-action=menu]").click()
    expect(bob.locator("#message-sheet [data-action=copy]")).to_be_visible()
    expect(bob.locator("#message-sheet [data-action=delete]")).to_be_hidden()


def test_a_reaction_is_counted_on_both_sides_and_taken_back(seat: TakeSeat) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    send(alice, "good news")
    use_tool(bob, "good news", "react")
    reaction = row(alice, "good news").locator(".reaction")
    expect(reaction).to_have_text(re.compile(r"👍\s*1"))
    reaction.click()
    expect(row(bob, "good news").locator(".reaction-count")).to_have_text("2")
    expect(reaction).to_have_attribute("aria-pressed", "true")
    reaction.click()
    expect(row(bob, "good news").locator(".reaction-count")).to_have_text("1")


def test_any_emoji_is_found_by_its_name(seat: TakeSeat) -> None:
    alice = enter(seat("alice"))
    send(alice, "look")
    expect(stored_row(alice, "look")).to_be_visible()
    use_tool(alice, "look", "pick")
    expect(alice.locator(".emoji-choice").first).to_be_visible()
    alice.keyboard.type("giraffe")
    expect(alice.locator(".emoji-choice")).to_have_count(1)
    alice.keyboard.press("Enter")
    expect(row(alice, "look").locator(".reaction-emoji")).to_have_text("🦒")


def test_a_reply_quotes_its_question_and_leads_to_it(seat: TakeSeat, sqlite_site: Site) -> None:
    alice = enter(seat("alice"))
    send(alice, "the question")
    expect(stored_row(alice, "the question")).to_be_visible()
    say_many(sqlite_site, "carol", "lounge", 60)
    expect(row(alice, "word 60.")).to_be_visible()
    alice.reload()
    alice.locator("#log-scroller").evaluate("log => log.scrollTo(0, -log.scrollHeight)")
    use_tool(alice, "the question", "reply")
    expect(alice.locator("#composer-reply")).to_contain_text("the question")
    send(alice, "the answer")
    bob = enter(seat("bob"))
    quote = row(bob, "the answer").locator(".quote")
    expect(quote).to_contain_text("the question")
    quote.click()
    expect(row(bob, "the question").and_(bob.locator(".is-marked"))).to_be_in_viewport()


@pytest.mark.parametrize("body", ["<img src=x onerror=alert(1)>", "[x](javascript:alert(1))"])
def test_nothing_that_people_write_runs(seat: TakeSeat, body: str) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    bob.on("dialog", lambda dialog: pytest.fail(f"it ran: {dialog.message}"))
    send(alice, body)
    expect(bob.locator(".message[data-id]")).to_have_count(1)
    assert bob.locator(".message img, .message a[href^=javascript]").count() == 0


def test_what_is_refused_says_why_and_can_be_taken_back(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    page.locator("#composer-text").evaluate("field => field.dataset.most = 20000")
    send(page, "x" * 10_001)
    failed = page.locator(".message.is-failed")
    expect(failed).to_contain_text("Couldn't send")
    failed.get_by_role("button", name="Discard").click()
    expect(failed).to_have_count(0)
    assert len(page.locator("#composer-text").input_value()) == 10_001
