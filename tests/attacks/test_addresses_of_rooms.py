"""Attacks on rooms by their addresses and names: squatting, finding out, passing for another."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from chat import access
from chat.actions.rooms import ROOMS_AN_HOUR, create_room, join_room, leave_room, rename_room
from chat.errors import NotFound, RateLimited
from chat.models import Room, RoomRename, RoomSlug, User
from tests.scene import make_person, make_room

pytestmark = pytest.mark.django_db


@pytest.fixture
def mallory() -> User:
    return make_person("mallory")


@pytest.fixture
def bob() -> User:
    return make_person("bob")


@pytest.fixture
def page_of() -> Callable[[User], Client]:
    def page(person: User) -> Client:
        cache.clear()
        client = Client()
        client.force_login(person)
        return client

    return page


@contextmanager
def days_later(days: float) -> Iterator[None]:
    RoomSlug.objects.all().update(left_at=timezone.now() - timedelta(days=days))
    yield


def leads_to(person: User, slug: str) -> Room | None:
    try:
        return access.room_at(person, slug)
    except NotFound:
        return None


def test_a_room_called_by_many_names_keeps_only_its_last_addresses(mallory: User) -> None:
    room = make_room(mallory, name="Finance")
    names = ["Sales", "Support", "Board", "Legal", "People", "Press", "Mine"]
    for name in names:
        room = rename_room(mallory, room, name)
    kept = {slug for slug in ["finance", *map(str.lower, names)] if leads_to(mallory, slug)}
    assert kept == {"support", "board", "legal", "people", "press", "mine"}


def test_an_address_that_was_left_leads_to_who_left_it_for_ninety_days_at_most(
    mallory: User, bob: User
) -> None:
    room = rename_room(mallory, make_room(mallory, name="Finance"), "Mine")
    with days_later(89):
        assert leads_to(bob, "finance") == room
    with days_later(91):
        assert leads_to(bob, "finance") is None
        assert create_room(mallory, "Finance").slug == "finance"


def test_an_address_that_was_left_goes_to_who_needs_it(mallory: User, bob: User) -> None:
    rename_room(mallory, make_room(mallory, name="Finance"), "Mine")
    theirs = create_room(bob, "Finance")
    assert theirs.slug == "finance"
    assert leads_to(mallory, "finance") == theirs


def test_who_is_in_the_room_does_not_take_its_old_address_from_it(mallory: User, bob: User) -> None:
    room = rename_room(mallory, make_room(mallory, bob, name="Finance"), "Mine")
    for person in (mallory, bob):
        assert create_room(person, "Finance").slug != "finance"
    assert leads_to(bob, "finance") == room


def test_the_older_addresses_of_a_room_that_was_left_lead_no_longer_than_the_newer(
    mallory: User, bob: User
) -> None:
    room = rename_room(mallory, make_room(mallory, name="Finance"), "Mine")
    leave_room(mallory, room)
    assert create_room(mallory, "Finance").slug == "finance"
    assert leads_to(bob, "mine") == room


def test_renaming_counts_like_making_a_room(mallory: User) -> None:
    room = make_room(mallory, name="Room 0")
    for number in range(1, ROOMS_AN_HOUR):
        rename_room(mallory, room, f"Room {number}")
    with pytest.raises(RateLimited) as refusal:
        rename_room(mallory, room, "One more")
    assert 0 < float(str(refusal.value.extra["retry_after"])) <= 3600
    with pytest.raises(RateLimited):
        create_room(mallory, "Another")
    an_hour_ago = timezone.now() - timedelta(minutes=61)
    RoomRename.objects.update(renamed_at=an_hour_ago)
    assert rename_room(mallory, room, "One more").slug == "one-more"


def test_renaming_without_end_is_told_on_the_page(
    mallory: User, page_of: Callable[[User], Client]
) -> None:
    room = make_room(mallory, name="Kitchen")
    hour = [RoomRename(by=mallory) for _ in range(ROOMS_AN_HOUR)]
    RoomRename.objects.bulk_create(hour)
    answer = page_of(mallory).post(f"/rooms/{room.slug}/settings/", {"name": "Cellar"})
    assert answer.status_code == 429
    assert "Try again later" in answer.content.decode()


def test_a_name_that_stays_counts_for_nothing(mallory: User) -> None:
    room = make_room(mallory, name="Kitchen")
    assert rename_room(mallory, room, "Kitchen").slug == "kitchen"
    assert not RoomRename.objects.exists()


@pytest.mark.parametrize("taken", [["finance"], ["finance", "finance-2"], ["finance-2"]])
def test_no_free_number_tells_of_a_hidden_room(
    mallory: User, bob: User, page_of: Callable[[User], Client], taken: list[str]
) -> None:
    hidden = []
    for slug in taken:
        room = make_room(bob, name=slug.title())
        Room.objects.filter(pk=room.pk).update(kind="private", slug=slug)
        hidden.append(room)
    client, found = page_of(mallory), []
    for name in ("Finance", "finance", "FINANCE"):
        answer = client.post("/rooms/new/", {"name": name, "anyway": name})
        found.append(answer.headers["Location"])
    assert found == ["/rooms/finance/", "/rooms/finance-2/", "/rooms/finance-3/"]
    for room in hidden:
        room.refresh_from_db()
        assert "finance" not in room.slug
        assert leads_to(bob, room.slug) == room


def test_no_free_number_tells_of_what_a_hidden_room_was_called(mallory: User, bob: User) -> None:
    room = rename_room(bob, make_room(bob, name="Merger"), "Kitchen")
    Room.objects.filter(pk=room.pk).update(kind="private")
    assert create_room(mallory, "Merger").slug == "merger"


def test_no_name_is_said_to_be_like_a_hidden_rooms(
    mallory: User, bob: User, page_of: Callable[[User], Client]
) -> None:
    Room.objects.filter(pk=make_room(bob, name="Merger").pk).update(kind="private")
    answer = page_of(mallory).post("/rooms/new/", {"name": "Merger", "ask_first": "1"})
    assert answer.headers["Location"] == "/rooms/merger/"


@pytest.mark.parametrize(
    "name", ["General", "generaI", "GENERAL", "G\u0435neral", "G e n e r a l!"]
)
def test_a_name_that_passes_for_another_rooms_is_warned_of(
    mallory: User, bob: User, page_of: Callable[[User], Client], name: str
) -> None:
    make_room(bob, name="General")
    client = page_of(mallory)
    warned = client.post("/rooms/new/", {"name": name, "ask_first": "1"})
    assert warned.status_code == 200
    assert "/rooms/general/" in warned.content.decode()
    assert Room.objects.count() == 1
    (agreed,) = re.findall(r'name="anyway"\s+value="([^"]*)"', warned.content.decode())
    made = client.post("/rooms/new/", {"name": f" {name} ", "anyway": agreed, "ask_first": "1"})
    assert made.status_code == 302
    assert Room.objects.count() == 2


def test_renaming_to_what_passes_for_another_room_is_warned_of(
    mallory: User, bob: User, page_of: Callable[[User], Client]
) -> None:
    make_room(bob, name="General")
    room, client = make_room(mallory, name="Mine"), page_of(mallory)
    warned = client.post("/rooms/mine/settings/", {"name": "generaI", "ask_first": "1"})
    assert "/rooms/general/" in warned.content.decode()
    for answer in ({"name": "General2", "anyway": "generaI"}, {"name": "generaI"}):
        client.post(f"/rooms/{room.slug}/settings/", {**answer, "ask_first": "1"})
        room.refresh_from_db()
    assert room.name == "General2", "what was agreed to was another name"
    client.post(f"/rooms/{room.slug}/settings/", {"name": "generaI", "anyway": "generaI"})
    room.refresh_from_db()
    assert room.name == "generaI"
    assert client.post(f"/rooms/{room.slug}/settings/", {"name": "generaI"}).status_code == 302


def test_a_room_of_its_own_name_and_one_unlike_all_get_no_warning(
    mallory: User, bob: User, page_of: Callable[[User], Client]
) -> None:
    make_room(bob, name="Room 1")
    client = page_of(mallory)
    for name in ("Room 2", "Room 11", "部屋", "🎉"):
        answer = client.post("/rooms/new/", {"name": name, "ask_first": "1"})
        assert answer.status_code == 302
    slug = Room.objects.get(name="Room 2").slug
    kept = client.post(f"/rooms/{slug}/settings/", {"name": "ROOM 2", "ask_first": "1"})
    assert kept.status_code == 302


def test_who_does_not_ask_is_not_warned(
    mallory: User, bob: User, page_of: Callable[[User], Client]
) -> None:
    make_room(bob, name="General")
    made = page_of(mallory).post("/rooms/new/", {"name": "General"})
    assert made.headers["Location"] == "/rooms/general-2/"


def test_joining_by_an_old_address_joins_the_room_that_it_leads_to_now(
    mallory: User, bob: User, page_of: Callable[[User], Client]
) -> None:
    rename_room(mallory, make_room(mallory, name="Finance"), "Mine")
    true = create_room(bob, "Finance")
    join_room(mallory, true)
    page_of(mallory).post("/rooms/finance/leave/")
    assert [member.user for member in true.memberships.all()] == [bob]
