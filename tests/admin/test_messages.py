"""A moderator finds messages and empties them."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from chat import fanout
from chat.actions.rooms import archive_room
from chat.models import Message, User
from tests.admin.desk import change_page, changelist, run_action
from tests.scene import make_person, make_room, say

pytestmark = pytest.mark.django_db


def test_a_rooms_messages_are_searched(desk: Client, ada: User) -> None:
    kitchen, garden = make_room(ada, name="Kitchen"), make_room(ada, name="Garden")
    say(ada, kitchen, "apples are here")
    say(ada, kitchen, "pears are here")
    say(ada, garden, "apples elsewhere")
    rooms = desk.get(reverse("admin:chat_room_changelist")).content.decode()
    link = f"{changelist(Message)}?room__id__exact={kitchen.pk}"
    assert link in rooms
    page = desk.get(link + "&q=apples").content.decode()
    assert "apples are here" in page
    assert "pears" not in page
    assert "elsewhere" not in page


def test_emptied_messages_keep_their_places_and_are_announced(
    desk: Client,
    ada: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    room = make_room(ada)
    spam, fine = say(ada, room, "spam"), say(ada, room, "fine")
    announced: list[fanout.Change] = []
    monkeypatch.setattr(fanout, "publish", announced.extend)
    with django_capture_on_commit_callbacks(execute=True):
        run_action(desk, "empty", spam)
    spam.refresh_from_db()
    fine.refresh_from_db()
    assert (spam.deleted, spam.body, spam.html, spam.seq, spam.changed_seq) == (True, "", "", 1, 3)
    assert (fine.deleted, fine.body) == (False, "fine")
    assert [(change.room, change.seq) for change in announced] == [(room.pk, 3)]
    assert LogEntry.objects.get().get_change_message() == "Emptied"


def test_emptying_twice_takes_no_number(desk: Client, ada: User) -> None:
    room = make_room(ada)
    spam = say(ada, room)
    for _ in range(2):
        run_action(desk, "empty", spam)
    room.refresh_from_db()
    assert room.last_seq == 2


def test_messages_of_archived_rooms_are_emptied_too(desk: Client, ada: User) -> None:
    room = make_room(ada)
    spam = say(ada, room)
    archive_room(ada, room)
    run_action(desk, "empty", spam)
    spam.refresh_from_db()
    assert spam.deleted


def test_who_may_only_look_empties_nothing(ada: User) -> None:
    spam = say(ada, make_room(ada))
    onlooker = make_person("onlooker", is_staff=True)
    onlooker.user_permissions.add(Permission.objects.get(codename="view_message"))
    client = Client()
    client.force_login(onlooker)
    assert client.get(changelist(Message)).status_code == 200
    run_action(client, "empty", spam)
    spam.refresh_from_db()
    assert not spam.deleted


def test_nobody_rewrites_what_somebody_said(desk: Client, ada: User) -> None:
    message = say(ada, make_room(ada), "what I said")
    assert desk.get(change_page(message)).status_code == 200
    assert desk.post(change_page(message), {"body": "what I did not say"}).status_code == 403
    message.refresh_from_db()
    assert message.body == "what I said"


def test_a_list_of_any_length_costs_the_same_queries(
    desk: Client, ada: User, bob: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rooms = [make_room(ada, bob, name=f"Room {number}") for number in range(5)]
    for room in rooms:
        for person in (ada, bob):
            say(person, room)
    with django_assert_max_num_queries(7):
        assert desk.get(changelist(Message)).status_code == 200
