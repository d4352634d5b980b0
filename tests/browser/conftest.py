"""A real Chromium at a real site, by Playwright's synchronous way."""

import os
import shutil
import socket
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    sync_playwright,
)

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
    "--in-process-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {
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
    is_spent: bool = False
    """Nobody else may sit here after."""

    @property
    def clock(self) -> Any:
        """One that can be set, and never taken out of this browser again."""
        self.is_spent = True
        return self.context.clock

    def visit(self, path: str) -> Page:
        self.page.goto(self.origin + path)
        return self.page

    def lose_network(self) -> None:
        self.context.set_offline(True)

    def find_network(self) -> None:
        self.context.set_offline(False)


class Contexts:
    """Whoever sits at one has a browser of their own. The next finds it empty, but for the files
    that it keeps: they are most of what it takes to open a room."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: defaultdict[str, list[BrowserContext]] = defaultdict(list)

    def take(self, device: dict[str, Any]) -> BrowserContext:
        free = self._free[repr(device)]
        return free.pop() if free else self._browser.new_context(**device)

    def give_back(self, context: BrowserContext, device: dict[str, Any]) -> None:
        for page in context.pages:
            page.close()
        context.clear_cookies()
        context.clear_permissions()
        context.unroute_all()
        context.set_offline(False)
        self._free[repr(device)].append(context)


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Contexts:
    return Contexts(browser)


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    """One for all servers: the files that a browser keeps are good at the next one too."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))  # else another program may take it between two servers
        yield holder.getsockname()[1]


@pytest.fixture
def server(sqlite_site: Site, port: int) -> Daphne:
    return sqlite_site.serve(PORT=str(port))


@pytest.fixture
def seat(contexts: Contexts, sqlite_site: Site, server: Daphne) -> Iterator[Callable[..., Seat]]:
    """`seat("alice")` is alice, signed in, at a desktop; `seat("bob", **PHONE, **DARK)`;
    `seat(None)` somebody who is not signed in. A complaint in the console fails the test."""
    seats: list[Seat] = []
    devices: list[dict[str, Any]] = []

    def take(name: str | None, **device: Any) -> Seat:
        person = sqlite_site.people[name] if name else None
        devices.append({**DESKTOP, **device})
        seats.append(open_seat(contexts.take(devices[-1]), server, person))
        return seats[-1]

    yield take
    for taken, device in zip(seats, devices, strict=True):
        if taken.is_spent:
            taken.context.close()
        else:
            contexts.give_back(taken.context, device)
    complaints = [f"{taken.name}: {error}" for taken in seats for error in taken.errors]
    assert not complaints, complaints


def open_seat(context: BrowserContext, server: Daphne, person: Person | None) -> Seat:
    if person:
        context.add_cookies([{"name": "sessionid", "value": person.session, "url": server.origin}])
    page = context.new_page()
    page.set_default_timeout(10_000)
    forget_storage(page, server.origin)
    seat = Seat(
        person.username if person else "a visitor", context, page, server, [], server.origin
    )
    page.on("pageerror", lambda error: seat.errors.append(str(error)))
    page.on("console", lambda message: note_complaint(seat, message))
    return seat


def forget_storage(page: Page, origin: str) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage"})
    session.detach()


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
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=str(chromium()), args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


def chromium() -> Path:
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return Path(found)
    pytest.skip("Chromium is not installed")
