"""What people and rooms may be called, whatever is typed."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.urls import resolve, reverse
from hypothesis import given
from hypothesis import strategies as st

from chat import names

ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=names.NAME_LENGTH)


@given(ANYTHING)
def test_every_name_gives_an_address_that_leads_back(name: str) -> None:
    slug = names.free_slug(names.slug_of(name), set())
    assert 1 <= len(slug) <= names.SLUG_LENGTH
    assert slug not in names.RESERVED_SLUGS
    assert slug == slug.strip("-_")
    assert any(character.isalnum() for character in slug)
    match = resolve(reverse("room", args=[slug]).encode().decode())
    assert match.view_name == "room"


@given(ANYTHING, st.integers(1, 30))
def test_a_taken_address_gets_a_number(name: str, rooms: int) -> None:
    taken: set[str] = set()
    for _ in range(rooms):
        slug = names.free_slug(names.slug_of(name), taken)
        assert slug not in taken
        assert len(slug) <= names.SLUG_LENGTH
        taken.add(slug)


@given(ANYTHING)
def test_a_tidy_name_stays_so_and_turns_no_text_around_it(name: str) -> None:
    tidy = names.tidy_name(name)
    assert names.tidy_name(tidy) == tidy
    assert tidy == tidy.strip()
    assert not any(unicodedata.bidirectional(c) in {"RLO", "LRO", "PDF", "RLI"} for c in tidy)
    assert "\n" not in tidy


@pytest.mark.parametrize("name", ["Ada", "李", "🎉", "نور", "‍क्‍ष", "👩‍👩‍👧", "a" * 80])
def test_names_that_can_be_seen_are_kept_as_they_are(name: str) -> None:
    assert names.tidy_name(name) == name
    names.validate_name(name)
    names.validate_display_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("\u200d", "\u200c\u200d", "\u0301", "\u200d\u0301 ", "", "\u2800", "\u2800\u2800"),
        *("\u3164", "\u115f\u1160", "\uffa0", "\u034f", "\u17b4", "\u180b", "\ufe0f", "\u00ad"),
        *(
            "\U000e0041",
            "\U0001d159",
            "\ufffc",
            "\U00016fe4",
            "\ue000",
        ),
    ],
)
def test_names_that_cannot_be_seen_are_refused(name: str) -> None:
    for validate in (names.validate_name, names.validate_display_name):
        with pytest.raises(ValidationError):
            validate(name)


@pytest.mark.parametrize("name", ["...", "-", "!!!", "\u00b4", "\U0001f3fb\u200d"])
def test_signs_alone_name_a_room_and_nobody(name: str) -> None:
    names.validate_name(name)
    with pytest.raises(ValidationError):
        names.validate_display_name(name)


@pytest.mark.parametrize(
    "username",
    [
        *("ada", "a", "0x", "ada.l-o_v+e", "李小龙", "हिन्दी", "ไทย", "ที่รัก", "Łukasz", "Nguyễn"),
        *("Нина", "Νίκος", "مريم", "محمد٢", "אָדָם", "ქართული", "አማርኛ", "தமிழ்", "മലയാളം", "ਪੰਜਾਬੀ"),
        *("မြို့", "ភាសាខ្មែរ", "한국어", "東京カード", "tokyo東京", "kim한국", "ㄅㄆㄇ字"),
    ],
)
def test_usernames_of_any_script_are_taken(username: str) -> None:
    names.validate_username(username)


@pytest.mark.parametrize(
    "username",
    [
        *("", "@ada", "a@b", "a b", "-a", ".a", "_a", "a/b", "a\n", "a\0", "all", "Room"),
        *("aII", "r00m", "every.one", "h\u0435re", "EVERYONE", "\uff41ll"),
        *(
            "\u3164" * 20,
            "\u1160",
            "a\u3164",
            "a\u034f",
            "a\u180b",
            "a\u17b4",
            "a\ufe0f",
            "a\u2800",
        ),
        *("\u0430dmin", "r\u03bf\u03bft2", "ada\u0662", "a\u0966", "\u0661\u06f1", "ад\u0061"),
        *("한国語かな", "カ한", "ada\u0301\u0301", "ada\u0316\u0301\u0327", "1\u0301", "가\u0301"),
        *("क\u0301", "b\u093e", "เก\u0e49\u0e49", "x\u20d0", "a.\u0301"),
    ],
)
def test_usernames_that_deceive_are_not(username: str) -> None:
    with pytest.raises(ValidationError):
        names.validate_username(username)
