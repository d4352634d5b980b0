"""The same scenes in each engine: Chromium, Firefox and WebKit."""

import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Never

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.cable import Cable
from tests.browser.conftest import DESKTOP
from tests.browser.engines.playwright_screen import FirefoxScreen, PlaywrightScreen
from tests.browser.engines.screen import Screen
from tests.browser.engines.webkit_screen import Programs, WebKitScreen
from tests.live.servers import Daphne
from tests.live.site import Site

Preferences = dict[str, str | float | bool]
A_MOUSE: Preferences = {
    "ui.primaryPointerCapabilities": 6,
    "ui.allPointerCapabilities": 6,
}


class Engine(ABC):
    name: str

    @abstractmethod
    def screen(self) -> Screen:
        """A browser that knows nothing yet."""


class PlaywrightEngine(Engine):
    def __init__(self, browser: Browser, kind: type[PlaywrightScreen]) -> None:
        self.name = browser.browser_type.name
        self._browser = browser
        self._kind = kind

    def screen(self) -> Screen:
        return self._kind(self._browser.new_context(**DESKTOP))


class WebKitEngine(Engine):
    name = "webkit"

    def __init__(self, programs: Programs, directory: Path) -> None:
        self._programs = programs
        self._directory = directory

    def screen(self) -> Screen:
        return WebKitScreen(self._programs, self._directory)


@contextmanager
def chromium(request: pytest.FixtureRequest) -> Iterator[Engine]:
    yield PlaywrightEngine(request.getfixturevalue("browser"), PlaywrightScreen)


@contextmanager
def firefox(request: pytest.FixtureRequest) -> Iterator[Engine]:
    playwright: Playwright = request.getfixturevalue("playwright")
    browser = playwright.firefox.launch(
        channel="moz-firefox", executable_path=installed("firefox-esr"), firefox_user_prefs=A_MOUSE
    )
    yield PlaywrightEngine(browser, FirefoxScreen)
    browser.close()


@contextmanager
def webkit(request: pytest.FixtureRequest) -> Iterator[Engine]:
    mini_browser = next(Path("/").glob("usr/lib/*/webkit2gtk-4.*/MiniBrowser"), None)
    programs = Programs(
        driver=installed("WebKitWebDriver"),
        browser=str(mini_browser or skip("WebKit's MiniBrowser")),
        xvfb=installed("Xvfb"),
    )
    yield WebKitEngine(programs, request.getfixturevalue("tmp_path_factory").mktemp("webkit"))


def installed(program: str) -> str:
    return shutil.which(program) or skip(program)


def skip(program: str) -> Never:
    pytest.skip(f"{program} is not installed")


@pytest.fixture(scope="session", params=[chromium, firefox, webkit], ids=lambda each: each.__name__)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each in turn; every scene in one before the first in the next."""
    with request.param(request) as engine:
        yield engine


SitDown = Callable[..., Screen]


@pytest.fixture
def sit_down(engine: Engine, sqlite_site: Site, server: Daphne) -> Iterator[SitDown]:
    """`sit_down("alice")` is alice's screen, signed in; `sit_down(None)` a stranger's;
    `sit_down("bob", cable)` looks for the server behind a cable. A complaint fails the test."""
    screens: list[tuple[str | None, Screen]] = []

    def take(name: str | None, cable: Cable | None = None) -> Screen:
        screen = engine.screen()
        screens.append((name, screen))
        screen.origin = f"http://127.0.0.1:{cable.port}" if cable else server.origin
        if name:
            screen.sign_in(sqlite_site.people[name].session)
        return screen

    yield take
    complaints = [f"{name}: {each}" for name, screen in screens for each in screen.complaints]
    for _, screen in screens:
        screen.close()
    assert not complaints, complaints


@pytest.fixture
def cable(server: Daphne) -> Iterator[Cable]:
    with Cable(server.port) as cable:
        yield cable
