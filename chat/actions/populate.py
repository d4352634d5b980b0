"""People, rooms and talk in numbers, to try the chat with. Each adds only what is missing."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from chat import access, markup
from chat.actions.authority import access_changed
from chat.actions.messages import take_numbers
from chat.actions.naming import hold_names, name_people
from chat.errors import Invalid
from chat.errors import text as _
from chat.looks import LOOKS
from chat.models import Membership, Message, Room, User

BATCH = 1000
_TALK_EVERY = timedelta(minutes=2)

Rendered = tuple[str, str]
"""A body and its HTML."""


def add_people(count: int, password: str) -> list[User]:
    """`user1` … `userN`, all of them; who was missing can sign in with that password."""
    usernames = [f"user{number}" for number in range(1, count + 1)]
    there = set(User.objects.filter(username__in=usernames).values_list("username", flat=True))
    # One hash for all: hashing is slow on purpose.
    secret = make_password(password)
    missing = [
        User(username=username, password=secret) for username in usernames if username not in there
    ]
    for start in range(0, len(missing), BATCH):
        _add_people(missing[start : start + BATCH])
    return list(User.objects.filter(username__in=usernames))


def _add_people(people: Sequence[User]) -> None:
    """Raises Invalid where somebody has a name that one of these could be taken for."""
    with transaction.atomic():
        hold_names()
        for column, look in LOOKS.items():
            looks = {look(person.username): person.username for person in people}
            for there in User.objects.filter(**{f"{column}__in": looks}):
                name = looks[getattr(there, column)]
                problem = _(
                    "“%(name)s” looks like “%(there)s”, who is here already.",
                    name=name,
                    there=there.username,
                )
                raise Invalid(problem, {"username": problem})
        name_people(User.objects.bulk_create(people), are_new=True)


def add_rooms(count: int) -> list[Room]:
    """The rooms at `room-1` … `room-N`, all of them, whatever they are called now."""
    return [_room(number) for number in range(1, count + 1)]


def missing_messages(room: Room, count: int) -> int:
    return max(0, count - room.messages.count())


def add_messages(
    room: Room, authors: Sequence[User], talk: Sequence[Rendered], count: int
) -> Iterator[int]:
    """Stores `count` messages, some at a time, up to now; yields how many each time."""
    chance = Random(room.pk)  # noqa: S311 - nothing secret, and the same talk every time
    moments = _moments(room, count)
    for start in range(0, count, BATCH):
        batch = moments[start : start + BATCH]
        _store(room, [(chance.choice(authors), *chance.choice(talk), at) for at in batch])
        yield len(batch)


def add_members(rooms: Sequence[Room], people: Sequence[User]) -> None:
    """Everybody into every room, with all that was said so far read."""
    with transaction.atomic():
        for room in Room.objects.filter(pk__in=[room.pk for room in rooms]).order_by("pk"):
            out = access.put_out_of(room).values_list("user", flat=True)
            there = {*room.memberships.values_list("user", flat=True), *out}
            Membership.objects.bulk_create(
                Membership(room=room, user=person, read_seq=room.last_seq)
                for person in people
                if person.pk not in there
            )
        access_changed()


def _room(number: int) -> Room:
    slug = f"room-{number}"
    former = access.kept_addresses().filter(slug=slug).values("room")
    named = Room.objects.filter(Q(slug=slug) | Q(pk__in=former)).first()
    return named or Room.objects.create(slug=slug, name=f"Room {number}")


def _moments(room: Room, count: int) -> list[datetime]:
    now = timezone.now()
    said_before = room.messages.aggregate(latest=Max("created_at"))["latest"]
    first = now - _TALK_EVERY * count
    start = max(first, said_before) if said_before else first
    return [start + (now - start) * number / count for number in range(1, count + 1)]


def _store(room: Room, posts: Sequence[tuple[User, str, str, datetime]]) -> None:
    with transaction.atomic():
        first_seq = take_numbers({room.pk: len(posts)})[room.pk] - len(posts) + 1
        Message.objects.bulk_create(
            Message(
                room=room,
                seq=seq,
                changed_seq=seq,
                author=author,
                client_id=f"populate-{room.pk}-{seq}",
                body=body,
                html=html,
                html_version=markup.VERSION,
                created_at=at,
            )
            for seq, (author, body, html, at) in enumerate(posts, first_seq)
        )
