"""A real Chromium at a real site, by Playwright's synchronous way."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.live.conftest import prepared_sqlite, sqlite_site
from tests.live.scenery import Person
from tests.live.servers import Daphne
from tests.live.site import Site

__all__ = ["prepared_sqlite", "sqlite_site"]

# Playwright runs a loop in this thread, which Django takes for an asynchronous context.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
DARK = {"color_scheme": "dark"}


@dataclass
class Seat:
    """Somebody at a browser of their own. `errors` is what its console complained about."""

    name: str
    context: BrowserContext
    page: Page
    server: Daphne
    errors: list[str]
    origin: str
    """Where this browser looks for the server."""

    def visit(self, path: str) -> Page:
        self.page.goto(self.origin + path)
        return self.page

    def lose_network(self) -> None:
        self.context.set_offline(True)

    def find_network(self) -> None:
        self.context.set_offline(False)


@pytest.fixture
def server(sqlite_site: Site) -> Daphne:
    return sqlite_site.serve()


@pytest.fixture
def seat(browser: Browser, sqlite_site: Site, server: Daphne) -> Iterator[Callable[..., Seat]]:
    """`seat("alice")` is alice, signed in, at a desktop; `seat("bob", **PHONE, **DARK)`;
    `seat(None)` somebody who is not signed in. A complaint in the console fails the test."""
    seats: list[Seat] = []

    def take(name: str | None, **device: Any) -> Seat:
        person = sqlite_site.people[name] if name else None
        seats.append(open_seat(browser, server, person, {**DESKTOP, **device}))
        return seats[-1]

    yield take
    for taken in seats:
        taken.context.close()
    complaints = [f"{taken.name}: {error}" for taken in seats for error in taken.errors]
    assert not complaints, complaints


def open_seat(
    browser: Browser, server: Daphne, person: Person | None, device: dict[str, Any]
) -> Seat:
    context = browser.new_context(**device)
    if person:
        context.add_cookies([{"name": "sessionid", "value": person.session, "url": server.origin}])
    page = context.new_page()
    page.set_default_timeout(10_000)
    seat = Seat(
        person.username if person else "a visitor", context, page, server, [], server.origin
    )
    page.on("pageerror", lambda error: seat.errors.append(str(error)))
    page.on("console", lambda message: note_complaint(seat, message))
    return seat


def note_complaint(seat: Seat, message: ConsoleMessage) -> None:
    """A lost network complains too, and may."""
    if message.type == "error" and "ERR_INTERNET_DISCONNECTED" not in message.text:
        seat.errors.append(message.text)


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """Fails, naming rules and elements, where axe finds a violation."""
    axe = Axe()

    def check(page: Page) -> None:
        found = axe.run(page)
        assert found.violations_count == 0, found.generate_report()

    return check


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=ARGUMENTS)
        yield browser
        browser.close()


def chromium() -> Path:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return Path(found)
    pytest.skip("Chromium is not installed")
