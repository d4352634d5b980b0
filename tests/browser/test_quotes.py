"""What others quote is quoted as it is now, wherever it is quoted."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Seat
from tests.browser.talk import enter, have_read, row, say_many, send, stored_row, use_menu, use_tool
from tests.live.site import Site

TakeSeat = Callable[..., Seat]

ANSWER = """
from chat.actions.messages import NewPost, post_messages
from chat.models import Message, Room, User
room = Room.objects.get(slug='lounge')
quoted = Message.objects.get(room=room, seq=1).pk
post_messages([NewPost(User.objects.get(username='carol'), room.pk, 'a1', 'the answer', quoted)])
"""
CHANGE = """
from chat.actions.messages import delete_message, edit_message
from chat.models import Message, User
message = Message.objects.get(room__slug='lounge', seq=1)
{}(message.author, message.room_id, message.pk{})
"""
CHANGES = [
    (CHANGE.format("delete_message", ""), "a deleted message"),
    (CHANGE.format("edit_message", ", 'other words'"), "other words"),
]


@pytest.mark.parametrize(("change", "then"), CHANGES, ids=["deleted", "edited"])
@pytest.mark.parametrize("between", [0, 120], ids=["in the window", "out of it"])
def test_a_quote_follows_what_it_quotes(
    seat: TakeSeat, sqlite_site: Site, between: int, change: str, then: str
) -> None:
    say_many(sqlite_site, "bob", "lounge", 1)
    if between:
        say_many(sqlite_site, "bob", "lounge", between, first=2)
    sqlite_site.shell(ANSWER)
    have_read(sqlite_site, "alice")
    page = enter(seat("alice"))
    quote = row(page, "the answer").locator(".quote")
    expect(quote).to_contain_text("word 1.")
    sqlite_site.shell(change)
    expect(quote).to_contain_text(then)
    expect(quote).not_to_contain_text("word 1.")


def test_a_quote_fetched_for_what_comes_live_follows_too(seat: TakeSeat, sqlite_site: Site) -> None:
    say_many(sqlite_site, "bob", "lounge", 120)
    have_read(sqlite_site, "alice")
    page = enter(seat("alice"))
    sqlite_site.shell(ANSWER)
    quote = row(page, "the answer").locator(".quote")
    expect(quote).to_contain_text("word 1.")
    sqlite_site.shell(CHANGES[0][0])
    expect(quote).to_contain_text("a deleted message")


def test_the_reply_line_and_the_delete_dialog_follow(seat: TakeSeat, sqlite_site: Site) -> None:
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    send(bob, "first words")
    expect(stored_row(alice, "first words")).to_be_visible()
    use_tool(alice, "first words", "reply")
    edit(sqlite_site, "second words")
    expect(alice.locator("#composer-reply")).to_contain_text("second words")
    use_menu(bob, "second words", "delete")
    expect(bob.locator("#delete-dialog")).to_contain_text("second words")
    edit(sqlite_site, "third words")
    expect(bob.locator("#delete-dialog")).to_contain_text("third words")
    sqlite_site.shell(CHANGES[0][0])
    expect(bob.locator("#delete-dialog")).to_be_hidden()
    expect(alice.locator("#composer-reply")).not_to_contain_text("words")


def edit(site: Site, body: str) -> None:
    site.shell(CHANGE.format("edit_message", f", {body!r}"))


def test_the_quote_of_a_post_that_waits_follows_as_well(seat: TakeSeat, sqlite_site: Site) -> None:
    say_many(sqlite_site, "bob", "lounge", 1)
    alice = seat("alice")
    page = enter(alice)
    use_tool(page, "word 1.", "reply")
    hold_back_posts(page)
    send(page, "waits")
    waiting = row(page, "waits")
    expect(waiting).to_have_class(re.compile("is-sending"))
    expect(waiting.locator(".quote")).to_contain_text("word 1.")
    sqlite_site.shell(CHANGES[0][0])
    expect(waiting.locator(".quote")).to_contain_text("a deleted message")
    expect(waiting).to_have_class(re.compile("is-sending"))


def hold_back_posts(page: Page) -> None:
    page.evaluate(
        "() => {"
        "  const send = WebSocket.prototype.send;"
        "  WebSocket.prototype.send = function (text) {"
        '    if (!text.includes(\'"type":"post"\')) send.call(this, text);'
        "  };"
        "}"
    )


def test_at_first_paint_a_quote_says_what_was_said(seat: TakeSeat, sqlite_site: Site) -> None:
    alice = enter(seat("alice"))
    send(alice, "a < b & c")
    expect(stored_row(alice, "a < b & c")).to_be_visible()
    sqlite_site.shell(ANSWER)
    expect(row(alice, "the answer").locator("[data-slot=quote-text]")).to_have_text("a < b & c")
    source = alice.request.get(alice.url).text()
    assert re.search(r'data-slot="quote-text">\s*a &lt; b &amp; c\s*<', source)
