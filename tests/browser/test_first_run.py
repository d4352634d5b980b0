"""From an empty site to two people in a room, and every page on the way for everyone to use."""

import hmac
import re
from base64 import b32decode
from collections.abc import Callable, Iterator
from pathlib import Path
from time import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DARK, DESKTOP, PHONE, Seat, open_seat
from tests.live.scenery import Scenery
from tests.live.servers import Daphne
from tests.live.site import Site, collect_static

PASSWORD = "correct horse battery"
TakeSeat = Callable[..., Seat]
Check = Callable[[Page], None]

PAGES_BEFORE_SIGN_IN = (
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
)
PAGES_AFTER_SIGN_IN = (
    "/rooms/",
    "/rooms/?q=nowhere",
    "/rooms/?show=archived",
    "/rooms/new/",
    "/rooms/lounge/settings/",
    "/accounts/profile/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/logout/",
)


@pytest.fixture
def empty_site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path, f"sqlite:///{tmp_path / 'chat.sqlite3'}", Scenery()) as site:
        collect_static()
        site.manage("migrate", "--verbosity", "0")
        yield site


def test_the_first_account_the_first_room_and_a_second_person(
    browser: Browser, empty_site: Site, assert_accessible: Check
) -> None:
    server = empty_site.serve(DEBUG="1")
    ada = open_seat(browser.new_context(**DESKTOP), server, None)
    page = ada.visit("/")
    assert_accessible(page)
    fill(page, username="ada", name="Ada", password=PASSWORD, room="Küche")
    page.get_by_role("button", name="Open the chat").click()
    expect(page).to_have_url(re.compile(r"/rooms/k%C3%BCche/$"))
    expect(page).to_have_title(re.compile("Küche"))

    bob = open_seat(browser.new_context(**PHONE), server, None)
    page = bob.visit("/")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    page.get_by_role("link", name="Make an account").click()
    fill(page, username="李小龙", password1=PASSWORD)
    page.get_by_role("button", name="Make an account").click()
    expect(page).to_have_url(re.compile("/rooms/$"))
    page.get_by_role("button", name="Join Küche").click()
    expect(page).to_have_url(re.compile(r"/rooms/k%C3%BCche/$"))
    assert not ada.errors + bob.errors


def test_in_earnest_only_the_printed_link_opens(
    browser: Browser, empty_site: Site, assert_accessible: Check
) -> None:
    server = empty_site.serve()
    visitor = open_seat(browser.new_context(**DESKTOP), server, None)
    page = visitor.visit("/")
    expect(page.get_by_role("heading")).to_contain_text("set up yet")
    assert_accessible(page)
    visitor.errors.clear()  # the console notes the page's 403
    page = visitor.visit(printed_path(server))
    fill(page, username="ada", password=PASSWORD, room="Küche")
    page.get_by_role("button", name="Open the chat").click()
    expect(page).to_have_title(re.compile("Küche"))
    assert not visitor.errors


@pytest.mark.parametrize("device", [DESKTOP, {**PHONE, **DARK}], ids=["desktop", "dark phone"])
@pytest.mark.parametrize(
    ("name", "paths"), [(None, PAGES_BEFORE_SIGN_IN), ("alice", PAGES_AFTER_SIGN_IN)]
)
def test_every_page_around_the_rooms_is_for_everyone(
    seat: TakeSeat,
    assert_accessible: Check,
    device: dict[str, object],
    name: str | None,
    paths: tuple[str, ...],
) -> None:
    somebody = seat(name, **device)
    for path in paths:
        page = somebody.visit(path)
        assert_accessible(page)
        overflow = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(overflow), f"{path} is wider than the screen"


def test_a_wrong_password_is_told_beside_the_form(seat: TakeSeat, assert_accessible: Check) -> None:
    page = seat(None).visit("/accounts/login/")
    fill(page, login="alice", password="wrong")
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.locator(".errorlist")).to_contain_text("not correct")
    assert_accessible(page)


def test_two_step_sign_in_is_turned_on_and_asked_for(
    seat: TakeSeat, assert_accessible: Check
) -> None:
    page = seat("carol").visit("/accounts/2fa/totp/activate/")
    fill(page, password=PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    assert_accessible(page)
    secret = page.get_by_label("Secret").input_value()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert_accessible(page)

    page = seat(None).visit("/accounts/login/")
    fill(page, login="carol", password=PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/accounts/2fa/authenticate/"))
    assert_accessible(page)


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.locator(f"main [name={name}]").fill(value)


def printed_path(server: Daphne) -> str:
    found = re.search(r"(/first-run/\S+)", server.log())
    assert found, server.log()
    return found[1]


def code_of(secret: str) -> str:
    """What an authenticator app would show now (RFC 6238)."""
    digest = hmac.digest(b32decode(secret), (int(time()) // 30).to_bytes(8, "big"), "sha1")
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 1_000_000:06}"
