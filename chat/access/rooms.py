"""Who may find, read, join and settle a room, and speak in it."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from chat.access.people import fresh, moderators
from chat.errors import Forbidden, NotFound
from chat.errors import text as _
from chat.looks import at_a_glance
from chat.models import Departure, Membership, Room, RoomQuerySet, RoomSlug, User
from chat.protocol import MAX_INTEGER

OLD_ADDRESS_DAYS = 90
OLD_ADDRESSES = 5
"""Of one room, the latest."""

ARCHIVED = _("This room is archived: it can be read, but not written to.")
PUT_OUT = _("You were put out of this room. Whoever looks after it can let you in again.")


def findable_rooms(person: User) -> RoomQuerySet:
    """Those of which a person may know: theirs, and what is open to all until it is archived."""
    return _open_or_theirs(person, Q(kind="open", archived_at=None))


def addressed_rooms(person: User) -> RoomQuerySet:
    """Those whose addresses a person may find taken: an archived room keeps the one by which it was
    known to all."""
    return _open_or_theirs(person, Q(kind="open"))


def _open_or_theirs(person: User, is_open: Q) -> RoomQuerySet:
    if not person.is_active:
        return Room.objects.none()
    theirs = Membership.objects.filter(room=OuterRef("pk"), user=person)
    rooms: RoomQuerySet = Room.objects.filter(is_open | Exists(theirs))
    return rooms


def room_at(person: User, slug: str) -> Room:
    """The room that has this address, or had it lately. Raises NotFound.

    The only way from an address to a room. It asks the same of a room that is hidden and of one
    that is not there: the answer takes no longer.
    """
    return _at(findable_rooms(person), slug)


def settled_room_at(person: User, slug: str) -> Room:
    """As `room_at`, where this person may settle the room: who may settle all also finds those that
    were open to all and are archived. Raises NotFound."""
    rooms = findable_rooms(person)
    if may_settle_all(person):
        rooms |= Room.objects.filter(kind="open")
    room = _at(rooms, slug)
    if not may_settle(person, room):
        raise NotFound(_("There is no such room."))
    return room


def _at(rooms: RoomQuerySet, slug: str) -> Room:
    former = kept_addresses().filter(slug=slug).values("room")
    room: Room | None = rooms.filter(slug=slug).first() or rooms.filter(pk__in=former).first()
    if room is None:
        raise NotFound(_("There is no such room."))
    return room


def kept_addresses() -> QuerySet[RoomSlug]:
    """Former addresses that still lead to their rooms."""
    oldest = timezone.now() - timedelta(days=OLD_ADDRESS_DAYS)
    return RoomSlug.objects.filter(left_at__gt=oldest)


def rooms_alike(person: User, name: str, *, besides: Room | None = None) -> RoomQuerySet:
    """Rooms of which this person may know and whose names could be taken for this one."""
    alike = findable_rooms(person).filter(looks__look__in=at_a_glance(name)).distinct()
    found: RoomQuerySet = alike.exclude(pk=besides.pk) if besides else alike
    return found


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


def check_joins(person: User, room: Room) -> None:
    """Of a room that one may find. Raises Forbidden."""
    if room.archived_at:
        raise Forbidden(_("This room is archived."))
    if put_out_of(room).filter(user=person).exists():
        raise Forbidden(PUT_OUT)


def put_out_of(room: Room | OuterRef) -> QuerySet[Departure]:
    """Who may not come back before they are let in again."""
    return Departure.objects.filter(room=room, reason="removed")


def may_settle(person: User, room: Room, *, is_in: bool | None = None) -> bool:
    """Whether a person may rename, archive and reopen a room, put people out of it and let them in
    again. Who made it may as long as they are in it; `is_in` where that is known already."""
    if not person.is_active:
        return False
    if room.maker_id == person.pk and is_in is None:
        is_in = room.memberships.filter(user=person).exists()
    return (room.maker_id == person.pk and bool(is_in)) or may_settle_all(person)


def may_settle_all(person: User) -> bool:
    """Those, that is, of which they may know; and in the admin every room."""
    return person.is_active and person.has_perm("chat.change_room")


def settles_anywhere(person: User) -> bool:
    """Whether there can be a room that they may settle."""
    made = Membership.objects.filter(user=person, room__maker=person)
    return may_settle_all(person) or (person.is_active and made.exists())


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
