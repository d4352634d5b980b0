"""Chromium and Firefox, as Playwright drives them."""

from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, ElementHandle, Error

from tests.browser.engines.screen import FIND, Screen


class PlaywrightScreen(Screen):
    def __init__(self, context: BrowserContext) -> None:
        super().__init__()
        self._context = context
        self._page = context.new_page()
        self._page.set_default_timeout(10_000)
        self._page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self._page.on("console", self._note)

    def sign_in(self, session: str) -> None:
        self._context.add_cookies([{"name": "sessionid", "value": session, "url": self.origin}])

    def goto(self, url: str) -> None:
        self._page.goto(url)

    def reload(self) -> None:
        self._page.reload()

    def back(self) -> None:
        self._page.go_back()

    def forward(self) -> None:
        self._page.go_forward()

    def resize(self, width: int, height: int) -> None:
        self._page.set_viewport_size({"width": width, "height": height})

    def come_to_front(self) -> None:
        """Chromium's pages each believe that they are in front."""

    def run(self, function: str, *arguments: Any) -> Any:
        call = f"(all) => ({function})(...all)"
        try:
            return self._page.evaluate(call, list(arguments))
        except Error as error:
            if "context was destroyed" not in str(error):
                raise
        return self._page.evaluate(call, list(arguments))  # of the page that has come instead

    def click(self, selector: str, said: str | None = None) -> None:
        self.come_to_front()
        self._find(selector, said).click()

    def hover(self, selector: str, said: str | None = None) -> None:
        self.come_to_front()
        self._find(selector, said).hover()

    def wheel(self, distance: int, selector: str, said: str | None = None) -> None:
        self.hover(selector, said)
        self._page.mouse.wheel(0, distance)

    def press(self, keys: str) -> None:
        self.come_to_front()
        self._page.keyboard.press(keys)

    def type(self, text: str) -> None:
        self.come_to_front()
        self._page.keyboard.type(text)

    def close(self) -> None:
        self._context.close()

    def _find(self, selector: str, said: str | None) -> ElementHandle:
        self.until_seen(selector, said)
        found = self._page.evaluate_handle(f"(all) => ({FIND})(...all)", [selector, said])
        element = found.as_element()
        assert element, (selector, said)
        return element

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


class FirefoxScreen(PlaywrightScreen):
    def come_to_front(self) -> None:
        """One window of a Firefox has the focus; in the others no focus event comes."""
        self._page.bring_to_front()
