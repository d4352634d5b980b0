"""Posting, editing, deleting and reacting: who may, what takes a number, and who is told."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from chat import fanout, presentation
from chat.actions import people, rates, rooms
from chat.actions.messages import (
    NewPost,
    Outcome,
    Stored,
    changing,
    delete_message,
    edit_message,
    moderate_message,
    post_messages,
    posting,
    react,
)
from chat.actions.rates import Rate, costs_of
from chat.errors import ChatError, Conflict, Forbidden, Invalid, NotFound, RateLimited
from chat.models import Message, Reaction, Room, User
from tests.scene import block, make_person, make_room, make_superuser, say

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


@pytest.fixture(autouse=True)
def rate(monkeypatch: pytest.MonkeyPatch) -> Rate:
    """Nobody has spoken yet, and no time passes."""
    rate = Rate(5)
    monkeypatch.setattr(rates, "monotonic", lambda: 1_000.0)
    monkeypatch.setattr(posting, "post_rate", rate)
    return rate


def post(
    user: User, room: Room, body: str = "hello", client_id: str = "k1", **fields: Any
) -> NewPost:
    return NewPost(user=user, room_id=room.pk, client_id=client_id, body=body, **fields)


def one(outcomes: list[Outcome]) -> Outcome:
    (outcome,) = outcomes
    return outcome


def stored(outcome: Outcome) -> Stored:
    assert isinstance(outcome, Stored), outcome
    return outcome


def refused(outcome: Outcome) -> ChatError:
    assert isinstance(outcome, ChatError), outcome
    return outcome


def head(room: Room) -> int:
    room.refresh_from_db()
    return room.last_seq


def test_a_post_takes_the_rooms_next_number(anna: User, ben: User, room: Room) -> None:
    first = stored(one(post_messages([post(anna, room, "*hello*")])))
    second = stored(one(post_messages([post(ben, room)])))
    assert (first.message.seq, first.message.changed_seq) == (1, 1)
    assert (second.message.seq, second.message.changed_seq) == (2, 2)
    assert head(room) == 2
    assert first.new
    kept = Message.objects.shown().get(pk=first.message.pk)
    assert kept.html == '<p dir="auto"><em>hello</em></p>\n'
    assert first.text == presentation.message_json(kept)


def test_a_batch_is_numbered_in_the_order_in_which_it_was_asked_for(
    anna: User, ben: User, room: Room
) -> None:
    other = make_room(ben, anna, name="Garden")
    batch = [
        post(anna, room, "1", "a1"),
        post(ben, other, "1", "b1"),
        post(ben, room, "2", "b2"),
        post(anna, room, "3", "a2"),
        post(anna, other, "2", "a3"),
    ]
    outcomes = [stored(outcome).message for outcome in post_messages(batch)]
    assert [(row.room_id, row.seq, row.body) for row in outcomes] == [
        (room.pk, 1, "1"),
        (other.pk, 1, "1"),
        (room.pk, 2, "2"),
        (room.pk, 3, "3"),
        (other.pk, 2, "2"),
    ]
    for row in outcomes:
        assert Message.objects.get(pk=row.pk).body == row.body
        assert Message.objects.get(room=row.room_id, seq=row.seq).pk == row.pk


def test_each_post_of_a_batch_has_its_own_outcome_and_a_refused_one_takes_no_number(
    anna: User, ben: User, room: Room
) -> None:
    stranger = make_person("stranger")
    outcomes = post_messages(
        [
            post(anna, room, "one", "a1"),
            post(stranger, room, "hm", "s1"),
            post(anna, room, "  ", "a2"),
            post(ben, room, "two", "b1"),
        ]
    )
    assert [type(outcome) for outcome in outcomes] == [Stored, NotFound, Invalid, Stored]
    assert stored(outcomes[3]).message.seq == 2
    assert head(room) == 2


def test_nothing_at_all_is_posted() -> None:
    assert post_messages([]) == []


def test_the_same_post_again_is_answered_with_the_stored_one(anna: User, room: Room) -> None:
    first = stored(one(post_messages([post(anna, room, "first")])))
    say(anna, room, "between")
    again = stored(one(post_messages([post(anna, room, "another body")])))
    assert not again.new
    assert again.message.pk == first.message.pk
    assert json.loads(again.text) == json.loads(first.text)
    assert head(room) == 2
    assert Message.objects.count() == 2


def test_a_repeat_shows_the_message_as_it_is_now(anna: User, ben: User, room: Room) -> None:
    first = stored(one(post_messages([post(anna, room)]))).message
    react(ben, room.pk, first.pk, "👍", True)
    again = json.loads(stored(one(post_messages([post(anna, room)]))).text)
    assert again["changed_seq"] == 2
    assert again["reactions"] == [{"emoji": "👍", "count": 1, "users": [ben.pk]}]
    delete_message(anna, room.pk, first.pk)
    gone = json.loads(stored(one(post_messages([post(anna, room)]))).text)
    assert (gone["deleted"], gone["body"], gone["html"], gone["reactions"]) == (True, "", "", [])
    assert head(room) == 3


def test_an_author_is_shown_under_the_name_of_now(anna: User, room: Room) -> None:
    connected = User.objects.get(pk=anna.pk)
    people.rename_person(anna, "Anna B.")
    [stored] = post_messages([post(connected, room)])
    assert isinstance(stored, Stored)
    assert json.loads(stored.text)["author"]["name"] == "Anna B."


def test_two_people_may_choose_the_same_client_id(anna: User, ben: User, room: Room) -> None:
    outcomes = post_messages([post(anna, room, "a"), post(ben, room, "b")])
    assert [stored(outcome).new for outcome in outcomes] == [True, True]


def test_the_same_client_id_in_another_room_is_invalid(anna: User, room: Room) -> None:
    other = make_room(anna, name="Garden")
    post_messages([post(anna, room)])
    error = refused(one(post_messages([post(anna, other)])))
    assert isinstance(error, Invalid)
    assert list(error.extra["errors"]) == ["client_id"]  # type: ignore[call-overload]
    assert head(other) == 0


def test_twins_in_one_batch_are_one_message(anna: User, room: Room) -> None:
    first, second, third = map(
        stored,
        post_messages([post(anna, room, "a"), post(anna, room, "b"), post(anna, room, "  ")]),
    )
    assert first.new
    assert not second.new
    assert not third.new
    assert first.message.pk == second.message.pk == third.message.pk
    assert first.text == second.text == third.text
    assert head(room) == Message.objects.count() == 1


def test_a_twin_in_another_room_is_invalid(anna: User, room: Room) -> None:
    other = make_room(anna, name="Garden")
    first, second = post_messages([post(anna, room), post(anna, other)])
    stored(first)
    assert isinstance(second, Invalid)
    assert head(other) == 0


def test_when_the_first_of_twins_is_refused_the_second_has_its_chance(
    anna: User, room: Room
) -> None:
    first, second = post_messages([post(anna, room, " "), post(anna, room, "better")])
    assert isinstance(first, Invalid)
    assert stored(second).message.body == "better"
    first, second = post_messages(
        [post(anna, room, "x", "k2", reply_to=9_999), post(anna, room, " ", "k2")]
    )
    assert isinstance(first, Invalid)
    assert isinstance(second, Invalid)
    assert head(room) == 1


def test_who_is_too_fast_hears_so_and_takes_no_number(anna: User, ben: User, room: Room) -> None:
    outcomes = post_messages([post(anna, room, client_id=f"a{n}") for n in range(40)])
    assert [type(outcome) for outcome in outcomes[:31]] == [Stored] * 30 + [RateLimited]
    assert float(str(refused(outcomes[39]).extra["retry_after"])) > 0
    assert head(room) == 30
    assert isinstance(one(post_messages([post(ben, room)])), Stored)


def test_a_retry_burns_nothing_and_is_answered_even_to_who_is_too_fast(
    anna: User, room: Room
) -> None:
    for _ in range(50):
        stored(one(post_messages([post(anna, room)])))
    stored(one(post_messages([post(anna, room, client_id=f"b{n}") for n in range(29)])[-1:]))
    assert isinstance(one(post_messages([post(anna, room, client_id="late")])), RateLimited)
    assert not stored(one(post_messages([post(anna, room)]))).new


def test_a_twin_burns_nothing(anna: User, room: Room) -> None:
    twins = [post(anna, room) for _ in range(40)]
    rest = [post(anna, room, client_id=f"b{n}") for n in range(29)]
    assert all(isinstance(outcome, Stored) for outcome in post_messages(twins + rest))


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"room_id": 9_999, "body": ""}, NotFound),
        ({"user": "stranger", "body": "", "client_id": "old"}, NotFound),
        ({"body": "", "client_id": "old"}, Stored),
        ({"body": ""}, RateLimited),
    ],
    ids=["access before repeat", "access before all", "repeat before rate", "rate before content"],
)
def test_access_is_checked_before_repeats_before_the_rate_before_the_content(
    anna: User, room: Room, wrong: dict[str, Any], refusal: type
) -> None:
    stranger = make_person("stranger")
    post_messages([post(anna, room, client_id="old"), post(anna, room, client_id="archived")])
    for user in (anna, stranger):
        posting.post_rate.take_all([costs_of(user.pk)] * 30)
    if "user" in wrong:
        wrong = wrong | {"user": stranger}
    assert isinstance(
        one(post_messages([replace(post(anna, room, client_id="new"), **wrong)])), refusal
    )


@pytest.mark.parametrize("body", ["", " ", "\n\t ", "\u00a0\u2003", "nul \0 here"], ids=ascii)
def test_a_body_that_says_nothing_or_cannot_be_stored_is_invalid(
    anna: User, room: Room, body: str
) -> None:
    error = refused(one(post_messages([post(anna, room, body)])))
    assert isinstance(error, Invalid)
    assert list(error.extra["errors"]) == ["body"]  # type: ignore[call-overload]
    message = say(anna, room)
    with pytest.raises(Invalid):
        edit_message(anna, room.pk, message.pk, body)


def test_a_body_has_a_most_that_the_settings_tell(
    anna: User, room: Room, settings: Settings
) -> None:
    settings.CHAT_MAX_BODY = 12
    fits, too_long = post_messages([post(anna, room, "漢" * 12), post(anna, room, "x" * 13, "k2")])
    assert isinstance(fits, Stored)
    assert isinstance(too_long, Invalid)


@pytest.mark.parametrize(
    "body", ["漢字 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "<script>", "'; DROP TABLE chat_message; --", "%s %(x)s", "\u202e."]
)
def test_a_body_is_kept_as_it_was_typed(anna: User, room: Room, body: str) -> None:
    message = stored(one(post_messages([post(anna, room, body)]))).message
    assert Message.objects.get(pk=message.pk).body == body


def test_attachments_are_not_taken_yet(anna: User, room: Room) -> None:
    error = refused(one(post_messages([post(anna, room, attachments=[1])])))
    assert list(error.extra["errors"]) == ["attachments"]  # type: ignore[call-overload]


def test_a_reply_names_a_message_of_the_same_room(anna: User, ben: User, room: Room) -> None:
    question = say(anna, room)
    elsewhere = say(ben, make_room(ben, name="Secret"))
    answer, lost, spy = post_messages(
        [
            post(ben, room, client_id="r1", reply_to=question.pk),
            post(ben, room, client_id="r2", reply_to=999_999),
            post(ben, room, client_id="r3", reply_to=elsewhere.pk),
        ]
    )
    assert json.loads(stored(answer).text)["reply_to"] == {"id": question.pk, "seq": 1}
    assert list(refused(lost).extra["errors"]) == ["reply_to"]  # type: ignore[call-overload]
    assert list(refused(spy).extra["errors"]) == ["reply_to"]  # type: ignore[call-overload]
    assert head(room) == 2


def test_only_members_post_and_to_others_the_room_is_not_there(anna: User, room: Room) -> None:
    stranger = make_person("stranger")
    error = refused(one(post_messages([post(stranger, room)])))
    absent = refused(one(post_messages([replace(post(stranger, room), room_id=9_999)])))
    assert isinstance(error, NotFound)
    assert (type(error), error.detail, error.extra) == (type(absent), absent.detail, absent.extra)
    rooms.join_room(stranger, room)
    assert isinstance(one(post_messages([post(stranger, room)])), Stored)
    rooms.remove_member(anna, room, stranger)
    assert isinstance(one(post_messages([post(stranger, room, client_id="k2")])), NotFound)


def test_what_one_said_in_a_room_that_one_left_is_not_told_again(ben: User, room: Room) -> None:
    garden = make_room(ben, name="Garden")
    post_messages([post(ben, room)])
    rooms.leave_room(ben, room)
    assert isinstance(one(post_messages([post(ben, room)])), NotFound)
    gone, elsewhere = post_messages([post(ben, room), post(ben, garden)])
    assert isinstance(gone, NotFound)
    assert isinstance(elsewhere, Invalid)


def test_who_is_blocked_changes_nothing(ben: User, room: Room) -> None:
    message = say(ben, room)
    block(ben)
    assert isinstance(one(post_messages([post(ben, room)])), NotFound)
    for change in changes_of(ben, room, message):
        with pytest.raises(NotFound):
            change()


def changes_of(user: User, room: Room, message: Message) -> list[Any]:
    """Every change that this person may try on a message."""
    return [
        lambda: edit_message(user, room.pk, message.pk, "other"),
        lambda: delete_message(user, room.pk, message.pk),
        lambda: react(user, room.pk, message.pk, "👍", True),
        lambda: react(user, room.pk, message.pk, "👍", False),
    ]


def test_an_archived_room_is_not_written_to(anna: User, room: Room) -> None:
    message = say(anna, room)
    rooms.archive_room(anna, room)
    assert isinstance(one(post_messages([post(anna, room)])), Forbidden)
    for change in changes_of(anna, room, message):
        with pytest.raises(Forbidden):
            change()
    assert head(room) == 1


def test_to_strangers_no_message_is_there(anna: User, room: Room) -> None:
    message = say(anna, room)
    for change in changes_of(make_person("stranger"), room, message):
        with pytest.raises(NotFound):
            change()


def test_a_message_is_found_in_its_own_room_only(anna: User, room: Room) -> None:
    other = make_room(anna, name="Garden")
    message = say(anna, room)
    for change in changes_of(anna, other, message):
        with pytest.raises(NotFound):
            change()
    assert Message.objects.get(pk=message.pk).changed_seq == 1


def test_an_edit_takes_the_next_number_and_keeps_the_place(anna: User, room: Room) -> None:
    message = say(anna, room, "one")
    say(anna, room)
    edited = edit_message(anna, room.pk, message.pk, "**two**")
    shown = json.loads(edited.text)
    assert (shown["seq"], shown["changed_seq"], shown["body"]) == (1, 3, "**two**")
    assert shown["html"] == '<p dir="auto"><strong>two</strong></p>\n'
    assert shown["edited_at"] > shown["created_at"]
    assert shown["edited_at"].endswith("Z")
    assert edited.text == presentation.message_json(Message.objects.shown().get(pk=message.pk))
    assert head(room) == 3


def test_an_edit_does_not_write_over_what_its_author_has_not_seen(anna: User, room: Room) -> None:
    message = say(anna, room, "one")
    edit_message(anna, room.pk, message.pk, "two", was="one")
    with pytest.raises(Conflict):
        edit_message(anna, room.pk, message.pk, "three", was="one")
    assert (Message.objects.get(pk=message.pk).body, head(room)) == ("two", 2)
    # Its answer was lost, and it comes again.
    assert not edit_message(anna, room.pk, message.pk, "two", was="one").new


def test_only_its_author_edits_a_message(anna: User, ben: User, room: Room) -> None:
    message = say(anna, room)
    for other in (ben, make_superuser()):
        with pytest.raises((Forbidden, NotFound)):
            edit_message(other, room.pk, message.pk, "mine")
    with pytest.raises(Forbidden):
        edit_message(ben, room.pk, message.pk, "mine")


def test_a_deletion_empties_the_message_and_keeps_its_place(
    anna: User, ben: User, room: Room
) -> None:
    message = say(anna, room, "secret")
    react(ben, room.pk, message.pk, "👍", True)
    shown = json.loads(delete_message(anna, room.pk, message.pk).text)
    assert shown | {"seq": 1, "changed_seq": 3, "deleted": True, "body": "", "html": ""} == shown
    assert shown["reactions"] == shown["attachments"] == []
    assert shown["mentions"] == {"users": [], "room": False}
    assert not Reaction.objects.exists()
    assert "secret" not in str(Message.objects.values().get(pk=message.pk))


def test_its_author_and_who_moderates_delete_a_message(anna: User, ben: User, room: Room) -> None:
    message = say(anna, room)
    with pytest.raises(Forbidden):
        delete_message(ben, room.pk, message.pk)
    User.objects.filter(pk=ben.pk).update(is_staff=True)
    with pytest.raises(Forbidden):
        delete_message(ben, room.pk, message.pk)
    ben.user_permissions.add(Permission.objects.get(codename="change_message"))
    assert delete_message(ben, room.pk, message.pk).new


def test_who_moderates_no_more_deletes_no_more(anna: User, ben: User, room: Room) -> None:
    ben.user_permissions.add(Permission.objects.get(codename="change_message"))
    assert ben.has_perm("chat.change_message"), "and remembers it"
    ben.user_permissions.clear()
    with pytest.raises(Forbidden):
        delete_message(ben, room.pk, say(anna, room).pk)


def test_a_moderator_empties_messages_anywhere(anna: User, ben: User, room: Room) -> None:
    message = say(anna, room)
    rooms.archive_room(anna, room)
    with pytest.raises(Forbidden):
        moderate_message(ben, message)
    assert moderate_message(make_superuser(), message).message.deleted
    assert head(room) == 2


def test_what_was_deleted_is_gone_to_who_would_edit_it_or_react(anna: User, room: Room) -> None:
    message = say(anna, room)
    delete_message(anna, room.pk, message.pk)
    edit, _delete, on, off = changes_of(anna, room, message)
    for change in (edit, on, off):
        with pytest.raises(NotFound):
            change()
    assert head(room) == 2


def test_what_changes_nothing_takes_no_number(anna: User, ben: User, room: Room) -> None:
    message = say(anna, room, "same")
    react(ben, room.pk, message.pk, "👍", True)
    gone = say(anna, room)
    delete_message(anna, room.pk, gone.pk)
    assert head(room) == 4
    for nothing in (
        edit_message(anna, room.pk, message.pk, "same"),
        react(ben, room.pk, message.pk, "👍", True),
        react(anna, room.pk, message.pk, "👍", False),
        react(ben, room.pk, message.pk, "🎉", False),
        delete_message(anna, room.pk, gone.pk),
    ):
        assert not nothing.new
        present = Message.objects.shown().get(pk=nothing.message.pk)
        assert nothing.text == presentation.message_json(present)
    assert head(room) == 4
    assert Message.objects.get(pk=message.pk).edited_at is None


def test_reactions_are_grouped_counted_and_named(anna: User, ben: User, room: Room) -> None:
    message = say(anna, room)
    for user, emoji in ((ben, "🎉"), (anna, "👍"), (anna, "🎉")):
        last = react(user, room.pk, message.pk, emoji, True)
    assert json.loads(last.text)["reactions"] == [
        {"emoji": "🎉", "count": 2, "users": [ben.pk, anna.pk]},
        {"emoji": "👍", "count": 1, "users": [anna.pk]},
    ]
    last = react(ben, room.pk, message.pk, "🎉", False)
    assert json.loads(last.text)["reactions"] == [
        {"emoji": "👍", "count": 1, "users": [anna.pk]},
        {"emoji": "🎉", "count": 1, "users": [anna.pk]},
    ]
    assert head(room) == 5


def test_of_many_who_react_the_first_hundred_are_named(anna: User, room: Room) -> None:
    message = say(anna, room)
    crowd = User.objects.bulk_create(User(username=f"u{n}") for n in range(120))
    Reaction.objects.bulk_create(Reaction(message=message, user=user, emoji="👍") for user in crowd)
    (shown,) = json.loads(react(anna, room.pk, message.pk, "👍", True).text)["reactions"]
    assert shown["count"] == 121
    assert shown["users"] == [user.pk for user in crowd[:100]]


def test_a_message_bears_forty_different_emoji(anna: User, ben: User, room: Room) -> None:
    message = say(anna, room)
    for code in range(changing.MAX_EMOJI):
        react(anna, room.pk, message.pk, chr(0x1F600 + code), True)
    with pytest.raises(Invalid):
        react(ben, room.pk, message.pk, "👍", True)
    assert react(ben, room.pk, message.pk, chr(0x1F600), True).new
    assert react(anna, room.pk, message.pk, chr(0x1F601), False).new
    assert react(ben, room.pk, message.pk, "👍", True).new


@pytest.mark.parametrize("emoji", ["a", "<b>", " ", "👍👍", "\0"], ids=ascii)
@pytest.mark.parametrize("on", [True, False])
def test_a_reaction_is_an_emoji(anna: User, room: Room, emoji: str, on: bool) -> None:
    message = say(anna, room)
    with pytest.raises(Invalid) as caught:
        react(anna, room.pk, message.pk, emoji, on)
    assert list(caught.value.extra["errors"]) == ["emoji"]  # type: ignore[call-overload]
    assert head(room) == 1


class Speaking:
    """A connection that is never written to here."""

    id = "me"
    user_id = 0

    def write(self, frame: str) -> None:
        raise AssertionError(frame)

    def shut(self, code: int) -> None:
        raise AssertionError(code)


def test_what_was_stored_is_announced_after_the_commit_and_nothing_else(
    anna: User,
    room: Room,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    told: list[fanout.Change] = []
    monkeypatch.setattr(fanout, "publish", told.extend)
    speaker = fanout.Speaker(Speaking(), 7)
    with django_capture_on_commit_callbacks(execute=True):
        message = stored(one(post_messages([post(anna, room, speaker=speaker)]))).message
        post_messages([post(anna, room, speaker=speaker), post(anna, room, " ", "k2")])
        edit_message(anna, room.pk, message.pk, "other", speaker)
        edit_message(anna, room.pk, message.pk, "other", speaker)
        react(anna, room.pk, message.pk, "👍", True)
        delete_message(anna, room.pk, message.pk, speaker)
        delete_message(anna, room.pk, message.pk, speaker)
        assert told == []
    assert [change.seq for change in told] == [1, 2, 3, 4]
    for change in told:
        event = json.loads(change.event)
        assert (event["type"], event["room"], event["seq"]) == ("message", room.pk, change.seq)
        assert event["message"]["changed_seq"] == change.seq
    replies = [json.loads(change.reply) if change.reply else None for change in told]
    assert [reply and (reply["type"], reply["ref"]) for reply in replies] == [
        ("posted", 7),
        ("changed", 7),
        None,
        ("changed", 7),
    ]
    assert json.loads(told[0].reply)["client_id"] == "k1"


def test_what_was_not_committed_is_not_announced(
    anna: User,
    room: Room,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    told: list[fanout.Change] = []
    monkeypatch.setattr(fanout, "publish", told.extend)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        post_messages([post(anna, room)])
        transaction.set_rollback(True)
    assert told == []
    assert head(room) == 0


def test_a_post_that_another_process_stored_meanwhile_is_found_at_the_second_look(
    anna: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = posting._answer_repeats
    looks: list[int] = []

    def miss_it_once(*args: Any) -> None:
        looks.append(len(looks))
        if len(looks) > 1:
            look(*args)

    post_messages([post(anna, room)])
    monkeypatch.setattr(posting, "_answer_repeats", miss_it_once)
    again, fresh = post_messages([post(anna, room), post(anna, room, "new", "k2")])
    assert len(looks) == 2
    assert not stored(again).new
    assert stored(fresh).message.seq == 2
    assert head(room) == 2


def test_the_second_look_counts_nobodys_post_twice(
    anna: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, tries = posting._insert, iter([True, False])

    def collide_once(rows: Any) -> None:
        if next(tries):
            raise IntegrityError
        insert(rows)

    monkeypatch.setattr(posting, "_insert", collide_once)
    outcomes = post_messages([post(anna, room, client_id=f"k{n}") for n in range(30)])
    assert all(isinstance(outcome, Stored) for outcome in outcomes)
    assert head(room) == 30


@pytest.mark.parametrize("size", [1, 50])
def test_posting_costs_as_many_queries_whatever_the_batch(
    anna: User,
    ben: User,
    room: Room,
    size: int,
    rate: Rate,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    rate.per_second = 0
    batch = [post(user, room, client_id=f"k{n}") for n in range(size) for user in (anna, ben)]
    # A savepoint and its release, who is a member, what is a repeat, the number, the rows.
    with django_assert_num_queries(6):
        post_messages(batch)


def test_the_database_itself_refuses_a_torn_log(anna: User, room: Room) -> None:
    message = say(anna, room)
    for torn in (
        {"seq": 1, "changed_seq": 5, "client_id": "x"},
        {"seq": 5, "changed_seq": 1, "client_id": "x"},
        {"seq": 0, "changed_seq": 5, "client_id": "x"},
        {"seq": 5, "changed_seq": 4, "client_id": "x"},
        {"seq": 5, "changed_seq": 5, "client_id": message.client_id},
        {"seq": 5, "changed_seq": 5, "client_id": "x", "deleted": True, "body": "still there"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Message.objects.create(room=room, author=anna, **torn)
    for row in (message, room, anna):
        with pytest.raises(TypeError):
            row.delete()
    for manager in (Message.objects, Room.objects, User.objects):
        with pytest.raises(TypeError):
            manager.all().delete()
