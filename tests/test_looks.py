"""Which names could be taken for one another, in whatever script they are written."""

from time import process_time

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from chat import looks, names
from chat.characters import is_ignorable
from tests.markup.test_costs import LENIENCE, MAX_SECONDS

ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=names.NAME_LENGTH)

ALIKE = [
    ("admin", "\u0430dmin"),  # Cyrillic
    ("admin", "adm\u0456n"),
    ("admin", "\u0251dmin"),  # Latin alpha
    ("admin", "\uff41\uff44\uff4d\uff49\uff4e"),  # full width
    ("admin", "\U0001d41a\U0001d41d\U0001d426\U0001d422\U0001d427"),  # mathematical
    ("admin", "adrnin"),
    ("admin", "adm1n"),
    ("admin", "ADM1N"),
    ("admin", "Admin"),
    ("admin", "a\u034fdmin"),
    ("admin", "admin\u3164"),
    ("admin", "admin\u200d"),
    ("admin", "admin\U000e0041"),
    ("root2", "r\u03bf\u03bft2"),  # Greek
    ("root2", "r00t2"),
    ("user1", "userl"),
    ("user1", "userI"),
    ("user1", "USER1"),
    ("user1", "user\u0661"),  # Arabic-Indic digit
    ("user1", "user1\u034f"),
    ("user1", "user1\u3164"),
    ("user1", "user1\u1160"),
    ("user1", "user1\u180b"),
    ("user1", "user1\u17b4"),
    ("user1", "user1\ufe0f"),
    ("userO", "user0"),
    ("max", "rnax"),
    ("anna", "\u0430nn\u0430"),
    ("HOPE", "\u041d\u041e\u0420\u0415"),  # Cyrillic capitals
    ("ANNA", "\u0391\u039d\u039d\u0391"),  # Greek capitals
    ("scope", "\u0455\u0441\u043e\u0440\u0435"),  # all Cyrillic
    ("paypal", "\u0440\u0430\u0443\u0440\u0430l"),
    ("\u00e4rni", "\u00c4rni"),
    ("\u00e4rni", "a\u0308rni"),
    ("stra\u00dfe", "STRASSE"),
    ("\u043c\u0438\u0440\u0430", "\u041c\u0438\u0440\u0430"),
    ("\u30d8\u30d8", "\u3078\u3078"),  # katakana and hiragana he
    ("\u4e00", "\u2f00"),  # a radical
    ("\u05d5", "l"),  # Hebrew vav
    ("\u13aa", "A"),  # Cherokee
    ("\ua4ee", "A"),  # Lisu
    ("\u0585", "o"),  # Armenian
    ("\u101d", "o"),  # Myanmar
    ("\u0966", "o"),  # Devanagari zero
    ("paypal", "\u0440\u0430\u0443\u0440\u0430\u04cf"),  # the palochka is drawn like an l
    ("cool", "\u0441\u043e\u043e\u04cf"),
    ("cool", "\u0441\u043e\u043e\u04c0"),
    ("COOL", "\u0441\u043e\u043e\u04cf"),
    ("Payl", "\u0420\u0430\u0443\u04cf"),
    ("payl", "\u0420\u0430\u0443\u04cf"),
    ("bol", "\u0432\u043e\u04cf"),
    ("bol", "\u0412\u043e\u04cf"),
    ("bv", "\u0392\u03bd"),  # Greek
    ("tool", "\u0442\u043e\u043e\u04c0"),  # Cyrillic, with a capital palochka
    ("tv", "\u03c4\u03bd"),
    ("Bv", "\u0392\u03bd"),
    ("bob", "bo\u0185"),
    ("BOB", "bo\u0184"),
    ("Bob", "\u0412\u043e\u044c"),
    ("alice", "ali\u0307ce"),
    ("alice", "al\u0131\u0307ce"),
    ("alice", "al\u0130ce"),
    ("jim", "ji\u0307m"),
    ("jim", "j\u0307im"),
    ("jim", "\u0237\u0307im"),
    ("j\u1ecbm", "ji\u0323\u0307m"),
    ("admini", "adm1ni\u0307"),
    ("admini", "ADMINi\u0307"),
]

APART = [
    ("user1", "user11"),
    ("user1", "user2"),
    ("user10", "user100"),
    ("Ian", "Lan"),
    ("kai", "kal"),
    ("ali", "all"),
    ("ada", "\u00e0da"),
    ("anna", "hanna"),
    ("\u674e", "\u674f"),
    ("\u0928\u093e", "\u0928\u093f"),
    ("\u043d\u0438\u043d\u0430", "\u043d\u0438\u043a\u0430"),
    ("Kai", "Kal"),
    ("z\u0307ak", "zak"),
    ("mi\u0301a", "mia"),
]


def are_alike(one: str, other: str) -> bool:
    return any(look(one) == look(other) for look in looks.LOOKS.values())


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_what_a_reader_would_take_for_one_has_one_look(one: str, other: str) -> None:
    assert are_alike(one, other)
    assert looks.at_a_glance(one) & looks.at_a_glance(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_a_reader_tells_apart_stays_apart(one: str, other: str) -> None:
    assert not are_alike(one, other)


def test_as_many_people_as_populate_is_asked_for_have_looks_of_their_own() -> None:
    usernames = [f"user{number}" for number in range(1, 3001)]
    for look in looks.LOOKS.values():
        assert len({look(username) for username in usernames}) == len(usernames)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Lovelace", "ada  lovelace"),
        ("Ada Lovelace", "Ada.Lovelace"),
        ("Ada", "\u00c1da"),
        ("Ada", "\u0410da"),
        ("Ada", "Ada\u2800"),
        ("Ian", "lan"),
        ("Former member", "F0RMER MEMBER"),
        ("Chatsite", "Chat\u200dsite"),
        ("\U0001f389", "\U0001f389\ufe0f"),
        ("\U0001f389", "\U0001f389 \ufffc"),
        ("user1", "user1 \u2800\u200d"),
        ("user1", "user1\ufffc"),
        ("user1", "user1\U0001d159"),
        ("user1", "user1\U00016fe4"),
        ("user1", "user1\U00013441"),
        ("user1", "user1 \u2713"),
        ("user1", "user1\u2714\ufe0f"),
        ("user1", "user1 \u221a"),
        ("user1", "user1\u20dd"),
        ("\u0645\u0631\u064a\u0645", "\u0645\u0640\u0631\u064a\u0640\u0640\u0645"),
        ("\u0645\u062d\u0645\u062f", "\u0645\u064f\u062d\u0645\u062f"),
    ],
)
def test_a_display_name_is_remembered_without_its_small_signs(one: str, other: str) -> None:
    if other.endswith("\u2800"):
        other = names.tidy_name(other.replace("\u2800", ""))
    assert looks.at_a_glance(one) & looks.at_a_glance(other)


@given(ANYTHING)
def test_a_skeleton_is_its_own_and_shows_nothing_hidden(text: str) -> None:
    skeleton = looks.skeleton(text)
    assert looks.skeleton(skeleton) == skeleton or len(skeleton) > looks.MAX_READ
    assert not any(is_ignorable(character) for character in skeleton)


HEAVY = [
    "x" * 10_000,
    "\u0301\u0316" * 5_000,  # to be put in order
    "\ufdfa" * 10_000,  # one becomes eighteen
    "\u3164" * 10_000,
    "\u0430b" * 5_000,
    "\u1e9b\u0323" * 5_000,
    "-" * 10_000,
    " " * 9_999 + "x",
    "i" + "\u0307" * 9_999,
    "i\u0307" * 5_000,
    "a " * 5_000,
]


@pytest.mark.parametrize("name", HEAVY)
def test_a_name_of_any_length_is_refused_in_no_time(name: str) -> None:
    looks.skeleton("warm")
    started = process_time()
    for step in (names.tidy_name, names.normalise_username, looks.skeleton, looks.at_a_glance):
        step(name)
    for validate in (names.validate_name, names.validate_username):
        try:
            validate(name)
        except ValidationError:
            continue
    assert process_time() - started < LENIENCE * MAX_SECONDS
    started = process_time()
    looks.words_at_a_glance(name)
    assert process_time() - started < LENIENCE * MAX_SECONDS


@pytest.mark.parametrize(
    "name", ["admin", "Admin", "ADM1N", "\u0430dmin", "Administrator", "Chatsite"]
)
def test_a_name_that_speaks_for_the_site_is_known_whatever_its_letters(name: str) -> None:
    assert any(names.is_of_office(look) for look in looks.at_a_glance(name))


@pytest.mark.parametrize(
    "name",
    [
        *("admin", "4dmin", "@dm1n", "Admin team", "the admin", "Admin (Chatsite)", "Ad-min team"),
        *(
            "Chatsite Team",
            "Support team",
            "Administrators",
            "Moderators",
            "admin\u2764",
            "M0D3RATOR",
        ),
        *("\u2713admin\u2713", "\u0410dmin", "Former member (left)", "a.d.m.i.n"),
        *("admin\u2800team", "\u0430\u0434\u043c\u0438\u043d \u0447\u0430\u0442\u0430"),
    ],
)
def test_a_display_name_with_an_office_in_it_speaks_for_the_site(name: str) -> None:
    assert names.speaks_for_the_site(name, "eve")


@pytest.mark.parametrize(
    ("name", "username"),
    [("Admin", "admin"), ("The admin", "admin"), ("Adminah", "eve"), ("Ada Moderna", "ada")],
)
def test_ones_own_username_and_longer_words_do_not(name: str, username: str) -> None:
    assert not names.speaks_for_the_site(name, username)


@pytest.mark.parametrize("name", ["Ada", "Adminah", "user1", "Moderna"])
def test_no_other_name_does(name: str) -> None:
    assert not any(names.is_of_office(look) for look in looks.at_a_glance(name))
