"""The page, the admin and the pages of accounts work under their Content-Security-Policies."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Seat
from tests.browser.talk import enter, row, say_in_html, send, stored_row, use_tool
from tests.live.site import Site

TakeSeat = Callable[..., Seat]


def test_a_room_works_whole(seat: TakeSeat, sqlite_site: Site) -> None:
    """What the console complains of fails the test, as in every other."""
    say_in_html(sqlite_site, ['<pre><code class="language-python">def f(): ...</code></pre>\n'])
    alice, bob = enter(seat("alice")), enter(seat("bob"))
    expect(alice.locator("code span[class^=hljs-]").first).to_be_visible()
    send(bob, "**bold** words")
    expect(stored_row(alice, "bold words").locator(".message-body strong")).to_have_text("bold")
    use_tool(alice, "bold words", "reply")
    send(alice, "an answer")
    expect(row(bob, "an answer").locator(".quote")).to_contain_text("bold words")


@pytest.mark.parametrize(
    "path", ["/accounts/email/", "/accounts/password/change/", "/accounts/2fa/", "/rooms/new/"]
)
def test_a_page_of_forms_complains_of_nothing(seat: TakeSeat, path: str) -> None:
    expect(seat("alice").visit(path).locator("h1").first).to_be_visible()


def test_the_admin_works_with_its_own_scripts(seat: TakeSeat) -> None:
    desk = seat("alice").visit("/admin/chat/user/add/")
    assert desk.evaluate("() => typeof django.jQuery('<p><b>x</b></p>')") == "object"
    desk = seat("alice").visit("/admin/chat/room/?q=lounge")
    desk.locator("#action-toggle").check()
    expect(desk.locator(".action-counter")).to_have_text(re.compile("^1 of 1"))


def test_an_injected_string_shows_nothing_and_is_told_of(seat: TakeSeat) -> None:
    alice = seat("alice")
    page = enter(alice)
    with page.expect_request(re.compile("/csp-reports$")) as told:
        page.evaluate("() => { try { document.body.innerHTML = '<h1>evil</h1>' } catch {} }")
    answer = told.value.response()
    assert answer
    assert answer.status == 204
    expect(page.locator("#log")).to_be_visible()
    expect(page.get_by_text("evil")).to_have_count(0)
    assert any("TrustedHTML" in error for error in alice.errors)
    alice.errors.clear()
