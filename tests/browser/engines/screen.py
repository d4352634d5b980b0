"""What a test can do at a browser, whichever engine is in it.

People act with real keys and a real pointer; what they see is asked of the page itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from tests.live.servers import until

SOON = 10.0
FIND = """(selector, said) => {
  const rows = [...document.querySelectorAll(".message")];
  const saying = (row) => row.querySelector(".message-body")?.innerText.includes(said);
  const root = said === null ? document.documentElement : rows.find(saying);
  const all = root ? [root, ...root.querySelectorAll("*")] : [];
  const found = all.filter((each) => each.matches(selector));
  return found.find((each) => each.checkVisibility({ visibilityProperty: true })) ?? null;
}"""
"""The first that can be seen of what a selector names; `said`: within the message that says so."""


class Screen(ABC):
    """One person's browser with one page. Keys are named as in `Shift+Enter` and `ArrowUp`.

    `said`, wherever it is taken, looks only within the message that says so.
    """

    def __init__(self) -> None:
        self.origin = ""
        """Where this browser looks for the server."""
        self.complaints: list[str] = []
        """What the page's console complained about."""

    @abstractmethod
    def sign_in(self, session: str) -> None:
        """By the cookie of a session that exists."""

    @abstractmethod
    def goto(self, url: str) -> None: ...

    @abstractmethod
    def reload(self) -> None: ...

    @abstractmethod
    def back(self) -> None: ...

    @abstractmethod
    def forward(self) -> None: ...

    @abstractmethod
    def resize(self, width: int, height: int) -> None:
        """In CSS pixels, as far as the engine's window can be made so small."""

    @abstractmethod
    def come_to_front(self) -> None:
        """As whoever acts does by acting; only who looks on needs to be told."""

    @abstractmethod
    def run(self, function: str, *arguments: Any) -> Any:
        """Calls a JavaScript function in the page; a promise is waited for."""

    @abstractmethod
    def click(self, selector: str, said: str | None = None) -> None: ...

    @abstractmethod
    def hover(self, selector: str, said: str | None = None) -> None: ...

    @abstractmethod
    def wheel(self, distance: int, selector: str, said: str | None = None) -> None:
        """In CSS pixels, down, over an element."""

    @abstractmethod
    def press(self, keys: str) -> None: ...

    @abstractmethod
    def type(self, text: str) -> None:
        """Key by key, where the focus is."""

    @abstractmethod
    def close(self) -> None: ...

    def visit(self, path: str) -> None:
        self.goto(self.origin + path)

    def focus(self, selector: str, said: str | None = None) -> None:
        self.until_seen(selector, said)
        self.come_to_front()
        self.run(f"(...what) => ({FIND})(...what).focus()", selector, said)

    def fill(self, selector: str, text: str) -> None:
        """Types over what a field holds."""
        self.focus(selector)
        self.run("() => document.activeElement.select()")
        self.type(text)

    def sees(self, selector: str, said: str | None = None) -> bool:
        return bool(self.run(f"(...what) => ({FIND})(...what) !== null", selector, said))

    def has_focus(self, selector: str, said: str | None = None) -> bool:
        return bool(self.run(HAS_FOCUS, selector, said))

    def texts(self, selector: str, said: str | None = None) -> list[str]:
        """What can be read in each of them."""
        texts: list[str] = self.run(TEXTS, selector, said)
        return texts

    def value(self, selector: str) -> str:
        return str(self.run("(selector) => document.querySelector(selector).value", selector))

    def is_in_view(self, selector: str, said: str | None = None) -> bool:
        return bool(self.run(IS_IN_VIEW, selector, said))

    def top(self, selector: str, said: str | None = None) -> float:
        """Its distance from the window's upper edge, in CSS pixels."""
        return float(self.run(TOP, selector, said))

    def until(self, condition: Callable[[], object], within: float = SOON) -> None:
        """Waits until it holds; else fails and tells what the page shows."""
        until(lambda: bool(condition()), within, self._describe)

    def until_reads(self, selector: str, text: str, said: str | None = None) -> None:
        """Waits until exactly one of them can be seen, and says so."""
        self._until(lambda: self.texts(selector, said) == [text], f"{text!r} in {selector!r}", SOON)

    def until_seen(self, selector: str, said: str | None = None, within: float = SOON) -> None:
        self._until(lambda: self.sees(selector, said), f"{selector!r} in {said!r}", within)

    def until_gone(self, selector: str, said: str | None = None) -> None:
        self._until(lambda: not self.sees(selector, said), f"no {selector!r} in {said!r}", SOON)

    def until_focused(self, selector: str, said: str | None = None) -> None:
        self._until(lambda: self.has_focus(selector, said), f"focus on {selector!r}", SOON)

    def until_in_view(self, selector: str, said: str | None = None) -> None:
        self._until(lambda: self.is_in_view(selector, said), f"{said!r} in view", SOON)

    def _until(self, condition: Callable[[], bool], wanted: str, within: float) -> None:
        until(condition, within, lambda: f"waited for {wanted}: {self._describe()}")

    def _describe(self) -> str:
        return " | ".join([*map(str, self.run(DESCRIBE)), *self.complaints])


HAS_FOCUS = f"(...what) => ({FIND})(...what) === document.activeElement"
TOP = f"(...what) => ({FIND})(...what).getBoundingClientRect().top"
TEXTS = """(selector, said) => {
  const says = (row) => row?.querySelector(".message-body")?.innerText.includes(said);
  const inside = (each) => said === null || says(each.closest(".message"));
  const seen = (each) => each.checkVisibility({ visibilityProperty: true });
  const all = [...document.querySelectorAll(selector)];
  return all.filter(inside).filter(seen).map((each) => each.innerText.trim());
}"""
IS_IN_VIEW = f"""(...what) => {{
  const {{ top, bottom, height }} = ({FIND})(...what)?.getBoundingClientRect() ?? {{}};
  return height > 0 && bottom > 0 && top < innerHeight;
}}"""
DESCRIBE = """() => {
  const { activeElement } = document;
  const text = document.body.innerText.replaceAll(/\\s+/g, " ");
  const focus = activeElement?.outerHTML.slice(0, 200);
  return [location.href, focus, text.slice(0, 300), text.slice(-300)];
}"""
