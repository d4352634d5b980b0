"""The people and rooms that live tests find, put straight into a migrated database.

Run as a program over the database that DATABASE_URL names; prints a `Scenery` as JSON.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass, field

PASSWORD = "correct horse battery"
ROOMS = {
    "lounge": ("alice", "bob", "carol", "dave"),
    "den": ("alice", "bob"),
}


@dataclass(frozen=True)
class Person:
    """Somebody signed in: `session` is the value of the cookie `sessionid`."""

    id: int
    username: str
    session: str
    password: str = PASSWORD


@dataclass
class Scenery:
    """alice made the rooms and is the superuser; everybody is in the lounge, few in the den."""

    people: dict[str, Person] = field(default_factory=dict)
    rooms: dict[str, int] = field(default_factory=dict)

    def dumps(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, text: str) -> "Scenery":
        found = json.loads(text)
        people = {name: Person(**person) for name, person in found["people"].items()}
        return cls(people, found["rooms"])


def build() -> Scenery:
    from django.contrib.auth.hashers import make_password

    from chat.models import Membership, Room, User

    scenery = Scenery()
    password = make_password(PASSWORD)
    for name in ROOMS["lounge"]:
        chief = name == "alice"
        user = User.objects.create(
            username=name,
            email=f"{name}@example.org",
            password=password,
            is_staff=chief,
            is_superuser=chief,
        )
        scenery.people[name] = Person(user.pk, name, sign_in(user.pk))
    for slug, members in ROOMS.items():
        maker = scenery.people["alice"].id
        room = Room.objects.create(slug=slug, name=slug.title(), maker_id=maker)
        scenery.rooms[slug] = room.pk
        Membership.objects.bulk_create(
            Membership(room=room, user_id=scenery.people[name].id) for name in members
        )
    return scenery


def sign_in(user_id: int) -> str:
    """Returns the key of a session in which the person is signed in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from chat.models import User
    from chat.session_store import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user_id)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = User.objects.get(pk=user_id).get_session_auth_hash()
    session.save()
    return str(session.session_key)


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    sys.stdout.write(build().dumps())
