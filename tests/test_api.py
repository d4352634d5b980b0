"""What is read over HTTP."""

import json
from typing import Any

import pytest
from django.test import Client

from chat import history
from chat.actions import rooms
from chat.models import Membership, Room, User
from tests.scene import block, make_person, make_room, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> User:
    return make_person("anna", name="Anna A.")


@pytest.fixture
def room(anna: User) -> Room:
    room = make_room(anna)
    for number in range(1, 13):
        say(anna, room, f"number {number}")
    return room


@pytest.fixture
def client(client: Client, anna: User) -> Client:
    """Anna, signed in."""
    client.force_login(anna)
    return client


def address(room: Room | int, what: str = "messages") -> str:
    return f"/api/rooms/{room if isinstance(room, int) else room.pk}/{what}"


def read(client: Client, path: str, **query: Any) -> Any:
    response = client.get(path, query)
    assert response.status_code == 200, response.content
    return response.json()


def test_the_newest_page_comes_without_a_cursor(client: Client, room: Room) -> None:
    page = read(client, address(room), limit=5)
    assert set(page) == {"messages", "more_before", "more_after", "last_seq", "epoch"}
    assert [message["seq"] for message in page["messages"]] == [8, 9, 10, 11, 12]
    assert (page["more_before"], page["more_after"], page["last_seq"]) == (True, False, 12)
    assert page["epoch"] == history.epoch()


def test_a_message_is_the_same_over_http_as_on_the_wire(client: Client, room: Room) -> None:
    found = history.sync(room, 0, 500)
    assert found is not None
    over_http = read(client, address(room))["messages"]
    assert over_http == [json.loads(message) for message in found.messages]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"before": 4}, [1, 2, 3]),
        ({"after": 9}, [10, 11, 12]),
        ({"around": 6, "limit": 4}, [4, 5, 6, 7]),
        ({"before": 2**53 - 1, "limit": 1}, [12]),
        ({"after": 0, "limit": 100}, list(range(1, 13))),
    ],
    ids=str,
)
def test_a_cursor_tells_where_the_page_lies(
    client: Client, room: Room, query: dict[str, int], expected: list[int]
) -> None:
    found = read(client, address(room), **query)["messages"]
    assert [message["seq"] for message in found] == expected


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 101},
        {"limit": -1},
        {"limit": "many"},
        {"before": -1},
        {"before": "x"},
        {"after": 2**53},
        {"around": 10**40},
        {"after": "1.5"},
        {"after": "NaN"},
    ],
    ids=str,
)
def test_a_query_out_of_bounds_is_refused(
    client: Client, room: Room, query: dict[str, int | str]
) -> None:
    assert client.get(address(room), query).status_code == 422


@pytest.mark.parametrize("what", ["messages", "members"])
def test_a_foreign_room_looks_like_none_at_all(client: Client, room: Room, what: str) -> None:
    foreign = make_room(make_person("ben"), name="Secret")
    read(client, address(room, what))
    answers = [
        client.get(address(room_id, what)) for room_id in (foreign.pk, 99_999, 2**63, 10**30)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize("what", ["messages", "members"])
def test_only_who_is_signed_in_and_not_blocked_reads(
    client: Client, anna: User, room: Room, what: str
) -> None:
    assert Client().get(address(room, what)).status_code == 401
    read(client, address(room, what))
    make_person("root", is_staff=True, is_superuser=True)
    block(anna)
    assert client.get(address(room, what)).status_code == 401


@pytest.mark.parametrize("what", ["messages", "members"])
def test_who_left_reads_no_more(client: Client, anna: User, room: Room, what: str) -> None:
    rooms.leave_room(anna, room)
    assert client.get(address(room, what)).status_code == 404


def test_an_archived_room_is_read(client: Client, anna: User, room: Room) -> None:
    rooms.archive_room(anna, room)
    assert read(client, address(room))["last_seq"] == 12


def test_members_come_by_id_a_hundred_at_a_time(client: Client, anna: User, room: Room) -> None:
    crowd = User.objects.bulk_create(User(username=f"u{number:03}") for number in range(150))
    Membership.objects.bulk_create(Membership(room=room, user=user) for user in crowd)
    first = read(client, address(room, "members"))
    assert first[0] == {"id": anna.pk, "username": "anna", "name": "Anna A."}
    assert first[1] == {"id": crowd[0].pk, "username": "u000", "name": "u000"}
    assert len(first) == 100
    second = read(client, address(room, "members"), after=first[-1]["id"])
    assert [person["id"] for person in first + second] == [anna.pk, *(user.pk for user in crowd)]
    assert read(client, address(room, "members"), after=2**63) == []


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written_over_it(client: Client, room: Room, method: str) -> None:
    assert getattr(client, method)(address(room)).status_code == 405


def test_it_shows_no_list_of_what_it_can_do(client: Client) -> None:
    for path in ("/api/docs", "/api/openapi.json", "/api/"):
        assert client.get(path).status_code == 404
