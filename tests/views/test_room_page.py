"""A room's page: what is there at first paint, for whom, and at what cost."""

import json
import re
from typing import Any

import pytest
from django.http import HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from chat.actions.messages import delete_message, react
from chat.actions.rates import Rate
from chat.actions.reading import Mark, mark_read
from chat.actions.rooms import archive_room, rename_room
from chat.models import Message, Room, User
from tests.scene import make_person, make_room, say

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _any_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.actions.messages.posting.post_rate", Rate(0))


@pytest.fixture
def ada() -> User:
    return make_person("ada", name="Ada Lovelace")


@pytest.fixture
def grace() -> User:
    return make_person("grace")


@pytest.fixture
def room(ada: User, grace: User) -> Room:
    return make_room(ada, grace)


@pytest.fixture
def client_of_ada(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def text_of(response: HttpResponseBase) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()


def page_data(response: HttpResponseBase) -> dict[str, Any]:
    text = text_of(response)
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', text)
    assert found, text[:500]
    data: dict[str, Any] = json.loads(found[1])
    return data


def drawn_seqs(response: HttpResponseBase) -> list[int]:
    return [int(seq) for seq in re.findall(r'data-seq="(\d+)"', text_of(response))]


def test_the_newest_messages_stand_in_the_page_and_its_data(
    client_of_ada: Client, ada: User, grace: User, room: Room
) -> None:
    for number in range(60):
        say(grace, room, f"word {number}")
    mark_read(Mark(ada, room.pk, 55))
    response = client_of_ada.get(f"/rooms/{room.slug}/")
    assert drawn_seqs(response) == list(range(11, 61))
    data = page_data(response)
    assert [message["seq"] for message in data["page"]["messages"]] == list(range(11, 61))
    assert data["page"]["more_before"]
    assert data["info"]["unread"] == 5
    assert data["person"]["name"] == "Ada Lovelace"


def test_the_data_has_the_shape_of_the_rest_page(
    client_of_ada: Client, grace: User, room: Room
) -> None:
    say(grace, room, "**bold**")
    embedded = page_data(client_of_ada.get(f"/rooms/{room.slug}/"))["page"]
    assert embedded == client_of_ada.get(f"/api/rooms/{room.pk}/messages").json()


def test_a_permalink_shows_the_page_around_its_message(
    client_of_ada: Client, grace: User, room: Room
) -> None:
    for number in range(120):
        say(grace, room, f"word {number}")
    response = client_of_ada.get(f"/rooms/{room.slug}/at/40/")
    data = page_data(response)
    assert 40 in drawn_seqs(response)
    assert 120 not in drawn_seqs(response)
    assert data["page"]["more_after"]
    assert data["at"] == 40
    assert response.content.decode().count("is-marked") == 1


def test_what_people_write_cannot_break_out_of_the_page(
    client_of_ada: Client, grace: User, room: Room
) -> None:
    say(grace, room, "</script><script>alert(1)</script><img src=x onerror=alert(2)>")
    response = client_of_ada.get(f"/rooms/{room.slug}/")
    assert b"<script>alert" not in response.content
    assert b"<img src=x" not in response.content
    assert "alert(1)" in page_data(response)["page"]["messages"][0]["body"]


def test_a_deleted_message_is_empty_in_the_page(
    client_of_ada: Client, grace: User, room: Room
) -> None:
    message = say(grace, room, "a secret")
    delete_message(grace, room.pk, message.pk)
    content = client_of_ada.get(f"/rooms/{room.slug}/").content.decode()
    assert "a secret" not in content
    assert "This message was deleted." in content


def test_a_reply_quotes_what_it_answers(client_of_ada: Client, ada: User, room: Room) -> None:
    question = say(ada, room, "how *are* you?")
    Message.objects.filter(pk=say(ada, room, "fine").pk).update(reply_to=question)
    content = client_of_ada.get(f"/rooms/{room.slug}/").content.decode()
    assert re.search(r'data-slot="quote-text">\s*how are you\?', content)


def test_words_of_one_author_are_gathered_but_not_under_another_name(
    client_of_ada: Client, ada: User, grace: User, room: Room
) -> None:
    for author in (grace, grace, ada, grace):
        say(author, room)
    mark_read(Mark(ada, room.pk, 4))
    content = client_of_ada.get(f"/rooms/{room.slug}/").content.decode()
    rows = re.findall(r'<article class="([^"]*)"', content)
    assert ["is-gathered" in row for row in rows[:4]] == [False, True, False, False]


def test_the_line_stands_above_the_first_unread_message_of_others(
    client_of_ada: Client, ada: User, grace: User, room: Room
) -> None:
    say(grace, room, "old")
    mark_read(Mark(ada, room.pk, 1))
    say(ada, room, "my own")
    say(grace, room, "news")
    content = client_of_ada.get(f"/rooms/{room.slug}/").content.decode()
    before, _, after = content.partition('<div class="new-line"')
    assert "my own" in before
    assert 'data-seq="3"' in after
    assert 'data-seq="3"' not in before


def test_who_has_not_read_for_long_begins_at_the_first_that_is_new(
    client_of_ada: Client, ada: User, grace: User, room: Room
) -> None:
    for _ in range(130):
        say(grace, room)
    mark_read(Mark(ada, room.pk, 40))
    response = client_of_ada.get(f"/rooms/{room.slug}/")
    assert drawn_seqs(response) == list(range(16, 66))
    assert page_data(response)["page"]["more_after"]
    _, _, after = log_of(response).partition('<div class="new-line"')
    assert re.findall(r'data-seq="(\d+)"', after)[0] == "41"


def test_no_line_stands_where_what_is_new_begins_above_the_page(
    client_of_ada: Client, grace: User, room: Room
) -> None:
    for _ in range(60):
        say(grace, room)
    assert "new-line" not in log_of(client_of_ada.get(f"/rooms/{room.slug}/at/55/"))


def log_of(response: HttpResponseBase) -> str:
    content = text_of(response)
    return content[content.index('role="log"') : content.index("<template")]


def test_who_is_not_a_member_sees_the_way_in_and_no_word_of_the_room(
    client: Client, ada: User, room: Room
) -> None:
    say(ada, room, "among us")
    client.force_login(make_person("eve"))
    for path in (f"/rooms/{room.slug}/", f"/rooms/{room.slug}/at/1/"):
        response = client.get(path)
        assert reverse("room-join", args=[room.slug]) in response.content.decode()
        assert b"among us" not in response.content


def test_an_archived_room_is_shown_to_members_read_only_and_to_others_not_at_all(
    client_of_ada: Client, ada: User, room: Room
) -> None:
    say(ada, room, "goodbye")
    archive_room(ada, room)
    response = client_of_ada.get(f"/rooms/{room.slug}/")
    assert b"goodbye" in response.content
    assert b'id="composer"' not in response.content
    client_of_ada.force_login(make_person("eve"))
    assert client_of_ada.get(f"/rooms/{room.slug}/").status_code == 404


def test_an_old_address_leads_to_the_new_one_with_its_message(
    client_of_ada: Client, ada: User, room: Room
) -> None:
    rename_room(ada, room, "Salon")
    assert client_of_ada.get("/rooms/kitchen/").headers["Location"] == "/rooms/salon/"
    assert client_of_ada.get("/rooms/kitchen/at/7/").headers["Location"] == "/rooms/salon/at/7/"


def test_an_unknown_address_is_not_found(client_of_ada: Client) -> None:
    assert client_of_ada.get("/rooms/nowhere/").status_code == 404


def test_who_is_signed_out_is_led_to_sign_in_and_back(client: Client, room: Room) -> None:
    response = client.get(f"/rooms/{room.slug}/")
    assert response.headers["Location"] == f"/accounts/login/?next=/rooms/{room.slug}/"


def test_a_visit_is_remembered(client_of_ada: Client, ada: User, room: Room) -> None:
    client_of_ada.get(f"/rooms/{room.slug}/")
    ada.refresh_from_db()
    assert ada.last_room == room


def test_the_page_costs_the_same_queries_however_much_is_in_it(
    client_of_ada: Client,
    ada: User,
    grace: User,
    room: Room,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(5):
        make_room(grace, ada, name=f"Room {number}")
    for _ in range(30):
        message = say(grace, room)
        react(ada, room.pk, message.pk, "👍", on=True)
    client_of_ada.get(f"/rooms/{room.slug}/")
    # Session, person, membership, rooms; then the head, messages, reactions and the epoch.
    with django_assert_num_queries(8):
        client_of_ada.get(f"/rooms/{room.slug}/")


def test_the_head_of_the_page_lets_no_module_go_stale(client_of_ada: Client, room: Room) -> None:
    response = client_of_ada.get(f"/rooms/{room.slug}/")
    content = response.content.decode()
    found = re.search(r'<script type="importmap" nonce="([^"]+)">(.*?)</script>', content)
    assert found
    imports = json.loads(found[2])["imports"]
    assert "/static/chat/js/timeline.js" in imports
    assert f"'nonce-{found[1]}'" in response.headers["Content-Security-Policy"]
