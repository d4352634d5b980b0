"""Rooms with members who are signed in, put straight into a migrated database.

Run as a program over the database that DATABASE_URL names, with the wanted crowds as arguments;
prints {crowd: [[room id, session key], one for each member]} as JSON.
"""

import json
import os
import sys
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Crowd:
    """Members spread evenly over rooms, each in one."""

    members: int
    rooms: int = 1

    def __str__(self) -> str:
        return f"{self.members}x{self.rooms}"

    @classmethod
    def parse(cls, text: str) -> Self:
        members, rooms = text.split("x")
        return cls(int(members), int(rooms))


def seat(crowd: Crowd) -> list[tuple[int, str]]:
    from django.contrib.auth.hashers import make_password

    from chat.models import Membership, Room, User
    from tests.live.scenery import sign_in

    password = make_password("not used")
    users = User.objects.bulk_create(
        User(username=f"member-{crowd}-{i}", password=password) for i in range(crowd.members)
    )
    rooms = [
        Room.objects.create(slug=f"room-{crowd}-{i}", name=f"Room {i}") for i in range(crowd.rooms)
    ]
    places = [(rooms[i % crowd.rooms], user) for i, user in enumerate(users)]
    Membership.objects.bulk_create(Membership(room=room, user=user) for room, user in places)
    return [(room.pk, sign_in(user.pk)) for room, user in places]


def seat_all(crowds: list[str]) -> dict[str, list[tuple[int, str]]]:
    from django.db import transaction

    with transaction.atomic():
        return {crowd: seat(Crowd.parse(crowd)) for crowd in crowds}


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    sys.stdout.write(json.dumps(seat_all(sys.argv[1:])))
