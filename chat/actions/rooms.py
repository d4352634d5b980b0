"""Rooms: who makes, names and closes them, and who is in them."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from chat import access, names
from chat.actions.authority import access_changed
from chat.errors import Forbidden, Invalid, NotFound, RateLimited, Text
from chat.errors import text as _
from chat.models import Departure, Membership, Room, RoomSlug, Site, User

ROOMS_AN_HOUR = 60
MAX_ROOMS = 500
"""Open ones that a person is in: each is entered by each of their tabs."""

_HOUR = timedelta(hours=1)


def create_room(maker: User, name: str) -> Room:
    """An open room with its maker in it.

    Raises Invalid for a name that cannot be and past MAX_ROOMS, RateLimited past ROOMS_AN_HOUR.
    """
    name = _checked_name(name)
    with transaction.atomic():
        _wait_for_other_names()
        _hold_back_a_flood(maker)
        room = Room(name=name, maker=maker)
        room.slug = _free_slug(room)
        room.save()
        Membership.objects.create(room=room, user=maker)
        if problem := _too_many_of(maker):
            raise Invalid(problem, {"name": problem})
        access_changed()
    return room


def rename_room(person: User, room: Room, name: str) -> Room:
    """Give it a new name and address; the old address leads to the new one for good.

    Raises Invalid for a name that cannot be, Forbidden unless `person` may settle this room.
    """
    name = _checked_name(name)
    access.check_settles(person, room)
    with transaction.atomic():
        room = Room.objects.select_for_update().get(pk=room.pk)
        _wait_for_other_names()
        old_slug, room.name = room.slug, name
        room.slug = _free_slug(room)
        room.save(update_fields=["name", "slug"])
        if room.slug != old_slug:
            RoomSlug.objects.filter(slug=room.slug).delete()
            RoomSlug.objects.create(slug=old_slug, room=room)
        access_changed()
    return room


def archive_room(person: User, room: Room) -> None:
    """Close it for good or until it is unarchived; raises Forbidden like `rename_room`."""
    access.check_settles(person, room)
    with transaction.atomic():
        Room.objects.filter(pk=room.pk, archived_at=None).update(archived_at=timezone.now())
        access_changed()


def unarchive_room(person: User, room: Room) -> None:
    """Open it again; raises Forbidden like `rename_room`."""
    access.check_settles(person, room)
    with transaction.atomic():
        Room.objects.filter(pk=room.pk).update(archived_at=None)
        access_changed()


def join_room(person: User, room: Room) -> None:
    """Bring them in, with all that was said before counted as read; again, it changes nothing.

    Raises NotFound unless the room is open to all, Forbidden when it is archived and past
    MAX_ROOMS.
    """
    with transaction.atomic():
        room = Room.objects.select_for_update().get(pk=room.pk)
        if not access.findable_rooms(person).filter(pk=room.pk).exists():
            raise NotFound(_("There is no such room."))
        if room.archived_at:
            raise Forbidden(_("This room is archived."))
        _membership, joined = Membership.objects.get_or_create(
            room=room, user=person, defaults={"read_seq": room.last_seq}
        )
        if joined:
            if problem := _too_many_of(person):
                raise Forbidden(problem)
            access_changed()


def leave_room(person: User, room: Room) -> None:
    """Take them out; one who is not in it is out already."""
    with transaction.atomic():
        _take_out(person, room, "left")


def _take_out(person: User, room: Room, reason: str) -> None:
    Room.objects.select_for_update().get(pk=room.pk)
    deleted, _rows = Membership.objects.filter(room=room, user=person).delete()
    if deleted:
        Departure.objects.update_or_create(room=room, user=person, defaults={"reason": reason})
        access_changed()


def remove_member(person: User, room: Room, member: User) -> None:
    """Put `member` out of the room; raises Forbidden like `rename_room`."""
    access.check_settles(person, room)
    with transaction.atomic():
        _take_out(member, room, "removed")


def _checked_name(name: str) -> str:
    name = names.tidy_name(name)
    if not name or len(name) > names.NAME_LENGTH:
        length = names.NAME_LENGTH
        problem = _("Give the room a name of up to %(length)s characters.", length=length)
        raise Invalid(problem, {"name": problem})
    return name


def _wait_for_other_names() -> None:
    # Else two transactions find the same address free. After the room's own row, never before it:
    # that is the order in which every other action takes the two.
    Site.objects.select_for_update().get(pk=1)


def _hold_back_a_flood(maker: User) -> None:
    recent = Room.objects.filter(maker=maker, created_at__gt=timezone.now() - _HOUR)
    if recent.count() >= ROOMS_AN_HOUR:
        wait = recent.earliest("created_at").created_at + _HOUR - timezone.now()
        detail = _("You have made many rooms in the last hour. Try again later.")
        raise RateLimited(detail, retry_after=wait.total_seconds())


def _too_many_of(person: User) -> Text | None:
    """What keeps them from what they have just been brought into."""
    rooms = Membership.objects.filter(user=person, room__archived_at=None)
    if rooms.count() <= MAX_ROOMS:
        return None
    return _("You are in %(most)d rooms, as many as one can be. Leave one first.", most=MAX_ROOMS)


def _free_slug(room: Room) -> str:
    slug = names.slug_of(room.name)
    present = Room.objects.filter(slug__startswith=slug).exclude(pk=room.pk)
    former = RoomSlug.objects.filter(slug__startswith=slug).exclude(room=room.pk)
    taken = {*present.values_list("slug", flat=True), *former.values_list("slug", flat=True)}
    return names.free_slug(slug, taken)
