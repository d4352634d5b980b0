"""Data in a page: nothing in it ends its element, and it is not much longer than it was."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import markup
from chat.templatetags.embedded import embedded

PIECES = [
    "<",
    "/",
    "!",
    "--",
    "script",
    "SCRIPT",
    ">",
    " ",
    "\\",
    '"',
    "p",
    'p dir="auto"',
    "img",
    "a",
]


def read(element: str) -> object:
    found = re.fullmatch(
        r'<script id="x" type="application/json">(.*)</script>', element, re.DOTALL
    )
    assert found
    assert not re.search(r"<!--|</?script", found[1], re.IGNORECASE)
    return json.loads(found[1])


@given(st.lists(st.sampled_from(PIECES) | st.characters(codec="utf-8")).map("".join))
def test_nothing_ends_the_element_or_opens_another(text: str) -> None:
    for data in (text, {text: [text]}, markup.render(text)):
        assert read(embedded(data, "x")) == data


@pytest.mark.parametrize(
    "attack",
    [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "<ScRiPt src=//evil>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<p onclick=alert(1)>",
        '<a href="javascript:alert(1)">',
        "<iframe srcdoc=x>",
    ],
)
def test_no_markup_of_somebodys_own_stands_in_the_page(attack: str) -> None:
    element = embedded({"body": attack}, "x")
    assert element.count("<") == 2
    assert read(element) == {"body": attack}


@pytest.mark.parametrize("body", ["- x\n" * 2_000, "消息" * 5_000, "**x** `y` & z\n\n" * 600])
def test_what_a_message_shows_is_embedded_in_about_its_own_bytes(body: str) -> None:
    html = markup.render(body)
    assert len(html) > len(body)
    assert len(embedded(html, "x").encode()) < 1.3 * len(html.encode()) + 100
