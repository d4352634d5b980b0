"""Who is connected, and what is true of them now."""

from collections.abc import Collection
from dataclasses import dataclass
from types import SimpleNamespace

from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from chat.access.rooms import current_memberships
from chat.database import snapshot
from chat.models import Membership, Site, User
from chat.person import stamp_of
from chat.session_store import SessionStore


class SignedOut(Exception):
    """There is no valid session."""


class Blocked(Exception):
    """There is a session, but its person may not enter."""


def user_of_session(session_key: str) -> User:
    """Whose session it is, as `user_of`."""
    return user_of(SessionStore(session_key))


def user_of(session: SessionBase) -> User:
    """Whose session it is, checked as Django checks it on each request.

    Raises SignedOut or Blocked.
    """
    # Django's get_user reads only the request's session, and answers alike for blocked and unknown.
    user = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]
    if isinstance(user, User):
        return user
    if User.objects.filter(pk=session.get(SESSION_KEY), is_active=False).exists():
        raise Blocked
    raise SignedOut


@dataclass(frozen=True)
class Rights:
    """What is true now of some sessions and people.

    `version` is the site's `access_version`; `stamps` holds the `sign_in_stamp` of each active
    person, and `blocked` who may not enter; `rooms` are those that a person is in now, as
    {room id: (slug, name)}.
    """

    version: int
    sessions: set[str]
    stamps: dict[int, str]
    blocked: set[int]
    rooms: dict[int, dict[int, tuple[str, str]]]


def rights(session_keys: Collection[str], user_ids: Collection[int]) -> Rights:
    """The truth about those who are connected, in four queries and one snapshot; `session_keys` are
    `stored_key`s."""
    with snapshot():
        version = access_version()
        sessions = Session.objects.filter(
            session_key__in=session_keys, expire_date__gt=timezone.now()
        ).values_list("session_key", flat=True)
        active, blocked = _stamps(user_ids)
        rooms: dict[int, dict[int, tuple[str, str]]] = {pk: {} for pk in {*active, *blocked}}
        for user_id, room_id, slug, name in _places(user_ids):
            rooms[user_id][room_id] = slug, name
        return Rights(
            version,
            set(sessions),
            active,
            blocked,
            rooms,
        )


def _stamps(user_ids: Collection[int]) -> tuple[dict[int, str], set[int]]:
    """Of those who may enter; and those who may not."""
    columns = ("pk", "is_active", "password", "session_epoch")
    people = list(User.objects.filter(pk__in=user_ids).values_list(*columns))
    active = {pk: stamp_of(*signed_in) for pk, is_active, *signed_in in people if is_active}
    return active, {pk for pk, is_active, *_signed_in in people if not is_active}


def rooms_of(user_id: int) -> dict[int, tuple[str, str]]:
    """The current rooms that a person is in, as {id: (slug, name)}."""
    return {room_id: (slug, name) for _user, room_id, slug, name in _places([user_id])}


def _places(user_ids: Collection[int]) -> QuerySet[Membership, tuple[int, int, str, str]]:
    return current_memberships(user_ids).values_list(
        "user_id", "room_id", "room__slug", "room__name"
    )


def access_version() -> int:
    return Site.objects.values_list("access_version", flat=True).get()
