"""Pages, changes since a number, and what is unread."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from chat import history, markup, presentation, shaped
from chat.actions.messages import delete_message, edit_message, react
from chat.actions.rooms import archive_room
from chat.actions.site import change_epoch
from chat.models import Membership, Message, Room, User
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
    return make_room(anna, ben)


def fill(room: Room, author: User, count: int, body: str = "hello") -> list[Message]:
    """So many posts, written in one stroke."""
    first = history.head(room.pk) + 1
    rows = Message.objects.bulk_create(
        Message(
            room=room,
            author=author,
            seq=seq,
            changed_seq=seq,
            client_id=f"f{room.pk}-{seq}",
            body=body,
            html="",
            html_version=markup.VERSION,
        )
        for seq in range(first, first + count)
    )
    Room.objects.filter(pk=room.pk).update(last_seq=first + count - 1)
    return rows


def seqs(page: history.Page) -> list[int]:
    return [message.seq for message in page.messages]


def run(first: int, last: int) -> list[int]:
    return list(range(first, last + 1))


@pytest.mark.parametrize(
    ("cursor", "messages", "more_before", "more_after"),
    [
        ({}, run(11, 20), True, False),
        ({"before": 11}, run(1, 10), False, True),
        ({"before": 12}, run(2, 11), True, True),
        ({"before": 5}, run(1, 4), False, True),
        ({"before": 1}, [], False, True),
        ({"before": 0}, [], False, True),
        ({"before": 21}, run(11, 20), True, False),
        ({"before": 99}, run(11, 20), True, False),
        ({"after": 0}, run(1, 10), False, True),
        ({"after": 9}, run(10, 19), True, True),
        ({"after": 10}, run(11, 20), True, False),
        ({"after": 17}, run(18, 20), True, False),
        ({"after": 20}, [], True, False),
        ({"after": 99}, [], True, False),
        ({"around": 10}, run(5, 14), True, True),
        ({"around": 1}, run(1, 5), False, True),
        ({"around": 20}, run(15, 20), True, False),
        ({"around": 6}, run(1, 10), False, True),
        ({"around": 16}, run(11, 20), True, False),
        ({"around": 99}, run(16, 20), True, False),
    ],
    ids=str,
)
def test_a_page_lies_where_it_was_asked_for_and_tells_what_is_beside_it(
    anna: User,
    room: Room,
    cursor: dict[str, int],
    messages: list[int],
    more_before: bool,
    more_after: bool,
) -> None:
    fill(room, anna, 20)
    page = history.page(room, limit=10, **cursor)
    assert (seqs(page), page.more_before, page.more_after) == (messages, more_before, more_after)
    assert page.last_seq == 20


def test_pages_join_to_the_whole_log(anna: User, room: Room) -> None:
    fill(room, anna, 23)
    page = history.page(room, limit=5)
    found = seqs(page)
    while page.more_before:
        page = history.page(room, before=found[0], limit=5)
        found = seqs(page) + found
    assert found == run(1, 23)
    page = history.page(room, after=0, limit=5)
    found = seqs(page)
    while page.more_after:
        page = history.page(room, after=found[-1], limit=5)
        found += seqs(page)
    assert found == run(1, 23)


def test_a_page_of_one_around_a_message_shows_it(anna: User, room: Room) -> None:
    fill(room, anna, 3)
    page = history.page(room, around=2, limit=1)
    assert (seqs(page), page.more_before, page.more_after) == ([2], True, True)


def test_the_page_of_an_empty_room_is_empty(room: Room) -> None:
    data = history.page(room).data()
    assert data == {
        "messages": [],
        "more_before": False,
        "more_after": False,
        "last_seq": 0,
        "epoch": history.epoch(),
    }


def test_a_page_holds_the_deleted_and_nothing_of_another_room(
    anna: User, ben: User, room: Room
) -> None:
    say(ben, make_room(ben, name="Secret"), "secret")
    gone = say(anna, room)
    delete_message(anna, room.pk, gone.pk)
    (message,) = history.page(room).data()["messages"]
    assert (message["id"], message["deleted"], message["body"]) == (gone.pk, True, "")


def test_a_message_has_the_shape_of_the_contract(anna: User, ben: User, room: Room) -> None:
    question = say(anna, room, "why?")
    answer = say(ben, room, "because")
    Message.objects.filter(pk=answer.pk).update(reply_to=question)
    react(anna, room.pk, answer.pk, "👍", True)
    shown = history.page(room).data()["messages"][1]
    assert shown == {
        "id": answer.pk,
        "room": room.pk,
        "seq": 2,
        "changed_seq": 3,
        "client_id": answer.client_id,
        "kind": "post",
        "thread": None,
        "author": {"id": ben.pk, "username": "ben", "name": "ben"},
        "body": "because",
        "html": '<p dir="auto">because</p>\n',
        "created_at": shown["created_at"],
        "edited_at": None,
        "deleted": False,
        "reply_to": {"id": question.pk, "seq": 1},
        "mentions": {"users": [], "room": False},
        "reactions": [{"emoji": "👍", "count": 1, "users": [anna.pk]}],
        "attachments": [],
    }
    assert json.loads(presentation.message_json(Message.objects.shown().get(pk=answer.pk))) == shown


@pytest.mark.parametrize("count", [1, 60])
@pytest.mark.parametrize("cursor", [{}, {"before": 40}, {"after": 0}, {"around": 30}], ids=str)
def test_a_page_costs_as_many_queries_whatever_it_holds(
    anna: User,
    room: Room,
    count: int,
    cursor: dict[str, int],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    fill(room, anna, count)
    for message in Message.objects.all()[:5]:
        react(anna, room.pk, message.pk, "👍", True)
    # The head, the rows, their reactions, the epoch; and what lies on the other side.
    with django_assert_max_num_queries(6):
        history.page(room, **cursor).data()


def synced(room: Room, after: int, limit: int = 500) -> history.Synced:
    found = history.sync(room, after, limit)
    assert found is not None
    return found


def changed_seqs(messages: Sequence[str]) -> list[int]:
    return [json.loads(message)["changed_seq"] for message in messages]


def test_sync_brings_the_present_state_of_what_changed_in_the_order_of_the_changes(
    anna: User, room: Room
) -> None:
    first, second, _third = (say(anna, room) for _ in range(3))
    edit_message(anna, room.pk, first.pk, "edited")
    react(anna, room.pk, second.pk, "👍", True)
    react(anna, room.pk, first.pk, "👍", True)
    found = synced(room, 2)
    assert changed_seqs(found.messages) == [3, 5, 6]
    assert json.loads(found.messages[2])["body"] == "edited"
    assert (found.last_seq, found.more) == (6, False)
    assert changed_seqs(synced(room, 5).messages) == [6]
    assert synced(room, 6) == history.Synced([], 6, more=False, epoch=history.epoch())


def test_sync_shapes_a_message_once_and_again_when_it_or_a_name_or_the_epoch_is_another(
    anna: User, room: Room, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    message = say(anna, room, "before")
    first = synced(room, 0).messages
    # The epoch, the head, how far each has changed, and the names of who said it.
    with django_assert_num_queries(4):
        assert synced(room, 0).messages == first

    edit_message(anna, room.pk, message.pk, "after")
    assert json.loads(synced(room, 0).messages[0])["body"] == "after"
    User.objects.filter(pk=anna.pk).update(name="Anna Liddell")
    assert json.loads(synced(room, 0).messages[0])["author"]["name"] == "Anna Liddell"
    # What a back-up brings back may differ under the same number.
    Message.objects.filter(pk=message.pk).update(body="restored")
    change_epoch()
    assert json.loads(synced(room, 0).messages[0])["body"] == "restored"


def test_of_what_was_shaped_a_bounded_part_is_kept(
    anna: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shaped, "kept", shaped.Kept(10_000))
    fill(room, anna, 9, "x" * 1_000)
    say(anna, room, "x" * 6_000)  # its JSON holds it twice
    for _ in range(2):
        assert changed_seqs(synced(room, 0).messages) == run(1, 10)
        assert 0 < shaped.kept.size <= 10_000


def test_sync_brings_so_many_as_are_asked_for_and_tells_that_there_are_more(
    anna: User, room: Room
) -> None:
    fill(room, anna, 7)
    after, found = 0, []
    for expected_more in (True, True, False):
        part = synced(room, after, 3)
        assert (part.more, part.last_seq) == (expected_more, 7)
        found += changed_seqs(part.messages)
        after = found[-1]
    assert found == run(1, 7)
    assert not synced(room, 4, 3).more


def test_sync_brings_five_hundred_at_most(anna: User, room: Room) -> None:
    fill(room, anna, 501)
    found = synced(room, 0, 10_000)
    assert (len(found.messages), found.more) == (500, True)
    assert not synced(room, 1, 10_000).more


@pytest.mark.parametrize(("letter", "width"), [("x", 1), ("漢", 3)])
def test_sync_brings_256_kib_at_most_but_one_message_at_least(
    anna: User, room: Room, letter: str, width: int
) -> None:
    fill(room, anna, 10, letter * (60_000 // width))
    found = synced(room, 0)
    assert (len(found.messages), found.more) == (4, True)
    assert sum(len(message.encode()) for message in found.messages) <= history.MAX_SYNC_BYTES
    fill(room, anna, 2, letter * (300_000 // width))
    found = synced(room, 10)
    assert (len(found.messages), found.more) == (1, True)
    assert not synced(room, 11).more


def test_a_limit_of_nothing_brings_the_numbers_alone(anna: User, room: Room) -> None:
    fill(room, anna, 7)
    assert synced(room, 2, 0) == history.Synced([], 7, more=False, epoch=history.epoch())


def test_sync_is_answered_reset_past_the_last_number_and_far_behind_it(
    anna: User, room: Room
) -> None:
    fill(room, anna, 3)
    assert history.sync(room, 4, 500) is None
    assert history.sync(room, 4, 0) is None
    Room.objects.filter(pk=room.pk).update(last_seq=10_003)
    assert history.sync(room, 3, 500) is not None
    assert history.sync(room, 2, 500) is None
    assert history.sync(room, 2, 0) is not None


def test_what_a_process_missed_is_what_changed_last_between_two_numbers(
    anna: User, room: Room
) -> None:
    first, _second, third = (say(anna, room) for _ in range(3))
    edit_message(anna, room.pk, first.pk, "4")
    edit_message(anna, room.pk, third.pk, "5")
    edit_message(anna, room.pk, first.pk, "6")
    between = dict(history.changes_between(room.pk, 1, 5))
    assert sorted(between) == [2, 5]
    assert json.loads(between[5])["body"] == "5"


def info(user: User, room: Room) -> dict[str, Any]:
    (found,) = [info for info in history.rooms_of(user.pk) if info["id"] == room.pk]
    return found


def test_unread_are_others_posts_after_the_mark_that_are_not_deleted(
    anna: User, ben: User, room: Room
) -> None:
    posts = [say(ben, room) for _ in range(6)]
    say(anna, room)
    delete_message(ben, room.pk, posts[5].pk)
    edit_message(ben, room.pk, posts[0].pk, "edited")
    assert info(anna, room)["unread"] == 5
    Membership.objects.filter(user=anna).update(read_seq=2)
    assert info(anna, room) == {
        "id": room.pk,
        "slug": room.slug,
        "name": room.name,
        "kind": "open",
        "last_seq": 9,
        "read_seq": 2,
        "unread": 3,
        "mentions": 0,
    }
    assert info(ben, room)["unread"] == 1


def test_counting_the_unread_stops_at_a_thousand(anna: User, ben: User, room: Room) -> None:
    fill(room, ben, 1_003)
    assert info(anna, room)["unread"] == 1_000
    Membership.objects.filter(user=anna).update(read_seq=4)
    assert info(anna, room)["unread"] == 999


def test_who_is_far_behind_is_told_as_exactly(
    anna: User, ben: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.unread.NEARBY", 6)
    monkeypatch.setattr("chat.unread.MAX_UNREAD", 9)
    chance = Random(1)
    people = [anna, ben, make_person("carol"), make_person("dave")]
    for _ in range(80):
        fill(room, chance.choice(people), chance.randint(1, 6))
    gone = chance.sample(list(room.messages.values_list("pk", flat=True)), 100)
    Message.objects.filter(pk__in=gone).update(deleted=True, body="", html="")
    fill(make_room(anna, ben, name="Other"), make_person("erin"), 9)
    posts = list(room.messages.filter(deleted=False).values_list("seq", "author"))
    told = set()
    for user in (anna, ben):
        for read_seq in range(history.head(room.pk)):
            Membership.objects.filter(room=room, user=user).update(read_seq=read_seq)
            unread = sum(seq > read_seq and author != user.pk for seq, author in posts)
            assert info(user, room)["unread"] == min(unread, 9)
            told.add(min(unread, 9))
    assert told == set(range(10))


def test_a_long_monologue_is_passed_over(
    anna: User,
    ben: User,
    room: Room,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr("chat.unread.NEARBY", 10)
    say(ben, room)
    fill(room, anna, 50)
    say(ben, room)
    with django_assert_num_queries(2):
        assert info(anna, room)["unread"] == 2
    assert info(ben, room)["unread"] == 50


def test_a_persons_rooms_are_those_that_they_are_in_and_that_are_open(
    anna: User, ben: User, room: Room
) -> None:
    make_room(ben, name="Secret")
    closed = make_room(anna, name="Closed")
    archive_room(anna, closed)
    assert [found["id"] for found in history.rooms_of(anna.pk)] == [room.pk]
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert history.rooms_of(anna.pk) == []


@pytest.mark.parametrize("rooms", [1, 15])
def test_a_persons_rooms_cost_one_query_however_many(
    anna: User, ben: User, rooms: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rooms):
        say(ben, make_room(ben, anna, name=f"Room {number}"))
    with django_assert_num_queries(1):
        assert len(history.rooms_of(anna.pk)) == rooms


@pytest.mark.parametrize("count", [1, 100])
def test_sync_costs_as_many_queries_whatever_it_brings(
    anna: User, room: Room, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    fill(room, anna, count)
    # The same four, and what was not shaped before with its reactions.
    with django_assert_num_queries(6):
        synced(room, 0)
