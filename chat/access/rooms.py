"""Who may find, read, join and settle a room, and speak in it."""

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from chat.access.people import fresh, moderators
from chat.errors import Forbidden, NotFound
from chat.errors import text as _
from chat.models import Departure, Membership, Room, RoomQuerySet, User
from chat.protocol import MAX_INTEGER

ARCHIVED = _("This room is archived: it can be read, but not written to.")


def findable_rooms(person: User) -> RoomQuerySet:
    """Those of which a person may know: open to all, or theirs. Archived ones too."""
    if not person.is_active:
        return Room.objects.none()
    theirs = Membership.objects.filter(room=OuterRef("pk"), user=person)
    rooms: RoomQuerySet = Room.objects.filter(Q(kind="open") | Exists(theirs))
    return rooms


def room_at(person: User, slug: str) -> Room:
    """The room that has this address, or once had it. Raises NotFound."""
    rooms = findable_rooms(person)
    room: Room | None = (
        rooms.filter(slug=slug).first() or rooms.filter(old_slugs__slug=slug).first()
    )
    if room is None:
        raise NotFound(_("There is no such room."))
    return room


def current_memberships(user_ids: Collection[int]) -> QuerySet[Membership]:
    """Where these people are, in rooms that are not archived; whether they may enter at all is
    asked of them, not of each room."""
    return Membership.objects.filter(user__in=user_ids, room__archived_at=None)


def membership_at(person: User, slug: str) -> Any:
    """This person's place in the room of this present address, the room with it, and whether they
    moderate as `moderates`; or None."""
    theirs = _memberships(person).filter(room__slug=slug)
    return theirs.annotate(moderates=Exists(moderators().filter(pk=OuterRef("user")))).first()


def membership_for(user: User, room_id: int) -> Membership:
    """This person's place in the room, the room with it.

    Raises NotFound to who is not a member: absent and hidden look alike.
    """
    try:
        # A database raises for a number that it could not hold.
        return _memberships(user).get(room=min(room_id, MAX_INTEGER))
    except Membership.DoesNotExist:
        raise NotFound(_("There is no such room.")) from None


def _memberships(person: User) -> QuerySet[Membership]:
    return Membership.objects.select_related("room").filter(user=person, user__is_active=True)


def room_for(user: User, room_id: int) -> Room:
    """A room whose log this person may read. Raises NotFound."""
    return membership_for(user, room_id).room


def writable_room_for(user: User, room_id: int) -> Room:
    """A room in which this person may speak. Raises NotFound, or Forbidden in an archived one.

    For many posts at once `actions.messages.posting` asks the same in one query.
    """
    room = room_for(user, room_id)
    if not may_speak(room):
        raise Forbidden(ARCHIVED)
    return room


def may_speak(room: Room) -> bool:
    """Of a room that one may read."""
    return room.archived_at is None


def may_join(room: Room) -> bool:
    """Of a room that one may find."""
    return room.kind == "open" and room.archived_at is None


def may_settle(person: User, room: Room) -> bool:
    """Whether a person may rename, archive and reopen a room, and put people out of it."""
    return person.is_active and (room.maker_id == person.pk or person.has_perm("chat.change_room"))


def settles_anywhere(person: User) -> bool:
    """Whether there can be a room that they may settle."""
    made = Room.objects.filter(maker=person)
    return person.is_active and (person.has_perm("chat.change_room") or made.exists())


def check_settles(person: User, room: Room) -> None:
    """Raises Forbidden."""
    if not may_settle(fresh(person), room):
        raise Forbidden(_("Only the person who made this room can change it."))


def reason_of_leaving(user_id: int, room_id: int) -> str:
    """Why this person is no longer in the room, as a `left` event says it."""
    if Room.objects.filter(pk=room_id).exclude(archived_at=None).exists():
        return "deleted"
    departures = Departure.objects.filter(user=user_id, room=room_id)
    return departures.values_list("reason", flat=True).first() or "removed"
