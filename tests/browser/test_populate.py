"""The command that fills a site, beside a running one."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Seat
from tests.live.site import Site

TakeSeat = Callable[..., Seat]


def populate(site: Site, messages: int) -> None:
    site.manage(
        *("populate", "--users", "3", "--rooms", "1", "--password", "sesame"),
        *("--messages", str(messages)),
    )


def test_what_it_adds_shows_on_open_pages(seat: TakeSeat, sqlite_site: Site) -> None:
    populate(sqlite_site, messages=2)
    page = seat("alice").visit("/rooms/room-1/")
    page.get_by_role("button", name=re.compile("Join")).click()
    expect(page.locator("#here")).to_be_visible()
    expect(page.locator("#log [data-id]")).to_have_count(2)
    populate(sqlite_site, messages=7)
    expect(page.locator("#log [data-id]")).to_have_count(7)


def test_its_people_sign_in_at_once_and_talk(seat: TakeSeat, sqlite_site: Site) -> None:
    populate(sqlite_site, messages=0)
    page = seat(None).visit("/accounts/login/")
    page.locator("[name=login]").fill("user2")
    page.locator("[name=password]").fill("sesame")
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.locator("#here")).to_be_visible()
    page.locator("#composer-text").fill("here I am")
    page.locator("#composer-text").press("Enter")
    expect(page.locator("#log [data-id]:not([data-client])")).to_contain_text("here I am")
