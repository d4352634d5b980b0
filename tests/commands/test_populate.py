"""People and talk in numbers."""

from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from chat.actions.rooms import rename_room
from chat.models import Membership, Message, Room, User
from tests.scene import make_room, make_superuser, say

pytestmark = pytest.mark.django_db


def populate(**options: object) -> None:
    defaults = {"users": 3, "rooms": 2, "messages": 5, "password": "sesame"}
    call_command("populate", stdout=StringIO(), **(defaults | options))


def test_it_makes_people_rooms_and_talk() -> None:
    populate()
    assert set(User.objects.values_list("username", flat=True)) == {"user1", "user2", "user3"}
    assert set(Room.objects.values_list("slug", flat=True)) == {"room-1", "room-2"}
    assert Membership.objects.count() == 6
    for room in Room.objects.all():
        assert list(room.messages.order_by("seq").values_list("seq", "changed_seq")) == [
            (number, number) for number in range(1, 6)
        ]
        assert room.last_seq == 5


def test_its_people_sign_in_at_once() -> None:
    populate()
    for username in ("user1", "user3"):
        client = Client()
        client.post(reverse("account_login"), {"login": username, "password": "sesame"})
        assert "_auth_user_id" in client.session


def test_its_people_have_no_powers() -> None:
    populate()
    assert not User.objects.filter(is_staff=True).exists()
    assert not User.objects.filter(is_superuser=True).exists()


def test_again_it_changes_nothing() -> None:
    populate()
    before = (
        list(Message.objects.values()),
        list(User.objects.values()),
        list(Room.objects.values()),
    )
    populate(password="another")
    assert before == (
        list(Message.objects.values()),
        list(User.objects.values()),
        list(Room.objects.values()),
    )
    assert Membership.objects.count() == 6


def test_again_with_more_it_adds_what_is_missing() -> None:
    populate()
    populate(users=4, rooms=3, messages=7)
    assert User.objects.count() == 4
    assert Membership.objects.count() == 12
    assert [room.messages.count() for room in Room.objects.all()] == [7, 7, 7]


def test_what_people_said_before_counts_and_stays_in_order() -> None:
    person = make_superuser()
    room = make_room(person, name="room 1")
    say(person, room, "first")
    populate(rooms=1)
    messages = list(room.messages.order_by("seq"))
    assert [message.seq for message in messages] == [1, 2, 3, 4, 5]
    assert messages[0].body == "first"
    assert all(one.created_at <= next_.created_at for one, next_ in pairwise(messages))


def test_a_room_renamed_meanwhile_is_the_same_room() -> None:
    populate(rooms=1)
    rename_room(make_superuser(), Room.objects.get(), "Elsewhere")
    populate(rooms=1)
    assert Room.objects.get().slug == "elsewhere"


def test_what_was_said_before_they_came_is_read() -> None:
    populate()
    assert set(Membership.objects.values_list("read_seq", flat=True)) == {5}


def test_what_they_say_is_rendered_and_varied() -> None:
    populate(users=2, rooms=1, messages=400)
    assert Message.objects.values("body").distinct().count() > 100
    assert not Message.objects.filter(html="").exists()
    assert Message.objects.filter(html__contains="<table>").exists()
    assert Message.objects.filter(html__contains="language-").exists()


@pytest.mark.parametrize(
    "options", [{"users": -1}, {"rooms": -1}, {"messages": -1}, {"password": ""}, {"users": 0}]
)
def test_what_cannot_be_is_refused_before_anything_is_made(options: dict[str, object]) -> None:
    with pytest.raises(CommandError):
        populate(**options)
    assert not User.objects.exists()
    assert not Room.objects.exists()
