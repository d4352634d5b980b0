"""What Unicode says of a character that Python's own tables do not tell."""

import json
import unicodedata
from bisect import bisect_right
from functools import cache
from importlib.resources import files
from typing import NamedTuple

# Default_Ignorable_Code_Point, of DerivedCoreProperties.txt: drawn as nothing, whatever their
# category says (the Hangul fillers are letters, the variation selectors are marks).
_IGNORABLE = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
_IGNORABLE_STARTS = [first for first, _last in _IGNORABLE]

# These have no such property, and show no ink either: the empty Braille cell, the null notehead,
# the Khitan filler, the Egyptian blanks, the place of a missing object.
_BLANK = frozenset("\u2800\U0001d159\U00016fe4\U00013441\U00013442\ufffc")

# These make a word longer, not another.
_STRETCHING = frozenset("\u0640\u07fa")

# Letters and digits that Scripts.txt calls Common, and Script_Extensions.txt those of a few.
_EXTENSIONS = {
    "\u0640": {"ARABIC"},
    **{chr(digit): {"ARABIC"} for digit in range(0x0660, 0x066A)},
    "\u3006": {"HAN"},
    "\u303c": {"HAN", "HIRAGANA", "KATAKANA"},
    "\u30fc": {"HIRAGANA", "KATAKANA"},
}


def is_ignorable(character: str) -> bool:
    """Whether it is drawn as nothing by its very property."""
    code = ord(character)
    if code < 0xAD:
        return False
    place = bisect_right(_IGNORABLE_STARTS, code) - 1
    return code <= _IGNORABLE[place][1]


def is_blank(character: str) -> bool:
    """Whether it shows no ink, though no property says so."""
    return character in _BLANK


def only_stretches(character: str) -> bool:
    return character in _STRETCHING


def can_be_seen(character: str) -> bool:
    """Whether it has some ink of its own."""
    if unicodedata.category(character)[0] not in "LNPS":
        return False
    return not is_blank(character) and not is_ignorable(character)


def says_something(character: str) -> bool:
    """Whether it is a letter, a digit or a symbol that can be seen, and not a mere sign."""
    kind = unicodedata.category(character)
    return kind[0] != "P" and kind != "Sk" and can_be_seen(character)


def scripts_of(character: str) -> set[str] | None:
    """The scripts in which it is at home; None for what belongs to all (Common, Inherited)."""
    if character in _EXTENSIONS:
        return _EXTENSIONS[character]
    script = script_of(character)
    return None if script in ("COMMON", "INHERITED") else {script}


def script_of(character: str) -> str:
    """By its long name, as `LATIN` or `INHERITED`; `UNKNOWN` of a character that is none yet."""
    table = _scripts()
    code = ord(character)
    place = bisect_right(table.firsts, code) - 1
    return table.names[place] if code <= table.lasts[place] else "UNKNOWN"


class _Scripts(NamedTuple):
    firsts: list[int]
    lasts: list[int]
    names: list[str]


@cache
def _scripts() -> _Scripts:
    """Scripts.txt, as confusable-homoglyphs brings it."""
    text = files("confusable_homoglyphs").joinpath("categories.json").read_text("utf-8")
    data = json.loads(text)
    firsts, lasts, places, _categories = zip(*data["code_points_ranges"], strict=True)
    names = data["iso_15924_aliases"]
    return _Scripts(list(firsts), list(lasts), [names[place] for place in places])
