"""One emoji is one, and one's own is one's own, whatever the number of those who reacted."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from pytest_django import DjangoAssertNumQueries

from chat import history
from chat.actions.messages import NewPost, Stored, post_messages, react
from chat.errors import Invalid
from chat.models import Membership, Message, Reaction, Room, User
from tests.scene import make_person, make_room, say
from tests.tabs import Tabs

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 100


@pytest.fixture
def anna(transactional_db: None) -> User:  # noqa: ARG001 - rows for every thread to see
    return make_person("anna")


@pytest.fixture
def ben(transactional_db: None) -> User:  # noqa: ARG001
    return make_person("ben")


@pytest.fixture
def room(anna: User, ben: User) -> Room:
    return make_room(anna, ben)


@pytest.fixture
def liked(anna: User, room: Room) -> Message:
    """By a hundred others."""
    message = say(anna, room)
    people = User.objects.bulk_create([User(username=f"fan{n}") for n in range(CROWD)])
    Membership.objects.bulk_create([Membership(user=person, room=room) for person in people])
    Reaction.objects.bulk_create(
        [Reaction(message=message, user=person, emoji="👍") for person in people]
    )
    return message


@pytest.fixture
async def tab() -> AsyncIterator[Tabs]:
    tabs = Tabs()
    yield tabs
    await tabs.close()


def of(stored: Stored) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(stored.text)["reactions"]
    return found


SPELLINGS = [
    ("👍", "👍\ufe0f"),
    ("👍\ufe0f", "👍"),
    ("❤\ufe0f", "❤"),
    ("❤\ufe0f", "❤\ufe0e"),
    ("☎\ufe0e", "☎"),
    ("1\ufe0f\u20e3", "1\u20e3"),
    ("👁\ufe0f\u200d🗨\ufe0f", "👁\u200d🗨"),
    ("🏳\ufe0f\u200d🌈", "🏳\u200d🌈"),
    ("☝🏻", "☝\ufe0f🏻"),
    ("🕵🏽\u200d♂\ufe0f", "🕵🏽\u200d♂"),
    ("🇩🇪", "🇩🇪\ufe0f"),
]


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_an_emoji_is_one_whatever_its_variation_selectors(
    anna: User, ben: User, room: Room, one: str, other: str
) -> None:
    message = say(anna, room)
    react(anna, room.pk, message.pk, one, True)
    (both,) = of(react(ben, room.pk, message.pk, other, True))
    assert (both["count"], both["users"]) == (2, [anna.pk, ben.pk])
    assert not react(ben, room.pk, message.pk, one, True).new
    (left,) = of(react(anna, room.pk, message.pk, other, False))
    assert left["users"] == [ben.pk]


def test_it_is_shown_in_colour_and_skins_stay_different(anna: User, room: Room) -> None:
    message = say(anna, room)
    for emoji in ("❤", "👍🏽", "👍🏿"):
        shown = of(react(anna, room.pk, message.pk, emoji, True))
    assert [each["emoji"] for each in shown] == ["❤\ufe0f", "👍🏽", "👍🏿"]


def test_rows_in_two_spellings_from_before_are_counted_and_taken_back_as_one(
    anna: User, ben: User, room: Room
) -> None:
    message = say(anna, room)
    for person, emoji in ((anna, "❤"), (anna, "❤\ufe0f"), (ben, "❤")):
        Reaction.objects.create(message=message, user=person, emoji=emoji)
    assert not react(ben, room.pk, message.pk, "❤\ufe0f", True).new
    (both,) = history.page(room).data()["messages"][0]["reactions"]
    assert both == {"emoji": "❤\ufe0f", "count": 2, "users": [anna.pk, ben.pk]}
    (left,) = of(react(anna, room.pk, message.pk, "❤", False))
    assert left["users"] == [ben.pk]


def test_the_one_spelling_must_fit_as_well(anna: User, room: Room) -> None:
    message = say(anna, room)
    with pytest.raises(Invalid):
        react(anna, room.pk, message.pk, "\u200d".join("❤" * 16), True)


def test_ones_own_is_told_beyond_the_hundred_that_are_named(
    ben: User, room: Room, liked: Message
) -> None:
    (mine,) = of(react(ben, room.pk, liked.pk, "👍", True))
    assert (mine["count"], mine["mine"], ben.pk in mine["users"]) == (CROWD + 1, True, False)
    (again,) = of(react(ben, room.pk, liked.pk, "👍", True))
    assert again == mine
    (page,) = history.page(room).data(ben.pk)["messages"]
    assert page["reactions"] == [mine]
    (gone,) = of(react(ben, room.pk, liked.pk, "👍", False))
    assert gone == {"emoji": "👍", "count": CROWD, "users": mine["users"]}


def test_a_repeated_post_tells_its_author_their_own(anna: User, room: Room, liked: Message) -> None:
    react(anna, room.pk, liked.pk, "👍", True)
    (again,) = post_messages([NewPost(anna, room.pk, liked.client_id, "hello")])
    assert isinstance(again, Stored)
    assert of(again)[0]["mine"] is True


def test_to_everybody_else_nothing_is_said_of_whose_it_is(
    anna: User, ben: User, room: Room, liked: Message
) -> None:
    react(ben, room.pk, liked.pk, "👍", True)
    for reader in (anna.pk, None):
        (message,) = history.page(room).data(reader)["messages"]
        assert set(message["reactions"][0]) == {"emoji", "count", "users"}


def test_sync_tells_each_reader_their_own_from_what_was_shaped_for_all(
    anna: User,
    ben: User,
    room: Room,
    liked: Message,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    react(ben, room.pk, liked.pk, "👍", True)
    say(anna, room)
    assert synced(room, anna) == [None, None]
    # As ever (epoch, head, states, names), and one for the reader's own.
    with django_assert_num_queries(5 + 2):
        assert synced(room, ben) == [True, None]
    assert synced(room, anna) == [None, None]


def synced(room: Room, reader: User) -> list[bool | None]:
    found = history.sync(room, 0, 500, reader=reader.pk)
    assert found
    reactions = [json.loads(text)["reactions"] for text in found.messages]
    return [each[0].get("mine") if each else None for each in reactions]


async def test_ones_other_tabs_hear_what_the_event_for_all_cannot_tell(
    tab: Tabs, anna: User, ben: User, room: Room, liked: Message
) -> None:
    here, elsewhere, other = await tab(ben), await tab(ben), await tab(anna)
    where = {"room": room.pk, "message": liked.pk}
    for on in (True, False, True):
        changed = await here.ask("react", **where, emoji="👍\ufe0f", on=on)
        assert changed["message"]["reactions"][0].get("mine", False) is on
    heard = [await elsewhere.expect("reacted") for _ in range(2)]
    expected = {"type": "reacted", **where, "emoji": "👍"}
    # Taken off, a hundred are left, and all of them are named.
    assert heard == [{**expected, "on": True}] * 2
    for each in (here, other):
        assert [event for event in await each.heard() if event["type"] == "reacted"] == []


async def test_one_of_the_first_who_takes_theirs_off_is_told_in_their_other_tabs(
    tab: Tabs, anna: User, ben: User, room: Room, liked: Message
) -> None:
    await sync_to_async(react)(ben, room.pk, liked.pk, "👍", True)
    await sync_to_async(react)(anna, room.pk, liked.pk, "👍", True)
    here, elsewhere = await tab(ben), await tab(ben)
    await here.ask("react", room=room.pk, message=liked.pk, emoji="👍", on=False)
    assert (await elsewhere.expect("reacted"))["on"] is False


async def test_an_ordinary_reaction_is_told_by_the_event_for_all_alone(
    tab: Tabs, anna: User, ben: User, room: Room
) -> None:
    message = await sync_to_async(say)(anna, room)
    here, elsewhere = await tab(ben), await tab(ben)
    await here.ask("react", room=room.pk, message=message.pk, emoji="👍", on=True)
    assert (await elsewhere.expect("message"))["message"]["reactions"][0]["users"] == [ben.pk]
    assert [e for e in await elsewhere.heard() if e["type"] == "reacted"] == []
