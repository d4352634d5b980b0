"""WebKit, as its own driver drives its own small browser: one of each, and a display, a person."""

import os
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selenium.webdriver import ActionChains, Keys, WebKitGTK, WebKitGTKOptions
from selenium.webdriver.common.actions.wheel_input import ScrollOrigin
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.webkitgtk.service import Service

from tests.browser.engines.display import Display
from tests.browser.engines.screen import FIND, Screen

LISTEN = """
if (!window.complaintsOfThePage) {
  window.complaintsOfThePage = [];
  const note = (...what) => window.complaintsOfThePage.push(what.map(String).join(" "));
  addEventListener("error", (event) => note(event.message));
  addEventListener("unhandledrejection", (event) => note(event.reason));
  const { error } = console;
  console.error = (...what) => { note(...what); error.apply(console, what); };
  new ReportingObserver((reports) => reports.forEach((each) => note(JSON.stringify(each.body))), {
    types: ["csp-violation"], buffered: true,
  }).observe();
}
const complaints = window.complaintsOfThePage.splice(0);
"""
"""This driver has no console to listen to. What the policy forbade before is told too."""

WHERE_IT_RESTS = f"""async (...what) => {{
  const found = ({FIND})(...what);
  found?.scrollIntoView({{ block: "nearest" }});
  const place = () => JSON.stringify(found?.getBoundingClientRect());
  for (let before = ""; before !== place(); ) {{
    before = place();
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  }}
  return found;
}}"""
"""This driver does not wait for what moves, nor for what is out of view."""

PRESSED_FOR = 0.1
"""Seconds, about a person's: what the page does meanwhile must not lose the click."""

MODIFIERS = {"Shift": Keys.SHIFT, "Control": Keys.CONTROL, "Alt": Keys.ALT}
NAMED_KEYS = {
    "ArrowUp": Keys.ARROW_UP,
    "ArrowDown": Keys.ARROW_DOWN,
    "ArrowLeft": Keys.ARROW_LEFT,
    "ArrowRight": Keys.ARROW_RIGHT,
    "Enter": Keys.ENTER,
    "Escape": Keys.ESCAPE,
    "Tab": Keys.TAB,
    "Backspace": Keys.BACKSPACE,
    "Delete": Keys.DELETE,
    "Home": Keys.HOME,
    "End": Keys.END,
    "PageUp": Keys.PAGE_UP,
    "PageDown": Keys.PAGE_DOWN,
}


@dataclass(frozen=True)
class Programs:
    driver: str
    browser: str
    xvfb: str


class WebKitScreen(Screen):
    def __init__(self, programs: Programs, directory: Path) -> None:
        super().__init__()
        self._open = ExitStack()
        # Two windows on one display share one focus.
        display = self._open.enter_context(Display(programs.xvfb))
        environment = {**os.environ, **display.environment, "XDG_CACHE_HOME": str(directory)}
        options = WebKitGTKOptions()
        options.binary_location = programs.browser
        options.add_argument("--automation")
        service = Service(programs.driver, env=environment, log_output=subprocess.DEVNULL)
        self._driver = WebKitGTK(options=options, service=service)
        self._open.callback(self._driver.quit)
        self.resize(1440, 900)

    def sign_in(self, session: str) -> None:
        self._driver.get(f"{self.origin}/healthz")
        self._driver.add_cookie({"name": "sessionid", "value": session, "path": "/"})

    def goto(self, url: str) -> None:
        self._driver.get(url)

    def reload(self) -> None:
        self._driver.refresh()

    def back(self) -> None:
        self._driver.back()

    def forward(self) -> None:
        self._driver.forward()

    def resize(self, width: int, height: int) -> None:
        bar = "return outerHeight - innerHeight"
        self._driver.set_window_size(width, height + self._driver.execute_script(bar))

    def come_to_front(self) -> None:
        """On a display of its own it is."""

    def run(self, function: str, *arguments: Any) -> Any:
        return self._execute(f"({function})(...arguments)", *arguments)

    def click(self, selector: str, said: str | None = None) -> None:
        press = self._point(selector, said).click_and_hold().pause(PRESSED_FOR)
        press.release().perform()

    def hover(self, selector: str, said: str | None = None) -> None:
        self._point(selector, said).perform()

    def wheel(self, distance: int, selector: str, said: str | None = None) -> None:
        over = ScrollOrigin.from_element(self._find(selector, said))
        ActionChains(self._driver).scroll_from_origin(over, 0, distance).perform()

    def press(self, keys: str) -> None:
        *modifiers, key = keys.split("+") if keys != "+" else ["+"]
        held = [MODIFIERS[name] for name in modifiers]
        actions = ActionChains(self._driver)
        for modifier in held:
            actions.key_down(modifier)
        actions.send_keys(NAMED_KEYS.get(key, key))
        for modifier in held:
            actions.key_up(modifier)
        actions.perform()

    def type(self, text: str) -> None:
        ActionChains(self._driver).send_keys(text).perform()

    def close(self) -> None:
        self._open.close()

    def _point(self, selector: str, said: str | None) -> ActionChains:
        element = self._find(selector, said)
        return ActionChains(self._driver, duration=50).move_to_element(element)

    def _find(self, selector: str, said: str | None) -> WebElement:
        self.until_seen(selector, said)
        element = self.run(WHERE_IT_RESTS, selector, said)
        assert isinstance(element, WebElement), (selector, said)
        return element

    def _execute(self, expression: str, *arguments: Any) -> Any:
        script = f"{LISTEN} return Promise.resolve({expression}).then((it) => [it, complaints]);"
        result, complaints = self._driver.execute_script(script, *arguments)
        self.complaints += complaints
        return result
