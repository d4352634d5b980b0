"""What people and rooms may be called, in any script."""

import unicodedata
from collections.abc import Set as AbstractSet

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

NAME_LENGTH = 80
USERNAME_LENGTH = 60
SLUG_LENGTH = 100
# `@here` and its like speak to a whole room; nobody may be called so.
RESERVED_USERNAMES = frozenset({"all", "channel", "everyone", "here", "room"})
RESERVED_SLUGS = frozenset({"new"})
_NAMELESS_ROOM = "room"
_ROOM_FOR_SUFFIX = 8


def tidy_name(name: str) -> str:
    """On one line, without the characters that nobody sees but that turn the text around it."""
    visible = "".join(c if _is_kept(c) else " " if c.isspace() else "" for c in name)
    return " ".join(visible.split())


def _is_kept(character: str) -> bool:
    # Persian and Indian scripts need the joiners, and so do many emoji.
    if character in "\u200c\u200d":
        return True
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}


def validate_name(name: str) -> None:
    """Raises ValidationError for a name in which nothing can be seen."""
    if all(unicodedata.category(c) in {"Cf", "Mn", "Mc", "Me", "Zs"} for c in name):
        raise ValidationError(_("Use at least one letter, digit or symbol."))


def normalise_username(username: str) -> str:
    return unicodedata.normalize("NFKC", username)


def validate_username(username: str) -> None:
    """Raises ValidationError unless it is letters and digits of any script and `. + - _`.

    No `@`: a username that is somebody's address could sign in, or be taken, for theirs.
    """
    if not username[:1].isalnum() or not all(_is_word(c) or c in ".+-" for c in username):
        raise ValidationError(
            _("Use letters, digits and . + - _ only, and begin with a letter or a digit.")
        )
    if username.lower() in RESERVED_USERNAMES:
        raise ValidationError(_("That name speaks to everyone in a room. Choose another."))


def slug_of(name: str) -> str:
    """The address of a room of that name; like Django's slugify, but it keeps vowel signs."""
    text = unicodedata.normalize("NFKC", name).lower()
    words = "".join(c if _is_word(c) else " " if c in "-" or c.isspace() else "" for c in text)
    slug = "-".join(words.split()).strip("-_")
    if not any(c.isalnum() for c in slug):
        return _NAMELESS_ROOM
    return slug[: SLUG_LENGTH - _ROOM_FOR_SUFFIX].rstrip("-_")


def free_slug(slug: str, taken: AbstractSet[str]) -> str:
    """`slug`, or the first of `slug-2`, `slug-3` … that is not taken."""
    unusable = taken | RESERVED_SLUGS
    number, free = 1, slug
    while free in unusable:
        number += 1
        free = f"{slug}-{number}"
    return free


def _is_word(character: str) -> bool:
    return character == "_" or character.isalnum() or _is_vowel_sign(character)


def _is_vowel_sign(character: str) -> bool:
    category = unicodedata.category(character)
    return category in ("Mn", "Mc") and not unicodedata.name(character, "").startswith("VARIATION")
