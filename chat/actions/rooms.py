"""Rooms: who makes, names and closes them, and who is in them."""

from datetime import timedelta
from secrets import token_hex

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from chat import access, names
from chat.actions.authority import access_changed
from chat.errors import Forbidden, Invalid, NotFound, RateLimited, Text
from chat.errors import text as _
from chat.looks import at_a_glance
from chat.models import Departure, Membership, Room, RoomLook, RoomRename, RoomSlug, Site, User

ROOMS_AN_HOUR = 60
MAX_ROOMS = 500
"""Open ones that a person is in: each is entered by each of their tabs."""

_HOUR = timedelta(hours=1)
_OPAQUE_BYTES = 8


@receiver(post_save, sender=Room)
def _after_naming(instance: Room, update_fields: frozenset[str] | None, **_: object) -> None:
    """However it is stored, it is known by what its name looks like."""
    if update_fields is None or "name" in update_fields:
        RoomLook.objects.filter(room=instance).delete()
        looks = at_a_glance(instance.name)
        RoomLook.objects.bulk_create(RoomLook(room=instance, look=look) for look in looks)


def create_room(maker: User, name: str) -> Room:
    """An open room with its maker in it.

    Raises Invalid for a name that cannot be and past MAX_ROOMS, RateLimited past ROOMS_AN_HOUR.
    """
    name = _checked_name(name)
    with transaction.atomic():
        _wait_for_other_names()
        _hold_back_a_flood(maker)
        room = Room(name=name, maker=maker)
        room.slug = _address(maker, room)
        room.save()
        Membership.objects.create(room=room, user=maker)
        if problem := _too_many_of(maker):
            raise Invalid(problem, {"name": problem})
        access_changed()
    return room


def rename_room(person: User, room: Room, name: str) -> Room:
    """Give it a new name and address; the old address leads to the new one for a while. It counts
    like a room that `person` makes.

    Raises Invalid for a name that cannot be, Forbidden unless `person` may settle this room,
    RateLimited past ROOMS_AN_HOUR.
    """
    name = _checked_name(name)
    with transaction.atomic():
        room = _held(room)
        access.check_settles(person, room)
        if room.name != name:
            _wait_for_other_names()
            _hold_back_a_flood(person)
            RoomRename.objects.create(by=person)
            _rename(person, room, name)
            access_changed()
    return room


def _rename(person: User, room: Room, name: str) -> None:
    old_slug, room.name = room.slug, name
    room.slug = _address(person, room)
    room.save(update_fields=["name", "slug"])
    if room.slug != old_slug:
        RoomSlug.objects.create(slug=old_slug, room=room)
        latest = room.old_slugs.order_by("-left_at", "-pk")[: access.OLD_ADDRESSES]
        room.old_slugs.exclude(pk__in=[kept.pk for kept in latest]).delete()


def archive_room(person: User, room: Room) -> None:
    """Close it for good or until it is unarchived; raises Forbidden like `rename_room`."""
    with transaction.atomic():
        room = _held(room)
        access.check_settles(person, room)
        Room.objects.filter(pk=room.pk, archived_at=None).update(archived_at=timezone.now())
        access_changed()


def unarchive_room(person: User, room: Room) -> None:
    """Open it again; raises Forbidden like `rename_room`."""
    with transaction.atomic():
        room = _held(room)
        access.check_settles(person, room)
        Room.objects.filter(pk=room.pk).update(archived_at=None)
        access_changed()


def join_room(person: User, room: Room) -> None:
    """Bring them in, with all that was said before counted as read; again, it changes nothing.

    Raises NotFound unless the room is open to all, Forbidden when it is archived, to who was put
    out of it and past MAX_ROOMS.
    """
    with transaction.atomic():
        room = _held(room)
        if not access.findable_rooms(person).filter(pk=room.pk).exists():
            raise NotFound(_("There is no such room."))
        if room.archived_at or not room.memberships.filter(user=person).exists():
            access.check_joins(person, room)
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
        room = _held(room)
        _take_out(person, room, "left")


def remove_member(person: User, room: Room, member: User) -> None:
    """Put `member` out of the room until they are let in again, even if they have just left; raises
    Forbidden like `rename_room`."""
    with transaction.atomic():
        room = _held(room)
        access.check_settles(person, room)
        if not _take_out(member, room, "removed"):
            Departure.objects.update_or_create(
                room=room, user=member, defaults={"reason": "removed"}
            )


def let_in_again(person: User, room: Room, former: User) -> None:
    """Who was put out may join again, of their own will; raises Forbidden like `rename_room`."""
    with transaction.atomic():
        room = _held(room)
        access.check_settles(person, room)
        access.put_out_of(room).filter(user=former).delete()


def _take_out(person: User, room: Room, reason: str) -> bool:
    deleted, _rows = Membership.objects.filter(room=room, user=person).delete()
    if deleted:
        Departure.objects.update_or_create(room=room, user=person, defaults={"reason": reason})
        access_changed()
    return deleted > 0


def _held(room: Room) -> Room:
    """As it is now, and until the commit nobody else changes it or who is in it."""
    held: Room = Room.objects.select_for_update().get(pk=room.pk)
    return held


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


def _hold_back_a_flood(person: User) -> None:
    """Making a room and renaming one count alike."""
    an_hour_ago = timezone.now() - _HOUR
    RoomRename.objects.filter(by=person, renamed_at__lte=an_hour_ago).delete()
    made = Room.objects.filter(maker=person, created_at__gt=an_hour_ago)
    recent = sorted(
        [
            *made.values_list("created_at", flat=True),
            *RoomRename.objects.filter(by=person).values_list("renamed_at", flat=True),
        ]
    )
    if len(recent) >= ROOMS_AN_HOUR:
        wait = recent[-ROOMS_AN_HOUR] - an_hour_ago
        detail = _("You have named many rooms in the last hour. Try again later.")
        raise RateLimited(detail, retry_after=wait.total_seconds())


def _too_many_of(person: User) -> Text | None:
    """What keeps them from what they have just been brought into."""
    rooms = Membership.objects.filter(user=person, room__archived_at=None)
    if rooms.count() <= MAX_ROOMS:
        return None
    return _("You are in %(most)d rooms, as many as one can be. Leave one first.", most=MAX_ROOMS)


def _address(person: User, room: Room) -> str:
    """Where the room is from now on.

    That an address is not free would tell of a room that this person may not know: such a room has
    none that could be guessed. A former address goes to whoever asks for it without being in the
    room that had it.
    """
    if room.kind != "open":
        return room.slug or token_hex(_OPAQUE_BYTES)
    slug = names.slug_of(room.name)
    known = access.addressed_rooms(person).filter(slug__startswith=slug).exclude(pk=room.pk)
    theirs = (
        access.kept_addresses()
        .filter(slug__startswith=slug, room__memberships__user=person)
        .exclude(room=room.pk)
    )
    taken = {*known.values_list("slug", flat=True), *theirs.values_list("slug", flat=True)}
    free = names.free_slug(slug, taken)
    Room.objects.filter(slug=free).exclude(pk=room.pk).update(slug=token_hex(_OPAQUE_BYTES))
    RoomSlug.objects.filter(slug=free).delete()
    return free
