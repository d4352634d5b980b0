"""What people and rooms may be called, in any script."""

import unicodedata
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chat import spelling
from chat.characters import can_be_seen, is_ignorable, says_something
from chat.looks import MAX_READ, at_a_glance, words_at_a_glance

NAME_LENGTH = 80
USERNAME_LENGTH = 60
SLUG_LENGTH = 100
# `@here` and its like speak to a whole room; nobody may be called so.
RESERVED_USERNAMES = frozenset({"all", "channel", "everyone", "here", "room"})
RESERVED_SLUGS = frozenset({"new"})
# Who runs the place, or nobody: under such a name one is shown with one's username.
_NAMES_OF_OFFICE = (
    *("admin", "administrator", "moderator", "staff", "support", "system", "root"),
    *("admins", "administrators", "moderators", "sysadmin"),
    *("chatsite", "former member", "deleted user"),
    *("administrateur", "modérateur", "administrador", "moderador", "amministratore"),
    *("moderatore", "beheerder", "administratör", "yönetici", "administratorka", "správce"),
    *("администратор", "админ", "модератор", "адміністратор", "διαχειριστής", "管理员", "管理員"),
    *("版主", "管理者", "관리자", "운영자", "مدير", "مشرف", "מנהל", "מנהל מערכת", "ผู้ดูแลระบบ"),
    *("व्यवस्थापक", "प्रशासक", "quản trị viên"),
)
FORMER_MEMBER = _("Former member")
FORMER_USERNAME = "former-"
# Digits and signs in the place of letters; 0 and 1 look like theirs already.
_WRITTEN_FOR = str.maketrans("4@35$7!", "aaesstl")
_OFFICES = (
    pgettext_lazy("a person's office", "Administrator"),
    pgettext_lazy("a person's office", "Moderator"),
    pgettext_lazy("a person's office", "System"),
    FORMER_MEMBER,
)
TAKEN = _("Somebody has that username already, or one that looks like it. Choose another.")
_NAMELESS_ROOM = "room"
_ROOM_FOR_SUFFIX = 8


def tidy_name(name: str) -> str:
    """On one line, without the characters that nobody sees but that turn the text around it."""
    if len(name) > MAX_READ:
        return name  # its length will be refused: not a character more is looked at
    visible = "".join(c if _is_kept(c) else " " if c.isspace() else "" for c in name)
    return " ".join(visible.split())


def _is_kept(character: str) -> bool:
    # Persian and Indian scripts need the joiners, and so do many emoji.
    if character in "\u200c\u200d":
        return True
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}


def validate_name(name: str) -> None:
    """Raises ValidationError for a name in which nothing can be seen."""
    if not any(can_be_seen(c) for c in name[:NAME_LENGTH]):
        raise ValidationError(_("Use at least one letter, digit or symbol."))


def validate_display_name(name: str) -> None:
    """Raises ValidationError for a name of which one would remember nothing."""
    if not any(says_something(c) for c in name[:NAME_LENGTH]):
        raise ValidationError(_("Use at least one letter, digit or symbol."))


def is_of_office(look: str) -> bool:
    """Whether whoever is seen so could be taken for somebody who runs the site, or for nobody."""
    return look in _looks_of_office() | _looks_of_translated_offices()


def speaks_for_the_site(name: str, username: str) -> bool:
    """Whether a word of a display name is an office's, and not that person's username."""
    readings = {name, name.translate(_WRITTEN_FOR)}
    seen = {glance for reading in readings for glance in words_at_a_glance(reading)}
    offices = _looks_of_office() | _looks_of_translated_offices()
    return not offices.isdisjoint(seen - at_a_glance(username))


def _looks_of_translated_offices() -> frozenset[str]:
    return _looks_of(tuple(str(office) for office in _OFFICES))


@lru_cache(maxsize=64)
def _looks_of(offices: tuple[str, ...]) -> frozenset[str]:
    """Once for every language that is spoken here."""
    return frozenset(glance for office in offices for glance in at_a_glance(office))


@cache
def _looks_of_rooms() -> frozenset[str]:
    return frozenset(glance for name in RESERVED_USERNAMES for glance in at_a_glance(name))


@cache
def _looks_of_office() -> frozenset[str]:
    return frozenset(glance for name in _NAMES_OF_OFFICE for glance in at_a_glance(name))


def normalise_username(username: str) -> str:
    return unicodedata.normalize("NFKC", username) if len(username) <= MAX_READ else username


def validate_username(username: str) -> None:
    """Raises ValidationError unless it is letters and digits of one script and `. + - _`.

    No `@`: a username that is somebody's address could sign in, or be taken, for theirs.
    """
    if len(username) > USERNAME_LENGTH:
        return  # which is said already, and is not worth reading
    if not username[:1].isalnum() or not all(_is_word(c) or c in ".+-" for c in username):
        raise ValidationError(
            _("Use letters, digits and . + - _ only, and begin with a letter or a digit.")
        )
    if not spelling.is_of_one_script(username):
        raise ValidationError(_("Use the letters and digits of one script only."))
    if not spelling.marks_stand_on_letters(username):
        raise ValidationError(_("Use accents and vowel signs only on letters that take them."))
    if at_a_glance(username) & _looks_of_rooms():
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
    if is_ignorable(character):
        return False
    return character == "_" or character.isalnum() or _is_vowel_sign(character)


def _is_vowel_sign(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Mc")
