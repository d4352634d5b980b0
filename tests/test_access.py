"""Who may see what: fetched and checked in one call."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from chat import access
from chat.actions import rooms
from chat.actions.messages import delete_message
from chat.errors import Forbidden, NotFound
from chat.models import Room, Site, User
from chat.session_store import SessionStore, stored_key
from tests.scene import block, make_person, make_room, say, unblock

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> User:
    return make_person("anna")


@pytest.fixture
def ben() -> User:
    return make_person("ben")


@pytest.fixture
def room(anna: User) -> Room:
    return make_room(anna)


@pytest.fixture
def session_key(client: Client, anna: User) -> str:
    """Of Anna, signed in."""
    client.force_login(anna)
    return client.cookies["sessionid"].value


def set_password(person: User) -> None:
    person.set_password("another long secret")
    person.save(update_fields=["password"])


def test_a_members_room_is_theirs_to_read_and_to_write(anna: User, room: Room) -> None:
    assert access.room_for(anna, room.pk) == room
    assert access.writable_room_for(anna, room.pk) == room


def test_a_foreign_room_looks_like_none_at_all(ben: User, room: Room) -> None:
    refusals = []
    for room_id in (room.pk, 9_999):
        for look in (access.room_for, access.writable_room_for, access.membership_for):
            with pytest.raises(NotFound) as caught:
                look(ben, room_id)
            refusals.append((caught.value.detail, caught.value.extra))
    assert refusals == refusals[:1] * 6


def test_an_archived_room_is_read_but_not_written(anna: User, room: Room) -> None:
    rooms.archive_room(anna, room)
    assert access.room_for(anna, room.pk) == room
    with pytest.raises(Forbidden):
        access.writable_room_for(anna, room.pk)


def test_who_is_blocked_sees_nothing(anna: User, room: Room) -> None:
    User.objects.filter(pk=anna.pk).update(is_active=False)
    with pytest.raises(NotFound):
        access.room_for(anna, room.pk)


def test_a_message_is_found_in_its_room_unless_it_was_deleted(anna: User, room: Room) -> None:
    message = say(anna, room)
    assert access.message_for(room, message.pk) == message
    with pytest.raises(NotFound):
        access.message_for(make_room(anna, name="Garden"), message.pk)
    delete_message(anna, room.pk, message.pk)
    with pytest.raises(NotFound):
        access.message_for(room, message.pk)
    assert access.message_for(room, message.pk, deleted_too=True).deleted


def test_a_session_is_its_persons(anna: User, session_key: str) -> None:
    assert access.user_of_session(session_key) == anna


@pytest.mark.parametrize("key", ["", "x", "nobody0has0this0session0key0at0all", "' OR 1=1 --", "é"])
def test_what_is_no_session_is_signed_out(key: str) -> None:
    with pytest.raises(access.SignedOut):
        access.user_of_session(key)
    assert not Session.objects.exists()


def test_a_session_in_which_nobody_signed_in_is_signed_out() -> None:
    session = SessionStore()
    session["theme"] = "dark"
    session.create()
    with pytest.raises(access.SignedOut):
        access.user_of_session(str(session.session_key))


def test_a_session_that_expired_is_signed_out(session_key: str) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    with pytest.raises(access.SignedOut):
        access.user_of_session(session_key)


def test_a_session_from_before_the_password_changed_is_signed_out(
    anna: User, session_key: str
) -> None:
    set_password(anna)
    with pytest.raises(access.SignedOut):
        access.user_of_session(session_key)


def test_a_session_under_an_older_secret_key_that_still_counts_is_its_persons(
    anna: User, session_key: str, settings: Settings
) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the new one"
    # Only what the hash is made with; the stored data was signed with the old key as well.
    assert access.user_of_session(session_key) == anna


def test_a_blocked_persons_session_tells_that_they_are_blocked(
    anna: User, session_key: str
) -> None:
    block(anna)
    with pytest.raises(access.Blocked):
        access.user_of_session(session_key)


def test_a_session_from_before_a_block_stays_out_after_it(anna: User, session_key: str) -> None:
    block(anna)
    unblock(anna)
    with pytest.raises(access.SignedOut):
        access.user_of_session(session_key)


def test_who_was_blocked_and_let_in_between_two_looks_is_signed_out_too(
    anna: User, session_key: str
) -> None:
    before = access.rights({stored_key(session_key)}, {anna.pk}).stamps[anna.pk]
    block(anna)
    unblock(anna)
    assert access.rights({stored_key(session_key)}, {anna.pk}).stamps[anna.pk] != before


def test_rights_are_what_is_true_of_those_who_were_asked_about(
    anna: User, ben: User, room: Room, client: Client, session_key: str
) -> None:
    archived = make_room(anna, name="Old")
    rooms.archive_room(anna, archived)
    block(ben)
    rights = access.rights({stored_key(session_key), "gone"}, {anna.pk, ben.pk})
    assert rights == access.Rights(
        version=Site.objects.get().access_version,
        sessions={stored_key(session_key)},
        stamps={anna.pk: anna.sign_in_stamp},
        blocked={ben.pk},
        rooms={anna.pk: {room.pk: (room.slug, room.name)}, ben.pk: {}},
    )
    client.logout()
    assert access.rights({stored_key(session_key)}, {anna.pk}).sessions == set()


def test_an_expired_session_is_no_right(anna: User, session_key: str) -> None:
    Session.objects.update(expire_date=timezone.now())
    assert access.rights({stored_key(session_key)}, {anna.pk}).sessions == set()


@pytest.mark.parametrize("crowd", [1, 30])
def test_rights_cost_four_queries_however_many_people(
    crowd: int, room: Room, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    members = [make_person(f"p{number}") for number in range(crowd)]
    for member in members:
        rooms.join_room(member, room)
    with django_assert_num_queries(4):
        access.rights({"a", "b"}, {member.pk for member in members})


def test_every_change_of_rights_moves_the_version(
    anna: User, ben: User, room: Room, client: Client
) -> None:
    version = access.access_version()

    def moved() -> bool:
        nonlocal version
        before, version = version, access.access_version()
        return version > before

    rooms.join_room(ben, room)
    assert moved()
    rooms.join_room(ben, room)
    assert not moved()
    rooms.remove_member(anna, room, ben)
    assert moved()
    rooms.leave_room(ben, room)
    assert not moved()
    room = rooms.rename_room(anna, room, "Parlour")
    assert moved()
    rooms.archive_room(anna, room)
    assert moved()
    rooms.unarchive_room(anna, room)
    assert moved()
    make_room(ben, name="Another")
    assert moved()
    client.force_login(ben)
    assert not moved()
    client.logout()
    assert moved()
    set_password(ben)
    assert moved()
    block(ben)
    assert moved()
    unblock(ben)
    assert moved()
    client.force_login(ben)
    version = access.access_version()
    Session.objects.all().delete()
    assert moved()
    ben.is_staff = True
    ben.save()
    assert moved()
    say(anna, room)
    assert not moved()


def test_why_somebody_is_out_is_kept(anna: User, ben: User, room: Room) -> None:
    rooms.join_room(ben, room)
    rooms.leave_room(ben, room)
    assert access.reason_of_leaving(ben.pk, room.pk) == "left"
    rooms.join_room(ben, room)
    rooms.remove_member(anna, room, ben)
    assert access.reason_of_leaving(ben.pk, room.pk) == "removed"
    rooms.archive_room(anna, room)
    assert access.reason_of_leaving(anna.pk, room.pk) == "deleted"
