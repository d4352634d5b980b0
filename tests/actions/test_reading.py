"""How far somebody has read."""

import pytest
from pytest_django import DjangoAssertNumQueries

from chat.actions.messages import delete_message
from chat.actions.reading import Mark, mark_read
from chat.errors import NotFound
from chat.models import Membership, Room, User
from tests.scene import make_person, make_room, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> User:
    return make_person("anna")


@pytest.fixture
def ben() -> User:
    return make_person("ben")


@pytest.fixture
def room(anna: User, ben: User) -> Room:
    """In which Ben has said five things that Anna has not read."""
    room = make_room(anna, ben)
    for _ in range(5):
        say(ben, room)
    return room


def read_seq(user: User, room: Room) -> int:
    return Membership.objects.get(user=user, room=room).read_seq


def test_a_mark_moves_forward(anna: User, room: Room) -> None:
    assert mark_read(Mark(anna, room.pk, 3)) == {"read_seq": 3, "unread": 2, "mentions": 0}
    assert mark_read(Mark(anna, room.pk, 5)) == {"read_seq": 5, "unread": 0, "mentions": 0}
    assert read_seq(anna, room) == 5


def test_a_mark_never_moves_back(anna: User, room: Room) -> None:
    mark_read(Mark(anna, room.pk, 4))
    assert mark_read(Mark(anna, room.pk, 2)) == {"read_seq": 4, "unread": 1, "mentions": 0}
    assert read_seq(anna, room) == 4


def test_a_mark_never_moves_past_the_last_number(anna: User, room: Room) -> None:
    assert mark_read(Mark(anna, room.pk, 2**53 - 1))["read_seq"] == 5
    assert read_seq(anna, room) == 5


def test_ones_own_posts_and_deleted_ones_are_not_unread(anna: User, ben: User, room: Room) -> None:
    say(anna, room)
    gone = say(ben, room)
    assert mark_read(Mark(anna, room.pk, 5))["unread"] == 1
    delete_message(ben, room.pk, gone.pk)
    assert mark_read(Mark(anna, room.pk, 5))["unread"] == 0
    assert mark_read(Mark(ben, room.pk, 0))["unread"] == 1


def test_only_a_member_marks(room: Room) -> None:
    for room_id in (room.pk, 9_999):
        with pytest.raises(NotFound):
            mark_read(Mark(make_person(f"stranger{room_id}"), room_id, 1))


def test_one_persons_mark_is_nobody_elses(anna: User, ben: User, room: Room) -> None:
    mark_read(Mark(anna, room.pk, 5))
    assert read_seq(ben, room) == 0


def test_a_mark_costs_few_queries(
    anna: User, room: Room, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(6):
        mark_read(Mark(anna, room.pk, 3))
    with django_assert_num_queries(4):
        mark_read(Mark(anna, room.pk, 3))
