"""The page's quotes: the same cases as the server's in `tests/views/test_drawing.py`."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.browser.conftest import Seat
from tests.browser.talk import enter

CASES = json.loads((Path(__file__).parents[1] / "cases/drawing.json").read_text())

QUOTED = """async cases => {
  const {inOneLine, shortenedQuote, textOf} = await import("/static/chat/js/plain-text.js");
  return cases.map(([html]) => shortenedQuote(inOneLine(textOf(html))));
}"""


def test_a_quote_says_what_was_said_on_one_line(seat: Callable[..., Seat]) -> None:
    page = enter(seat("alice"))
    assert page.evaluate(QUOTED, CASES["quotes"]) == [said for _html, said in CASES["quotes"]]
