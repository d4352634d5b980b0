"""One person, one name, at once: who is called otherwise now, told to all who see them."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from chat import database, fanout, presentation, protocol
from chat.connection import Connection
from chat.models import Membership, Message, Room, Site, User

MAX_MISSED = 500
"""Renamed people of whom a page hears that comes back: after a longer absence it is drawn anew."""


class Versions(NamedTuple):
    """The site's numbers, as `models.Site` counts them."""

    access: int
    people: int


class Renamed(NamedTuple):
    """A person as they are called now, and the rooms among those asked about that know them."""

    person: dict[str, Any]
    version: int
    rooms: frozenset[int] = frozenset()

    @property
    def event(self) -> str:
        return protocol.person_event(self.person, self.version)


def versions() -> Versions:
    return Versions(*Site.objects.values_list("access_version", "people_version").get())


async def tell(hub: fanout.Hub) -> None:
    """Every connection here that shares a room with somebody renamed since hears of it."""
    since = hub.people_version or 0
    hub.names_changed = False
    try:
        renamed, version = await database.read(_renamed_since, since, list(hub.feeds))
    except BaseException:
        hub.names_changed = True
        raise
    for each in renamed:
        _tell_of(hub, each)
    # Else somebody has come meanwhile who knows older names: the next turn tells them.
    if hub.people_version == since:
        hub.people_version = version


def _tell_of(hub: fanout.Hub, renamed: Renamed) -> None:
    hearers = {
        member.id: member
        for room in renamed.rooms
        if (feed := hub.feeds.get(room))
        for member in feed.members.values()
    }
    for member in hub.members.values():
        if member.user_id == renamed.person["id"]:
            hearers[member.id] = member
            if isinstance(member, Connection):
                member.person = renamed.person
    for member in hearers.values():
        fanout.write(member, f"[{renamed.event}]")


def _renamed_since(version: int, rooms: Collection[int]) -> tuple[list[Renamed], int]:
    now = versions().people
    people = User.objects.filter(names_version__gt=version).order_by("names_version")
    renamed = [
        Renamed(presentation.person(user), user.names_version, _that_know(user, rooms))
        for user in people
    ]
    return renamed, now


def _that_know(user: User, rooms: Collection[int]) -> frozenset[int]:
    """Where they are, or where something stands that they said."""
    members = Membership.objects.filter(room=OuterRef("pk"), user=user)
    said = Message.objects.filter(room=OuterRef("pk"), author=user, deleted=False)
    known = Room.objects.filter(Exists(members) | Exists(said), pk__in=rooms)
    return frozenset(known.values_list("pk", flat=True))


def missed_by(user: User, rooms: Collection[int], since: int) -> list[str]:
    """The events of those renamed since whom this person sees in their rooms."""
    return [
        Renamed(presentation.person(other), other.names_version).event
        for other in _seen_in(rooms, user).filter(names_version__gt=since)[:MAX_MISSED]
    ]


def _seen_in(rooms: Collection[int], by: User) -> QuerySet[User]:
    members = Membership.objects.filter(user=OuterRef("pk"), room__in=rooms)
    said = Message.objects.filter(author=OuterRef("pk"), room__in=rooms, deleted=False)
    people: QuerySet[User] = User.objects.filter(Exists(members) | Exists(said) | Q(pk=by.pk))
    return people.order_by("names_version")
