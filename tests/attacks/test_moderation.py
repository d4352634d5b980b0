"""Moderating, reading and searching without anybody's knowing."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from chat.actions.messages import delete_message, moderate_message
from chat.errors import Forbidden
from chat.models import Message, Room, User
from tests.admin.desk import change_page, changelist, run_action
from tests.scene import make_person, make_room, make_superuser, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    make_superuser()
    return make_person("ada")


@pytest.fixture
def room(ada: User) -> Room:
    return make_room(ada)


@pytest.fixture
def message(ada: User, room: Room) -> Message:
    return say(ada, room, "the secret recipe")


def staff(username: str, room: Room, *codenames: str) -> User:
    person = make_person(username, is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    room.memberships.create(user=person)
    return person


def desk_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def notes(person: User) -> list[tuple[str, str]]:
    listed = LogEntry.objects.filter(user=person).order_by("pk")
    return [(entry.object_id or "", entry.get_change_message()) for entry in listed]


@pytest.mark.parametrize("codename", ["change_message", "delete_message", "view_message"])
def test_no_other_permission_empties_others_words(
    room: Room, message: Message, codename: str
) -> None:
    eve = staff("eve", room, codename)
    with pytest.raises(Forbidden):
        delete_message(eve, room.pk, message.pk)
    with pytest.raises(Forbidden):
        moderate_message(eve, message)
    run_action(desk_of(eve), "empty", message)
    message.refresh_from_db()
    assert message.body


@pytest.mark.parametrize("door", ["chat", "admin"])
def test_who_empties_others_words_leaves_a_note_at_either_door(
    room: Room, message: Message, door: str
) -> None:
    moderator = staff("mod", room, "moderate")
    if door == "chat":
        delete_message(moderator, room.pk, message.pk)
    else:
        run_action(desk_of(moderator), "empty", message)
    message.refresh_from_db()
    assert message.deleted
    assert notes(moderator) == [(str(message.pk), "Emptied")]


def test_ones_own_words_are_ones_own_affair(ada: User, room: Room, message: Message) -> None:
    delete_message(ada, room.pk, message.pk)
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("codename", ["view_message", "change_message", "moderate"])
def test_who_reads_a_message_in_the_admin_leaves_a_note(
    room: Room, message: Message, codename: str
) -> None:
    reader = staff("reader", room, codename)
    page = desk_of(reader).get(change_page(message))
    assert b"the secret recipe" in page.content
    assert notes(reader) == [(str(message.pk), "Looked at, in Kitchen")]


def test_the_list_shows_words_to_those_alone_who_search_and_are_noted(
    room: Room, message: Message
) -> None:
    assert not message.deleted
    reader = staff("reader", room, "view_message")
    desk, path = desk_of(reader), changelist(Message)
    for query in ("", "?q=", "?q=%20", f"?room__id__exact={room.pk}", "?o=1", "?deleted__exact=0"):
        page = desk.get(path + query)
        assert page.status_code == 200
        assert b"recipe" not in page.content, query
    assert not notes(reader)
    for query in ("?q=recipe", f"?q=recipe&room__id__exact={room.pk}"):
        assert b"the secret recipe" in desk.get(path + query).content
    form = {"action": "empty"}  # of none: the list is drawn again
    assert b"the secret recipe" in desk.post(path + "?q=secret", form, follow=True).content
    assert [told for _id, told in notes(reader)][:2] == [
        "Searched for “recipe” in all rooms",
        "Searched for “recipe” in Kitchen",
    ]
    assert notes(reader)[-1] == ("", "Searched for “secret” in all rooms")


def test_who_may_not_look_is_not_noted_as_looking(room: Room, message: Message) -> None:
    eve = staff("eve", room, "view_room")
    desk = desk_of(eve)
    assert desk.get(changelist(Message) + "?q=recipe").status_code == 403
    assert desk.get(change_page(message)).status_code == 403
    assert not notes(eve)


def test_what_was_done_to_a_message_shows_none_of_its_words(room: Room, message: Message) -> None:
    reader = staff("reader", room, "view_message")
    desk = desk_of(reader)
    desk.get(change_page(message))
    page = desk.get(reverse("admin:chat_message_history", args=[message.pk]))
    assert b"Looked at" in page.content
    assert b"recipe" not in page.content


def test_no_other_page_searches_what_was_said(room: Room, message: Message) -> None:
    """The one behind a form's fields asks by the same words, and noted nothing."""
    reader = staff("reader", room, "view_message")
    asked = {"app_label": "chat", "model_name": "message", "field_name": "reply_to"}
    answers = [
        desk_of(reader).get(reverse("admin:autocomplete"), asked | {"term": word})
        for word in (message.body, "nothing like it")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_a_note_of_a_search_names_all_that_it_was_narrowed_to(ada: User, room: Room) -> None:
    reader = staff("reader", room, "view_message")
    garden = make_room(ada, name="Garden")
    rooms = f"room__id__exact={garden.pk}&room__id__exact=0{room.pk}"
    by = f"author__id__exact={ada.pk}&author__id__exact={reader.pk}"
    desk, path = desk_of(reader), changelist(Message)
    for query in (f"{rooms}&{by}", "room__id__exact=x", f"room__id__exact={'9' * 5000}"):
        desk.get(f"{path}?q=recipe&{query}")
    told = [told for _id, told in notes(reader)]
    assert told[0] == "Searched for “recipe” in Garden, Kitchen, by ada, reader"
    assert told[1] == "Searched for “recipe” in “x”"
    assert told[2].startswith("Searched for “recipe” in “999")


def test_nothing_is_searched_for_that_a_note_could_not_hold(room: Room, message: Message) -> None:
    reader = staff("reader", room, "view_message")
    for words in ("recipe" + " " * 200 + "secret", "recipe\0"):
        page = desk_of(reader).get(changelist(Message), {"q": words}, follow=True)
        assert page.redirect_chain
        assert message.body.encode() not in page.content
        assert b"at most 200 characters" in page.content
    assert not notes(reader)
