"""How a person without a picture is drawn."""

import pytest

from chat.templatetags.people import HUES, hue, initials


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada Lovelace", "AL"),
        ("ada", "A"),
        ("李小龙", "李"),
        ("Ursula K. Le Guin", "UG"),
        ("  spaced   out ", "SO"),
        ("", "?"),
    ],
)
def test_initials_are_those_of_the_first_and_the_last_word(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_persons_colour_stays_among_those_that_there_are() -> None:
    assert {hue(person) for person in range(1, 101)} == set(range(HUES))
    assert hue(7) == hue(7)
