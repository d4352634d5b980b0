"""Which letters may stand together in a username: what no language writes only deceives."""

import unicodedata
from itertools import groupby, pairwise

from chat.characters import script_of, scripts_of

# UTS 39, "highly restrictive": what is written together, each beside Latin too.
_TOGETHER = (
    frozenset({"HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"HAN", "HANGUL"}),
    frozenset({"HAN", "BOPOMOFO"}),
)

# The marks that Scripts.txt calls Inherited, and the scripts whose letters take them.
_ALPHABETS = frozenset({"LATIN", "GREEK", "CYRILLIC", "COPTIC", "GLAGOLITIC"})
_MARKS_OF_MANY = (
    (0x0300, 0x036F, _ALPHABETS),
    (0x0485, 0x0486, _ALPHABETS),
    (0x064B, 0x0655, frozenset({"ARABIC", "SYRIAC", "THAANA"})),
    (0x0670, 0x0670, frozenset({"ARABIC", "SYRIAC"})),
    (0x1AB0, 0x1AFF, _ALPHABETS),
    (0x1DC0, 0x1DFF, _ALPHABETS),
    (0x20D0, 0x20FF, frozenset[str]()),
    (0x302A, 0x302D, frozenset({"HAN", "BOPOMOFO"})),
    (0x3099, 0x309A, frozenset({"HIRAGANA", "KATAKANA"})),
    (0xFE20, 0xFE2F, _ALPHABETS),
)

MOST_MARKS = 2
"""Marks in a row on one letter, where they are accents."""

MOST_OF_A_STACK = 4
"""Those that write a syllable: subjoined letters, vowels and tones of one script."""

_STACKING = frozenset(
    {"BALINESE", "JAVANESE", "KHMER", "MYANMAR", "TAI_THAM", "TIBETAN", "HEBREW", "MEETEI_MAYEK"}
)


def is_of_one_script(username: str) -> bool:
    """All of one script, or of those that one language writes together; digits of one kind."""
    homes = [home for c in username if (home := scripts_of(c))]
    return _live_together(homes) and _count_alike(username)


def _live_together(homes: list[set[str]]) -> bool:
    if homes and set.intersection(*homes):
        return True
    beside_latin = [home for home in homes if home != {"LATIN"}]
    return any(all(home & scripts for home in beside_latin) for scripts in _TOGETHER)


def _count_alike(username: str) -> bool:
    return len({ord(c) - int(unicodedata.decimal(c)) for c in username if c.isdecimal()}) <= 1


def marks_stand_on_letters(username: str) -> bool:
    """Every mark on a letter that takes it, few on one, none of them twice in a row."""
    letter = ""
    for are_marks, run in groupby(username, _is_mark):
        characters = list(run)
        if are_marks and not _may_carry(letter, characters):
            return False
        letter = characters[-1]
    return True


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


def _may_carry(letter: str, marks: list[str]) -> bool:
    if not letter.isalpha() or any(one == next_ for one, next_ in pairwise(marks)):
        return False
    script = script_of(letter)
    most = MOST_OF_A_STACK if script in _STACKING else MOST_MARKS
    return len(marks) <= most and all(_takes(script, mark) for mark in marks)


def _takes(script: str, mark: str) -> bool:
    if (own := script_of(mark)) != "INHERITED":
        return own == script
    code = ord(mark)
    for first, last, scripts in _MARKS_OF_MANY:
        if first <= code <= last:
            return script in scripts
    return script not in _ALPHABETS
