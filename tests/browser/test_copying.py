"""A page that came over plain http from another machine may not use the clipboard's newer way."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ARGUMENTS, DESKTOP, Seat, chromium, open_seat
from tests.browser.talk import enter, row, send, stored_row, use_menu
from tests.live.site import Site

ANOTHER_MACHINE = "chat.test"


@pytest.fixture
def page(browser: Browser, sqlite_site: Site) -> Iterator[Page]:
    """Alice's, in a room of a site that is somewhere in her network."""
    server = sqlite_site.serve(ALLOWED_HOSTS=f"127.0.0.1,{ANOTHER_MACHINE}")
    away = f"--host-resolver-rules=MAP {ANOTHER_MACHINE} 127.0.0.1"
    distant = browser.browser_type.launch(executable_path=str(chromium()), args=[*ARGUMENTS, away])
    seat = open_seat(distant.new_context(**DESKTOP), server, None)
    enter_from_afar(seat, f"http://{ANOTHER_MACHINE}:{server.port}", sqlite_site)
    yield seat.page
    distant.close()
    assert not [error for error in seat.errors if "Cross-Origin-Opener-Policy" not in error]


def enter_from_afar(seat: Seat, origin: str, site: Site) -> None:
    session = site.people["alice"].session
    seat.context.add_cookies([{"name": "sessionid", "value": session, "url": origin}])
    seat.origin = origin
    enter(seat)
    assert seat.page.evaluate("!isSecureContext && !navigator.clipboard")


@pytest.mark.parametrize("action", ["copy", "link"])
def test_text_and_links_are_copied_there_too(page: Page, action: str) -> None:
    send(page, "take <this> along")
    expect(stored_row(page, "take <this> along")).to_be_visible()

    use_menu(page, "take <this> along", action)

    expect(page.locator("#toast")).to_have_text("Copied.")
    page.locator("#composer-text").press("Control+v")
    copied = page.locator("#composer-text").input_value()
    assert copied == "take <this> along" if action == "copy" else copied.endswith("/at/1/")
    assert page.locator("textarea").count() == page.locator("textarea[id]").count(), "nothing stays"


def test_the_message_keeps_the_focus(page: Page) -> None:
    send(page, "take this along")
    message = row(page, "take this along")
    expect(stored_row(page, "take this along")).to_be_visible()
    message.focus()

    message.press("c")

    expect(page.locator("#toast")).to_have_text("Copied.")
    expect(message).to_be_focused()


def test_a_browser_that_does_not_let_it_is_no_error_but_is_told(page: Page) -> None:
    send(page, "take this along")
    expect(stored_row(page, "take this along")).to_be_visible()
    page.evaluate("document.execCommand = () => false")

    use_menu(page, "take this along", "copy")

    expect(page.locator("#toast")).to_contain_text("doesn’t let this page copy")
