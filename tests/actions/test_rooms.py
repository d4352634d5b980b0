"""Rooms made, settled and left: the rules beneath the pages."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Permission
from django.db import connection

from chat.access import OLD_ADDRESSES
from chat.actions.people import anonymise_person
from chat.actions.rooms import (
    archive_room,
    create_room,
    join_room,
    leave_room,
    remove_member,
    rename_room,
)
from chat.errors import Forbidden, Invalid, NotFound
from chat.models import Departure, Membership, Room, RoomRename, RoomSlug, User
from tests.scene import block, keeper, make_person, make_room, make_superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return make_person("ada")


@pytest.fixture
def bob() -> User:
    return make_person("bob")


def test_a_room_cannot_be_called_nothing_or_everything(ada: User) -> None:
    for name in ("", " \n ", "x" * 81):
        with pytest.raises(Invalid):
            create_room(ada, name)
    assert not Room.objects.exists()


def test_an_open_room_lets_in_and_a_hidden_one_looks_absent(ada: User, bob: User) -> None:
    room = make_room(ada)
    join_room(bob, room)
    assert Membership.objects.filter(room=room, user=bob).exists()
    leave_room(bob, room)
    Room.objects.filter(pk=room.pk).update(kind="private")
    with pytest.raises(NotFound):
        join_room(bob, room)


def test_why_somebody_is_out_is_remembered(ada: User, bob: User) -> None:
    room = make_room(ada, bob)
    leave_room(bob, room)
    assert Departure.objects.get(room=room, user=bob).reason == "left"
    join_room(bob, room)
    remove_member(ada, room, bob)
    assert Departure.objects.get(room=room, user=bob).reason == "removed"


def test_only_the_maker_and_those_with_the_power_settle(ada: User, bob: User) -> None:
    room = make_room(ada, bob)
    for act in (
        lambda: rename_room(bob, room, "Mine"),
        lambda: archive_room(bob, room),
        lambda: remove_member(bob, room, ada),
    ):
        with pytest.raises(Forbidden):
            act()
    bob.user_permissions.add(Permission.objects.get(codename="change_room"))
    rename_room(User.objects.get(pk=bob.pk), room, "Ours")
    room.refresh_from_db()
    assert room.name == "Ours"


def test_a_blocked_maker_settles_nothing_any_more(ada: User) -> None:
    room = make_room(ada)
    make_superuser()
    block(ada)
    with pytest.raises(Forbidden):
        archive_room(ada, room)


def test_an_anonymous_makers_room_goes_on(ada: User, bob: User) -> None:
    room = make_room(ada, bob)
    anonymise_person(keeper(), ada)
    room.refresh_from_db()
    assert room.maker == ada
    assert [member.user for member in room.memberships.all()] == [bob]


@pytest.mark.django_db(transaction=True)
def test_rooms_made_at_once_under_one_name_get_addresses_of_their_own(ada: User) -> None:
    def create(_number: int) -> str:
        try:
            return create_room(ada, "Kitchen").slug
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        slugs = set(threads.map(create, range(12)))
    assert slugs == {"kitchen"} | {f"kitchen-{number}" for number in range(2, 13)}


@pytest.mark.django_db(transaction=True)
def test_renaming_and_joining_at_once_wait_for_each_other_and_both_happen(
    ada: User, bob: User
) -> None:
    room = make_room(ada, name="Kitchen")

    def act(number: int) -> None:
        try:
            if number % 2:
                rename_room(ada, room, f"Kitchen {number}")
            else:
                join_room(bob, room)
                leave_room(bob, room)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(act, range(24)))
    assert RoomRename.objects.count() == 12
    assert room.old_slugs.count() == OLD_ADDRESSES


def test_no_room_takes_an_address_that_leads_to_another(ada: User) -> None:
    kitchen = make_room(ada, name="Kitchen")
    rename_room(ada, kitchen, "Garden")
    assert make_room(ada, name="kitchen").slug == "kitchen-2"
    former = set(RoomSlug.objects.values_list("slug", flat=True))
    assert not former & set(Room.objects.values_list("slug", flat=True))
