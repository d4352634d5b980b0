"""Fetch and check in one call: nobody can hold what they may not see."""

from types import SimpleNamespace

from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.sessions.backends.db import SessionStore
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.errors import Forbidden, NotFound
from chat.models import Membership, Message, Room, User


ARCHIVED = gettext_lazy("This room is archived: it can be read, but not written to.")


class SignedOut(Exception):
    """There is no valid session."""


class Blocked(Exception):
    """There is a session, but its person may not enter."""


def user_of_session(session_key: str) -> User:
    """Whose session it is, checked as Django checks it on each request.

    Raises SignedOut or Blocked.
    """
    session = SessionStore(session_key)
    # Django's get_user reads the request's session only, and answers the same for blocked and unknown.
    user = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]
    if isinstance(user, User):
        return user
    if User.objects.filter(pk=session.get(SESSION_KEY), is_active=False).exists():
        raise Blocked
    raise SignedOut


def membership_for(user: User, room_id: int) -> Membership:
    """This person's place in the room, the room with it.

    Raises NotFound to who is not a member: absent and hidden look alike.
    """
    try:
        return Membership.objects.select_related("room").get(
            user=user, room=room_id, user__is_active=True
        )
    except Membership.DoesNotExist:
        raise NotFound(_("There is no such room.")) from None


def room_for(user: User, room_id: int) -> Room:
    """A room whose log this person may read. Raises NotFound."""
    return membership_for(user, room_id).room


def writable_room_for(user: User, room_id: int) -> Room:
    """A room in which this person may speak. Raises NotFound, or Forbidden in an archived one."""
    room = room_for(user, room_id)
    if room.archived_at:
        raise Forbidden(str(ARCHIVED))
    return room


def message_for(room: Room, message_id: int, *, deleted_too: bool = False) -> Message:
    """A message of a room that this person may read. Raises NotFound."""
    message = Message.objects.shown().filter(room=room, pk=message_id).first()
    if message is None or (message.deleted and not deleted_too):
        raise NotFound(_("There is no such message."))
    return message
