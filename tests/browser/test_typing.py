"""What is being typed is never lost, sent too early, or sent twice."""

import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest
from playwright.sync_api import Error, Locator, Page, WebSocketRoute, expect

from tests.browser.conftest import DARK, PHONE, Seat, note_complaint
from tests.browser.talk import (
    enter,
    have_read,
    row,
    say_many,
    send,
    stored_row,
    use_menu,
    use_tool,
    write,
)
from tests.live.site import Site

TakeSeat = Callable[..., Seat]
AssertAccessible = Callable[[Page], None]
BOUND = 10_000


def text_of(page: Page) -> Locator:
    return page.locator("#composer-text")


def editor_of(page: Page) -> Locator:
    return page.locator(".editor textarea")


def say(page: Page, text: str) -> None:
    send(page, text)
    expect(stored_row(page, text)).to_be_visible()


def begin_edit(page: Page, text: str, changed: str) -> None:
    use_tool(page, text, "edit")
    editor_of(page).fill(changed)


def another_tab(seat: Seat, path: str = "/rooms/lounge/") -> Page:
    page = seat.context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: seat.errors.append(str(error)))
    page.on("console", lambda message: note_complaint(seat, message))
    page.goto(seat.origin + path)
    expect(page.locator("#here")).to_be_visible()
    return page


def compose(page: Page, text: str) -> None:
    """An input method proposes this in the field that has the focus, and waits."""
    session = page.context.new_cdp_session(page)
    end = len(text)
    session.send(
        "Input.imeSetComposition", {"text": text, "selectionStart": end, "selectionEnd": end}
    )
    session.detach()


def press_while_composing(page: Page, key: str) -> None:
    """As Chrome and Firefox tell it, then as Safari does: the composition has just ended."""
    compose(page, "に")
    press_in_composition(page, key)


def press_in_composition(page: Page, key: str) -> None:
    page.keyboard.press(key)
    page.locator("*:focus").dispatch_event(
        "keydown", {"key": key, "code": key, "keyCode": 229, "bubbles": True, "cancelable": True}
    )


def stored_words(page: Page) -> str:
    """All that the browser keeps of anybody. The admin has a theme there."""
    return str(
        page.evaluate(
            "JSON.stringify(Object.entries(localStorage).filter(([key]) => /^chat:/.test(key)))"
        )
    )


# An input method


def test_its_enter_picks_no_emoji_and_its_escape_leaves_the_search(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    say(page, "look")
    use_tool(page, "look", "pick")
    expect(page.locator(".emoji-choice").first).to_be_visible()
    compose(page, "giraffe")
    expect(page.locator(".emoji-choice")).to_have_count(1)
    press_in_composition(page, "Escape")
    press_in_composition(page, "Escape")
    expect(page.locator("#emoji-picker input")).to_have_value("giraffe")
    press_in_composition(page, "Enter")
    expect(page.locator("#emoji-picker")).to_be_visible()
    expect(page.locator(".reaction")).to_have_count(0)


def test_its_escape_loses_neither_edit_nor_reply(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    say(page, "words")
    use_tool(page, "words", "reply")
    press_while_composing(page, "Escape")
    expect(page.locator("#composer-reply")).to_be_visible()
    text_of(page).fill("")
    begin_edit(page, "words", "better words")
    press_while_composing(page, "Escape")
    expect(editor_of(page)).to_have_value(re.compile("better words"))


def test_its_enter_sends_and_saves_nothing(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    say(page, "words")
    text_of(page).focus()
    press_while_composing(page, "Enter")
    begin_edit(page, "words", "better words")
    press_while_composing(page, "Enter")
    expect(editor_of(page)).to_be_visible()
    expect(page.locator(".message")).to_have_count(1)


def test_its_enter_signs_nobody_in(seat: TakeSeat) -> None:
    page = seat(None).visit("/accounts/login/")
    page.locator("[name=login]").focus()
    press_while_composing(page, "Enter")
    page.wait_for_timeout(100)
    expect(page.locator("[name=login]")).to_have_value("に")


# Keys


def test_an_enter_that_is_held_sends_once_and_leaves_no_lines(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    write(page, "once")
    for _ in range(5):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    expect(stored_row(page, "once")).to_be_visible()
    expect(page.locator(".message")).to_have_count(1)
    expect(text_of(page)).to_have_value("")


def test_a_key_that_is_held_does_nothing_where_it_did_not_begin(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    say(page, "words")
    row(page, "words").focus()
    for _ in range(4):
        page.keyboard.down("r")
    page.keyboard.up("r")
    expect(page.locator("#composer-reply")).to_be_visible()
    expect(text_of(page)).to_have_value("")
    row(page, "words").focus()
    for _ in range(4):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    expect(page.locator("#message-sheet")).to_be_visible()
    expect(page.locator(".reaction")).to_have_count(0)


@pytest.mark.parametrize("key", [{"key": "E"}, {"key": "\u0443", "code": "KeyE"}], ids=str)
def test_a_tools_letter_is_known_in_capitals_and_on_other_keyboards(
    seat: TakeSeat, key: dict[str, str]
) -> None:
    page = enter(seat("alice"))
    say(page, "words")
    row(page, "words").focus()
    row(page, "words").dispatch_event("keydown", {**key, "bubbles": True, "cancelable": True})
    expect(editor_of(page)).to_have_value("words")


def test_a_phones_key_says_what_it_does(seat: TakeSeat) -> None:
    assert text_of(enter(seat("alice"))).evaluate("field => field.enterKeyHint") == "send"
    assert text_of(enter(seat("bob", **PHONE))).evaluate("field => field.enterKeyHint") == "enter"


def test_an_emoji_put_in_can_be_undone(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    text_of(page).press_sequentially("hi")
    page.locator("#composer-emoji").click()
    page.locator(".emoji-choice").first.click()
    expect(text_of(page)).to_have_value(re.compile("hi."))
    text_of(page).press("Control+z")
    expect(text_of(page)).to_have_value("hi")


# Length and blanks


def test_a_paste_over_the_bound_is_kept_whole_and_sent_only_once_it_fits(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    text_of(page).focus()
    page.evaluate("text => document.execCommand('insertText', false, text)", "👍" * (BOUND + 12))
    assert page.evaluate("[...document.querySelector('#composer-text').value].length") == 10_012
    expect(page.locator("#composer-length")).to_have_text("12 characters too many")
    text_of(page).press("Enter")
    expect(page.locator("#toast")).to_contain_text("12 characters too many")
    expect(page.locator(".message")).to_have_count(0)
    write(page, "👍" * BOUND)
    expect(page.locator("#composer-length")).to_have_text("0 characters left")
    text_of(page).press("Enter")
    expect(page.locator(".message[data-id]:not([data-client])")).to_have_count(1)


def test_an_edit_over_the_bound_says_by_how_much(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    say(page, "short")
    begin_edit(page, "short", "x" * (BOUND + 1))
    editor_of(page).press("Enter")
    expect(page.locator(".editor-error")).to_contain_text("1 character too many")
    assert len(editor_of(page).input_value()) == BOUND + 1


def test_pasted_code_keeps_the_indentation_of_its_first_line(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    send(page, "\n\n    if x:\n        y()\n\n")
    expect(stored_row(page, "if x:")).to_be_visible()
    use_tool(page, "if x:", "edit")
    expect(editor_of(page)).to_have_value("    if x:\n        y()")


def test_half_an_emoji_holds_nobody_up(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    text_of(page).evaluate("field => { field.value = 'half \\ud83d'; }")
    text_of(page).press("Enter")
    expect(stored_row(page, "half \ufffd")).to_be_visible()
    say(page, "and on")


def test_what_nobody_can_see_cannot_be_sent(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    write(page, "\u200b\u3164 \n")
    expect(page.locator("#composer-send")).to_be_disabled()
    text_of(page).press("Enter")
    expect(page.locator(".message")).to_have_count(0)


# A reply


def test_a_reply_half_made_is_still_one_after_a_reload(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    say(page, "the question")
    use_tool(page, "the question", "reply")
    text_of(page).press_sequentially("the answ")
    page.reload()
    expect(page.locator("#composer-reply")).to_contain_text("the question")
    expect(text_of(page)).to_have_value("the answ")
    text_of(page).press("Enter")
    expect(row(page, "the answ").locator(".quote")).to_contain_text("the question")


def test_an_edit_that_another_tab_was_quicker_with_is_not_stored(seat: TakeSeat) -> None:
    alice = seat("alice")
    line = SlowLine(alice.page)
    one = enter(alice)
    say(one, "the cat")
    other = another_tab(alice)
    begin_edit(one, "the cat", "the cat sat")
    line.is_held = True
    begin_edit(other, "the cat", "a cat")
    editor_of(other).press("Enter")
    expect(row(other, "a cat")).to_be_visible()
    editor_of(one).press("Enter")
    expect(editor_of(one)).to_have_value("the cat sat")
    line.let_go()
    expect(one.locator(".editor-conflict blockquote")).to_have_text("a cat")
    expect(one.locator(".editor-error")).to_contain_text("changed meanwhile")
    expect(row(other, "a cat")).to_be_visible()


class SlowLine:
    """While held, a page does not hear what the server says to it."""

    def __init__(self, page: Page) -> None:
        self.is_held = False
        self._waiting: list[Callable[[], None]] = []
        page.route_web_socket("**/ws/chat/**", self._connect)

    def _connect(self, route: WebSocketRoute) -> None:
        route.connect_to_server().on_message(lambda frame: self._hear(route, frame))

    def _hear(self, route: WebSocketRoute, frame: str | bytes) -> None:
        if self.is_held:
            self._waiting.append(partial(route.send, frame))
        else:
            route.send(frame)

    def let_go(self) -> None:
        self.is_held = False
        for tell in self._waiting:
            tell()


def test_what_is_far_away_is_answered_and_edited_after_a_reload(
    seat: TakeSeat, sqlite_site: Site
) -> None:
    page = enter(seat("alice"))
    say(page, "the question")
    use_tool(page, "the question", "reply")
    begin_edit(page, "the question", "a better question")
    say_many(sqlite_site, "carol", "lounge", 120)
    expect(row(page, "word 120.")).to_be_visible()
    have_read(sqlite_site, "alice")
    page.reload()
    expect(page.locator("#composer-reply")).to_contain_text("the question")
    expect(editor_of(page)).to_have_count(0)
    expect(page.locator("#unfinished-edit")).to_contain_text("a better question")
    page.locator("#unfinished-edit [data-action=go-on]").click()
    expect(editor_of(page)).to_have_value("a better question")
    expect(editor_of(page)).to_be_focused()
    expect(editor_of(page)).to_be_in_viewport()


def test_the_reply_line_keeps_up_with_what_it_answers(seat: TakeSeat) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    say(bob, "teh question")
    use_tool(alice, "teh question", "reply")
    text_of(alice).press_sequentially("an answer")
    begin_edit(bob, "teh question", "the question")
    editor_of(bob).press("Enter")
    expect(alice.locator("#composer-reply")).to_contain_text("the question")
    bob.mouse.move(0, 0)
    use_menu(bob, "the question", "delete")
    bob.get_by_role("button", name="Delete", exact=True).click()
    expect(alice.locator("#composer-reply")).to_contain_text("has been deleted")
    alice.reload()
    expect(alice.locator("#composer-reply")).to_contain_text("has been deleted")
    expect(text_of(alice)).to_have_value("an answer")


# An edit


@pytest.mark.parametrize("way", ["reload", "another room"])
def test_an_edit_half_made_is_gone_on_with(seat: TakeSeat, way: str) -> None:
    page = enter(seat("alice"))
    say(page, "teh cat")
    begin_edit(page, "teh cat", "the c")
    if way == "reload":
        page.reload()
    else:
        page.locator("#rooms a", has_text="Den").click()
        expect(page.locator("#room-name")).to_have_text("Den")
        page.locator("#rooms a", has_text="Lounge").click()
    expect(editor_of(page)).to_have_value("the c")
    editor_of(page).press("End")
    editor_of(page).press_sequentially("at")
    editor_of(page).press("Enter")
    expect(row(page, "the cat")).to_contain_text("edited")
    page.reload()
    expect(page.locator(".message")).to_have_count(1)
    expect(editor_of(page)).to_have_count(0)


def test_two_edits_half_made_are_both_kept(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    for text in ("first", "second"):
        say(page, text)
    begin_edit(page, "first", "first, half")
    begin_edit(page, "second", "second, half")
    expect(page.locator("#unfinished-edit")).to_contain_text("first, half")
    page.locator("#unfinished-edit [data-action=go-on]").click()
    expect(editor_of(page)).to_have_value("first, half")
    editor_of(page).press("Escape")
    expect(page.locator("#unfinished-edit")).to_contain_text("second, half")
    page.locator("#unfinished-edit [data-action=drop]").click()
    expect(page.locator("#unfinished-edit")).to_be_hidden()


@pytest.mark.parametrize("ways", ["open meanwhile", "reloaded after"])
def test_an_edit_does_not_write_over_another_unseen(seat: TakeSeat, ways: str) -> None:
    alice = seat("alice")
    one = enter(alice)
    say(one, "the cat")
    other = another_tab(alice)
    begin_edit(one, "the cat", "the cat sat")
    begin_edit(other, "the cat", "a cat")
    editor_of(other).press("Enter")
    expect(row(other, "a cat")).to_be_visible()
    if ways == "reloaded after":
        one.reload()
    expect(one.locator(".editor-conflict blockquote")).to_have_text("a cat")
    editor_of(one).press("Enter")
    expect(one.locator("[data-action=mine]")).to_be_focused()
    expect(row(other, "a cat")).to_be_visible()
    expect(editor_of(one)).to_have_value("the cat sat")
    one.locator("[data-action=mine]").click()
    expect(row(other, "the cat sat")).to_be_visible()
    expect(editor_of(one)).to_have_count(0)


@pytest.mark.parametrize("device", [{}, {**PHONE, **DARK}], ids=str)
def test_axe_finds_no_fault_in_what_is_unfinished(
    seat: TakeSeat, assert_accessible: AssertAccessible, device: dict[str, object]
) -> None:
    alice = seat("alice", **device)
    page = enter(alice)
    for text in ("first", "second"):
        write(page, text)
        page.locator("#composer-send").click()
        expect(stored_row(page, text)).to_be_visible()
    other = another_tab(alice)
    for text in ("first", "second"):
        row(page, text).focus()
        page.keyboard.press("e")
        editor_of(page).fill(f"{text}, half")
    row(other, "second").focus()
    other.keyboard.press("e")
    editor_of(other).fill("the other's")
    other.locator(".editor [type=submit]").click()
    expect(page.locator(".editor-conflict")).to_be_visible()
    expect(page.locator("#unfinished-edit")).to_be_visible()
    write(page, "x" * (BOUND + 1))
    assert_accessible(page)
    page.evaluate("document.querySelector('#account-menu form').requestSubmit()")
    expect(page.locator("#sign-out-dialog")).to_be_visible()
    assert_accessible(page)


def test_the_words_of_an_edit_outlive_its_message(seat: TakeSeat) -> None:
    alice = seat("alice")
    page = enter(alice)
    say(page, "the cat")
    begin_edit(page, "the cat", "the cat sat on the mat")
    other = another_tab(alice)
    use_menu(other, "the cat", "delete")
    other.get_by_role("button", name="Delete", exact=True).click()
    expect(editor_of(page)).to_have_count(0)
    expect(page.locator("#unfinished-edit")).to_contain_text("the cat sat on the mat")
    page.locator("#unfinished-edit [data-action=use]").click()
    expect(text_of(page)).to_have_value("the cat sat on the mat")
    expect(page.locator("#unfinished-edit")).to_be_hidden()


# Tabs


def test_each_tab_has_its_words_and_sent_is_sent(seat: TakeSeat) -> None:
    alice = seat("alice")
    one = enter(alice)
    write(one, "from one")
    other = another_tab(alice)
    expect(text_of(other)).to_have_value("")
    write(other, "from the other")
    text_of(one).press("Enter")
    expect(stored_row(other, "from one")).to_be_visible()
    expect(text_of(other)).to_have_value("from the other")
    for page, words in ((one, ""), (other, "from the other")):
        page.reload()
        expect(page.locator("#here")).to_be_visible()
        expect(text_of(page)).to_have_value(words)


def test_a_duplicate_of_a_tab_shares_no_words_with_it(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    write(page, "mine")
    with page.context.expect_page() as opened:
        page.evaluate("void window.open(location.href)")  # takes the tab's own storage along
    copy = opened.value
    expect(copy.locator("#here")).to_be_visible()
    expect(text_of(copy)).to_have_value("")
    write(copy, "the copy's")
    page.reload()
    expect(text_of(page)).to_have_value("mine")


def test_a_page_that_comes_back_shows_what_is_left_to_say(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    write(page, "said meanwhile")
    come_and_go = "type => window.dispatchEvent(new PageTransitionEvent(type, {persisted: true}))"
    page.evaluate(come_and_go, "pagehide")
    page.evaluate(come_and_go, "pageshow")
    expect(text_of(page)).to_have_value("said meanwhile")
    page.evaluate(come_and_go, "pagehide")
    page.evaluate("localStorage.clear()")  # a later page of this tab has sent it
    page.evaluate(come_and_go, "pageshow")
    expect(text_of(page)).to_have_value("")


@pytest.mark.parametrize("end", ["closed", "crashed"])
def test_what_a_tab_left_behind_is_found_by_the_next(seat: TakeSeat, end: str) -> None:
    alice = seat("alice")
    enter(alice, "/rooms/den/")
    page = another_tab(alice)
    write(page, "left behind")
    if end == "closed":
        page.goto("about:blank")
        page.close()
    else:
        crash(page)
    next_one = another_tab(alice)
    expect(text_of(next_one)).to_have_value("left behind")
    expect(text_of(another_tab(alice))).to_have_value("")


def crash(page: Page) -> None:
    with page.expect_event("crash"), suppress(Error):
        page.goto("chrome://crash")


# Signing out


def sign_out(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Account of")).click()
    page.locator("#account-menu").get_by_role("button", name="Sign out").click()


def test_who_signs_out_is_asked_about_what_is_not_sent_and_leaves_none_of_it(
    seat: TakeSeat,
) -> None:
    alice = seat("alice")
    page = enter(alice)
    say(page, "teh cat")
    other = another_tab(alice, "/rooms/den/")
    write(other, "half a thought")
    begin_edit(page, "teh cat", "the cat")
    sign_out(page)
    asked = page.locator("#sign-out-dialog")
    expect(asked).to_contain_text("half a thought")
    expect(asked).to_contain_text("the cat")
    asked.get_by_role("button", name="Stay signed in").click()
    expect(editor_of(page)).to_have_value("the cat")
    sign_out(page)
    asked.get_by_role("button", name="Sign out, lose it").click()
    expect(page).to_have_url(re.compile("/accounts/login/"))
    expect(text_of(other)).to_have_value("")
    assert stored_words(page) == "[]"
    other.reload()
    assert stored_words(other) == "[]"


@pytest.mark.parametrize(
    "path", ["/rooms/", "/accounts/profile/", "/accounts/logout/", "/admin/chat/room/"]
)
def test_the_other_pages_ask_too(seat: TakeSeat, path: str) -> None:
    page = enter(seat("alice"))
    write(page, "half a thought")
    page.goto(page.url.replace("/rooms/lounge/", path))
    if path == "/accounts/logout/":
        page.locator("main").get_by_role("button", name="Sign out").click()
    elif path.startswith("/admin/"):
        page.locator("#logout-form button").click()
    else:
        sign_out(page)
    expect(page.locator("#sign-out-dialog")).to_contain_text("half a thought")
    page.get_by_role("button", name="Sign out, lose it").click()
    expect(page).to_have_url(re.compile("/accounts/login/|/admin/logout/"))
    assert stored_words(page) == "[]"


def test_who_has_sent_everything_is_not_asked(seat: TakeSeat) -> None:
    page = enter(seat("alice"))
    say(page, "all of it")
    sign_out(page)
    expect(page).to_have_url(re.compile("/accounts/login/"))


def test_who_signs_out_by_another_way_leaves_nothing_either(
    seat: TakeSeat,
) -> None:
    page = enter(seat("alice"))
    write(page, "half a thought")
    page.evaluate(
        "fetch('/accounts/logout/', {method: 'POST', headers: {'X-CSRFToken':"
        " document.querySelector('[name=csrfmiddlewaretoken]').value}})"
    )
    expect(page.locator("#connection-notice")).to_contain_text("signed out")
    page.goto(page.url)
    expect(page).to_have_url(re.compile("/accounts/login/"))
    assert stored_words(page) == "[]"


def test_a_session_that_ended_keeps_what_was_not_sent(seat: TakeSeat, sqlite_site: Site) -> None:
    alice = seat("alice")
    page = enter(alice)
    write(page, "half a thought")
    sqlite_site.shell(
        "from django.contrib.sessions.models import Session\n"
        "for session in Session.objects.all(): session.delete()"
    )
    expect(page.locator("#connection-notice")).to_contain_text("signed out")
    page.goto(alice.origin + "/accounts/login/")
    assert "half a thought" in stored_words(page)
