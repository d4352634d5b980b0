"""The server's drawing: the same cases as `tests/js/drawing.test.js` and the browser's."""

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chat.templatetags.counts import shortened
from chat.templatetags.people import hue, initials
from chat.views.message_rows import message_rows, quote_of

CASES = json.loads((Path(__file__).parents[1] / "cases/drawing.json").read_text())
READER = 1


def test_the_table_has_cases_of_every_kind() -> None:
    kinds = {kind for kind, cases in CASES.items() if isinstance(cases, list) and cases}
    assert kinds == {"gathering", "lines", "initials", "hues", "counts", "quotes"}


@pytest.mark.parametrize("case", CASES["gathering"] + CASES["lines"], ids=lambda case: case["name"])
def test_rows_stand_under_each_other_as_the_table_says(case: dict[str, Any]) -> None:
    first = case.get("first_seq", 1)
    messages = [message(first + at, **given) for at, given in enumerate(case["messages"])]
    more_before = case.get("more_before", False)
    info = {"read_seq": case.get("read_seq", 1000), "slug": "tea"}
    reader: Any = SimpleNamespace(pk=READER)
    rows = list(message_rows(messages, reader, info, None, more_before=more_before))
    if "gathered" in case:
        assert [row["gathered"] for row in rows] == case["gathered"]
    if "days" in case:
        assert [row["day"] for row in rows] == [day and date(2026, 3, day) for day in case["days"]]
    new = [row["message"]["seq"] for row in rows if row["first_new"]]
    assert new == ([case["new"]] if case.get("new") else [])


def message(
    seq: int, author: int, at: str, day: int = 4, *, reply: bool = False, deleted: bool = False
) -> dict[str, Any]:
    return {
        "id": seq,
        "seq": seq,
        "author": {"id": author, "name": "somebody"},
        "created_at": f"2026-03-{day:02}T{at}+00:00",
        "reply_to": {"id": 0, "seq": 0} if reply else None,
        "deleted": deleted,
        "html": "",
        "reactions": [],
    }


@pytest.mark.parametrize(("name", "shown"), CASES["initials"])
def test_a_person_without_a_picture_is_drawn_by_their_initials(name: str, shown: str) -> None:
    assert initials(name) == shown


@pytest.mark.parametrize(("person", "colour"), CASES["hues"])
def test_a_persons_colour_stays(person: int, colour: int) -> None:
    assert hue(person) == colour


@pytest.mark.parametrize(("count", "shown"), CASES["counts"])
def test_counting_stops_somewhere(count: int, shown: str) -> None:
    assert shortened(count) == shown


@pytest.mark.parametrize(("html", "said"), CASES["quotes"])
def test_a_quote_says_what_was_said_on_one_line(html: str, said: str) -> None:
    assert quote_of(html) == said
