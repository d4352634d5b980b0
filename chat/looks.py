"""What a name looks like: two names that a reader could take for one have the same look.

The skeleton is that of Unicode's UTS 39 (confusables.txt, as confusable-homoglyphs brings it).
"""

import json
import unicodedata
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from chat.characters import is_ignorable

MAX_LOOK = 200
"""Characters of a look that are compared: what is longer differs before, or is near enough."""

MAX_READ = 500
"""Characters of a name that are read at all; no name may be as long."""


def skeleton(text: str) -> str:
    """The same for all texts that are drawn alike, letter for letter."""
    prototypes = _prototypes()
    seen = "".join(c for c in unicodedata.normalize("NFD", text[:MAX_READ]) if not is_ignorable(c))
    return unicodedata.normalize("NFD", "".join(prototypes.get(c, c) for c in seen))


def in_small_letters(username: str) -> str:
    """`Ärni` as `ärni`, `userl` as `user1`, `rnax` as `max`; other scripts' letters as Latin."""
    return skeleton(_compatible(username).casefold())[:MAX_LOOK]


def in_capitals(username: str) -> str:
    """`adm1n` as `admin`, `r00t` as `root`: in capitals, I is 1 and O is 0."""
    return skeleton(_compatible(username).upper())[:MAX_LOOK]


def as_written(username: str) -> str:
    """`userI` as `user1` and `userl`: a capital I is an l. Yet `Ian` is not `Lan`."""
    return skeleton(_compatible(username))[:MAX_LOOK]


def _compatible(name: str) -> str:
    return unicodedata.normalize("NFKC", name[:MAX_READ])


LOOKS: dict[str, Callable[[str], str]] = {
    "look_small": in_small_letters,
    "look_capital": in_capitals,
    "look_written": as_written,
}
"""A username's looks, by the column that keeps each. No two people share one."""


def at_a_glance(name: str) -> set[str]:
    """A name as one remembers it, in each of the looks: neither case nor accents nor the signs
    between the letters tell it from another. Nothing of a name in which nothing can be seen."""
    return {glance for look in LOOKS.values() if (glance := _remembered(look(name)))}


def _remembered(look: str) -> str:
    return "".join(c for c in look.casefold() if c == "|" or not _is_beside_the_letters(c))


def _is_beside_the_letters(character: str) -> bool:
    return "\u0300" <= character <= "\u036f" or unicodedata.category(character)[0] in "PZC"


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
    }
    return {one: _followed(other, first) for one, other in first.items()}


def _bare(text: str) -> str:
    """The file puts right-to-left letters between marks of direction."""
    return text.strip("\u200e")


def _leads(one: str, other: str, alike: dict[str, set[str]]) -> bool:
    return len(one) > 1 or len(alike[one]) > 1 or one < other


def _followed(text: str, first: dict[str, str]) -> str:
    after = "".join(first.get(c, c) for c in unicodedata.normalize("NFD", text))
    return text if after == text else _followed(after, first)
