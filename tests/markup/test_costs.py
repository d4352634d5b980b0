"""No text costs more than its length: a search for one that does.

Every construct and every pair of them, repeated and nested, in growing lengths. Processor time is
counted, and each time the least of a few: other work on the machine does not count.
"""

from collections.abc import Callable, Iterator
from itertools import permutations
from time import process_time

import nh3
import pytest
from comrak import render_markdown
from django.core.exceptions import ValidationError

from chat import names
from chat.emoji import is_emoji
from chat.markup import plain_text, render, shows_something
from tests.markup.pieces import PIECES

LENGTH = 10_000
MAX_SECONDS = 0.005
"""For LENGTH characters."""

LENIENCE = 2
"""For what shares processor and caches meanwhile; what is not linear takes ten times as long."""

KNOWN_SECONDS = 0.004
"""What `_known_work` takes on the machine for which MAX_SECONDS is meant."""

TRIES = 12


def seconds(act: Callable[[str], object], text: str, enough: float) -> float:
    """The least of a few tries, held against known work; one that is quick enough ends them."""
    least = float("inf")
    for _ in range(TRIES):
        least = min(least, _took(act, text))
        if least > enough:
            least = min(least, _took(act, text) / max(1.0, _took(_known_work, "") / KNOWN_SECONDS))
        if least <= enough:
            break
    return least


def _took(act: Callable[[str], object], text: str) -> float:
    started = process_time()
    act(text)
    return process_time() - started


def _known_work(_text: str) -> None:
    sum(number % 7 for number in range(60_000))
    nh3.clean("<p>a <b>c</b></p>" * 800)
    render_markdown("*a* `b` " * 800)


def everything(body: str) -> None:
    html = render(body)
    shows_something(html)
    plain_text(html)


def repeated(*pieces: str, length: int = LENGTH) -> str:
    text = "".join(pieces)
    return (text * (length // len(text) + 1))[:length]


def nested(opening: str, closing: str, length: int = LENGTH) -> str:
    count = length // (len(opening) + len(closing))
    return opening * count + closing * count


def made_of(one: str, other: str) -> Iterator[str]:
    yield repeated(one, other)
    yield nested(one, other)
    yield one + repeated(other, length=LENGTH - len(one))
    yield f"{repeated(one, length=LENGTH // 2)}\n{repeated(other, length=LENGTH // 2)}"


def refused(check: Callable[[str], object]) -> Callable[[str], None]:
    def act(text: str) -> None:
        try:
            check(text)
        except ValidationError:
            return

    return act


EXPANDING = [
    "[" + "\ufdfa" * 9_900 + "](http://b.c)",  # NFKC makes 18 of one
    *(
        repeated(piece)
        for piece in ("\\|", "\\| a ", "x\\|y\n", " \\(", "\\[", "1. a\n", "1. \n3. ")
    ),
]


@pytest.mark.parametrize("text", EXPANDING, ids=lambda text: ascii(text[:8]))
def test_what_once_cost_more_does_no_longer(text: str) -> None:
    assert seconds(everything, text, MAX_SECONDS) <= LENIENCE * MAX_SECONDS


@pytest.mark.parametrize("piece", PIECES, ids=ascii)
def test_a_construct_costs_its_length(piece: str) -> None:
    for text in (repeated(piece), f"x {repeated(piece, length=LENGTH - 2)}"):
        assert seconds(everything, text, MAX_SECONDS) <= LENIENCE * MAX_SECONDS


@pytest.mark.parametrize("piece", PIECES, ids=ascii)
def test_four_times_the_length_costs_no_more_than_four_times(piece: str) -> None:
    fourfold = repeated(piece, length=4 * LENGTH)
    assert seconds(everything, fourfold, 4 * MAX_SECONDS) <= LENIENCE * 4 * MAX_SECONDS


PAIRS = list(permutations(PIECES, 2))
SHARE = 32
"""One in so many pairs is tried here, all of them by `tests/drills/test_texts.py`."""


@pytest.mark.parametrize("part", range(4))
def test_a_pair_of_constructs_costs_its_length(part: int) -> None:
    search(PAIRS[part :: 4 * SHARE])


def search(pairs: list[tuple[str, str]]) -> None:
    """Fails at the first pair that costs more than its length."""
    for one, other in pairs:
        for text in made_of(one, other):
            took = seconds(everything, text, MAX_SECONDS)
            assert took <= LENIENCE * MAX_SECONDS, (one, other, text[:60], took)


PARSERS = {
    "username": refused(names.validate_username),
    "name": refused(names.validate_name),
    "tidy_name": names.tidy_name,
    "slug": names.slug_of,
    "normalise": names.normalise_username,
    "emoji": is_emoji,
}
LETTERS = [
    *PIECES,
    "\u200d",
    "😀\u200d",
    "😀\ufe0f",
    "🏻",
    "\U0001f1e6",
    "1\ufe0f\u20e3",
    "🏴\U000e0067",
]


@pytest.mark.parametrize("parser", PARSERS)
def test_what_else_reads_strangers_text_costs_its_length(parser: str) -> None:
    for piece in LETTERS:
        for text in (repeated(piece), f"a{repeated(piece, length=LENGTH - 1)}"):
            took = seconds(PARSERS[parser], text, MAX_SECONDS)
            assert took <= LENIENCE * MAX_SECONDS, (piece, took)
