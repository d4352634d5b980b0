"""What a name looks like: two names that a reader could take for one have the same look.

The skeleton is that of Unicode's UTS 39 (confusables.txt, as confusable-homoglyphs brings it).
"""

import json
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from importlib.resources import files

from chat.characters import is_blank, is_ignorable, only_stretches, says_something, script_of

MAX_LOOK = 200
"""Characters of a look that are compared: what is longer differs before, or is near enough."""

MAX_READ = 500
"""Characters of a name that are read at all; no name may be as long."""

_PALOCHKA = "\u04cf"
# The small letters of which the table knows less than the eye, and small capitals.
_DRAWN_LIKE = {
    _PALOCHKA: "l",
    "\u0185": "b",
    "\u0237": "j",
    "\u0138": "k",
    "\u0299": "b",
    "\u029c": "h",
    "\u1d0d": "m",
    "\u1d1b": "t",
}
_DOT = "\u0307"
_DOTTED = frozenset("ij")
_VOICED = frozenset("\u3099\u309a")
"""The marks that make another syllable of a kana, not an accent."""

_FEW = 3
"""Words that are read as one."""


def skeleton(text: str) -> str:
    """The same for all texts that are drawn alike, letter for letter."""
    prototypes = _prototypes()
    seen = "".join(c for c in unicodedata.normalize("NFD", text[:MAX_READ]) if not is_ignorable(c))
    return _undotted(unicodedata.normalize("NFD", "".join(prototypes.get(c, c) for c in seen)))


def in_small_letters(username: str) -> str:
    """`Ärni` as `ärni`, `userl` as `user1`, `rnax` as `max`; other scripts' letters as Latin."""
    return skeleton(skeleton(_compatible(username).casefold()).casefold())[:MAX_LOOK]


def in_capitals(username: str) -> str:
    """`adm1n` as `admin`, `r00t` as `root`: in capitals, I is 1 and O is 0."""
    look = skeleton(_compatible(username).upper())
    return skeleton("".join(c if c == "l" else c.upper() for c in look))[:MAX_LOOK]


def as_written(username: str) -> str:
    """`userI` as `user1` and `userl`: a capital I is an l. Yet `Ian` is not `Lan`.

    No other letter's case counts: a word of another script (a Greek capital beta with a small nu
    is drawn `Bv`) is taken for the Latin one in either.
    """
    look = skeleton(_compatible(username))
    return skeleton("".join(c if c == "L" else c.casefold() for c in look))[:MAX_LOOK]


@lru_cache(maxsize=8)
def _compatible(name: str) -> str:
    """What is drawn like an l in small letters only is one before any case is changed.

    Each look of a name asks for it in turn.
    """
    text = unicodedata.normalize("NFKC", name[:MAX_READ])[:MAX_READ]
    return _undotted(unicodedata.normalize("NFD", text)).replace(_PALOCHKA, "l")


def _undotted(text: str) -> str:
    """Without the dots above letters that have one: it takes the place of their own."""
    if _DOT not in text:
        return text
    prototypes = _prototypes()
    kept, takes_dot = [], False
    for c in text:
        if not (above := unicodedata.combining(c)):
            takes_dot = prototypes.get(c, c) in _DOTTED
        elif takes_dot and c == _DOT:
            continue
        elif above == unicodedata.combining(_DOT):
            takes_dot = False
        kept.append(c)
    return "".join(kept)


LOOKS: dict[str, Callable[[str], str]] = {
    "look_small": in_small_letters,
    "look_capital": in_capitals,
    "look_written": as_written,
}
"""A username's looks, by the column that keeps each. No two people share one."""


def at_a_glance(name: str) -> set[str]:
    """A name as one remembers it, in each of the looks: neither case nor accents nor the signs and
    symbols beside the letters tell it from another; symbols are remembered where there is nothing
    else. Nothing of a name in which nothing can be seen."""
    return {glance for look in LOOKS.values() if (glance := _remembered(look(name)))}


def words_at_a_glance(name: str) -> set[str]:
    """So each word of a name, and each few words together: `Ad-min team` has an `admin` in it."""
    found = set()
    for look in {look(name) for look in LOOKS.values()}:
        words = _words(look)
        found.add("".join(words))
        for first in range(len(words)):
            found |= {"".join(words[first:end]) for end in range(first + 1, first + 1 + _FEW)}
    return found - {""}


def _words(look: str) -> list[str]:
    apart = (" " if _is_between_words(c) else c for c in look.casefold())
    words = "".join(apart).split()
    return [word for each in words if (word := _letters_of(each))]


def _remembered(look: str) -> str:
    folded = look.casefold()
    return _letters_of(folded) or "".join(c for c in folded if says_something(c))


def _letters_of(text: str) -> str:
    return "".join(c for c in text if not _is_beside_the_letters(c))


def _is_beside_the_letters(character: str) -> bool:
    if _is_between_words(character) or only_stretches(character):
        return True
    if unicodedata.category(character) in {"Cf", "Me"}:
        return True
    return script_of(character) == "INHERITED" and character not in _VOICED


def _is_between_words(character: str) -> bool:
    kind = unicodedata.category(character)
    return (kind[0] in "PZCS" and kind != "Cf") or is_blank(character)


@cache
def _prototypes() -> dict[str, str]:
    """By character, what stands for it; what stands for itself is left out.

    The package tells who looks like whom and forgot which of them is the prototype. It is the one
    that others point at; of two that know only each other either will do.
    """
    text = files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8")
    alike = {
        _bare(one): {_bare(other["c"]) for other in others}
        for one, others in json.loads(text).items()
    }
    first = {
        one: other
        for one, (other, *more) in alike.items()
        if len(one) == 1 and not more and _leads(other, one, alike)
    } | _DRAWN_LIKE
    return {one: _followed(other, first) for one, other in first.items()}


def _bare(text: str) -> str:
    """The file puts right-to-left letters between marks of direction."""
    return text.strip("\u200e")


def _leads(one: str, other: str, alike: dict[str, set[str]]) -> bool:
    return len(one) > 1 or len(alike[one]) > 1 or one < other


def _followed(text: str, first: dict[str, str]) -> str:
    after = "".join(first.get(c, c) for c in unicodedata.normalize("NFD", text))
    return text if after == text else _followed(after, first)
