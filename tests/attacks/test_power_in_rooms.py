"""Attacks on rooms by who was once in them: former owners, and those who were put out."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection
from django.test import Client

from chat.actions.populate import add_members
from chat.actions.rooms import (
    archive_room,
    join_room,
    leave_room,
    let_in_again,
    remove_member,
    rename_room,
)
from chat.errors import ChatError, Forbidden
from chat.models import Departure, Membership, Room, User
from tests.scene import keeper, make_person, make_room

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return make_person("ada", name="Ada")


@pytest.fixture
def bob() -> User:
    return make_person("bob", name="Bob")


def page_of(person: User) -> Client:
    cache.clear()
    client = Client()
    client.force_login(person)
    return client


def is_in(person: User, room: Room) -> bool:
    return Membership.objects.filter(room=room, user=person).exists()


@pytest.mark.parametrize("how", ["left", "put out"])
def test_who_made_a_room_and_is_in_it_no_more_has_no_power_over_it(
    ada: User, bob: User, how: str
) -> None:
    room = make_room(ada, bob)
    if how == "left":
        leave_room(ada, room)
    else:
        remove_member(keeper(), room, ada)
    for act in (
        lambda: rename_room(ada, room, "Mine"),
        lambda: archive_room(ada, room),
        lambda: remove_member(ada, room, bob),
        lambda: let_in_again(ada, room, ada),
    ):
        with pytest.raises(Forbidden):
            act()
    client = page_of(ada)
    assert client.get("/rooms/kitchen/settings/").status_code == 404
    client.post("/rooms/kitchen/archive/", {"on": "1"})
    client.post("/rooms/kitchen/let-in/", {"person": ada.pk})
    room.refresh_from_db()
    assert room.archived_at is None
    assert is_in(bob, room)


def test_who_left_of_their_own_will_has_their_power_back_when_they_return(ada: User) -> None:
    room = make_room(ada)
    leave_room(ada, room)
    join_room(ada, room)
    assert rename_room(ada, room, "Cellar").name == "Cellar"


def test_who_was_put_out_stays_out_until_they_are_let_in(ada: User, bob: User) -> None:
    room = make_room(ada, bob)
    remove_member(ada, room, bob)
    client = page_of(bob)
    for _ in range(2):
        client.post("/rooms/kitchen/join/")
        client.post("/rooms/kitchen/leave/")
        assert not is_in(bob, room)
    told = client.get("/rooms/kitchen/")
    assert told.status_code == 403
    assert "put out" in told.content.decode()
    rooms = client.get("/rooms/").content.decode()
    assert "put out" in rooms
    assert "/rooms/kitchen/join/" not in rooms
    page_of(ada).post("/rooms/kitchen/let-in/", {"person": bob.pk})
    assert not is_in(bob, room), "they come back of their own will"
    page_of(bob).post("/rooms/kitchen/join/")
    assert is_in(bob, room)


def test_who_leaves_just_before_they_are_put_out_stays_out_too(ada: User, bob: User) -> None:
    room = make_room(ada, bob)
    leave_room(bob, room)
    remove_member(ada, room, bob)
    with pytest.raises(Forbidden):
        join_room(bob, room)


def test_filling_the_rooms_brings_nobody_back(ada: User, bob: User) -> None:
    room = make_room(ada, bob)
    remove_member(ada, room, bob)
    add_members([room], [ada, bob])
    assert not is_in(bob, room)


def test_nobody_lets_in_who_was_not_put_out_of_this_room(ada: User, bob: User) -> None:
    kitchen, garden = make_room(ada), make_room(ada, bob, name="Garden")
    leave_room(bob, garden)
    remove_member(ada, kitchen, bob)
    client = page_of(ada)
    for person in ("", "0", "x", "-1", "9" * 30, "\u0661", str(ada.pk), str(bob.pk)):
        assert client.post("/rooms/garden/let-in/", {"person": person}).status_code == 302
    assert Departure.objects.get(room=garden, user=bob).reason == "left"
    assert Departure.objects.get(room=kitchen, user=bob).reason == "removed"


def test_only_who_settles_a_room_sees_and_ends_who_is_out(ada: User, bob: User) -> None:
    eve = make_person("eve", name="Eve")
    room = make_room(ada, bob, eve)
    remove_member(ada, room, eve)
    page_of(bob).post("/rooms/kitchen/let-in/", {"person": eve.pk})
    page_of(eve).post("/rooms/kitchen/let-in/", {"person": eve.pk})
    with pytest.raises(Forbidden):
        join_room(eve, room)
    settings = page_of(ada).get("/rooms/kitchen/settings/").content.decode()
    assert "Let Eve in again" in settings
    assert "Let Bob in again" not in settings


def test_who_may_settle_all_opens_an_archived_room_that_they_are_not_in(ada: User) -> None:
    room, keeper = make_room(ada), make_person("keeper")
    keeper.user_permissions.add(Permission.objects.get(codename="change_room"))
    client = page_of(keeper)
    client.post("/rooms/kitchen/archive/", {"on": "1"})
    assert client.get("/rooms/kitchen/settings/").status_code == 200
    client.post("/rooms/kitchen/archive/", {"on": "0"})
    room.refresh_from_db()
    assert room.archived_at is None


@pytest.mark.django_db(transaction=True)
def test_coming_back_and_being_put_out_at_once_ends_outside(ada: User, bob: User) -> None:
    room = make_room(ada, bob)

    def act(number: int) -> None:
        try:
            if number % 3:
                leave_room(bob, room)
                join_room(bob, room)
            else:
                remove_member(ada, room, bob)
        except ChatError:
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(act, range(12)))
    assert not is_in(bob, room)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_put_each_other_out_at_once_one_has_no_power_any_more(
    ada: User, bob: User
) -> None:
    """Only who is in a room settles it, and that is asked while nobody else can change it."""
    room = make_room(ada, bob)
    root = keeper()

    def act(which: int) -> str:
        try:
            if which:
                remove_member(root, room, ada)
                return "put out"
            remove_member(ada, room, bob)
            return "put out"
        except Forbidden:
            return "forbidden"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        outcomes = list(threads.map(act, range(2)))
    assert outcomes[1] == "put out"
    assert is_in(bob, room) == (outcomes[0] == "forbidden")
