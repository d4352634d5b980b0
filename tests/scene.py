"""People, rooms and words for tests, in one line each."""

from itertools import count

from allauth.account.models import EmailAddress

from chat.actions.messages import NewPost, Stored, post_messages
from chat.actions.people import block_person, unblock_person
from chat.actions.rooms import create_room, join_room
from chat.models import Message, Room, User

PASSWORD = "a long enough secret"
_numbers = count(1)


def make_person(username: str, **fields: object) -> User:
    person: User = User.objects.create_user(username, password=PASSWORD, **fields)
    return person


def prove_address(person: User, address: str) -> None:
    """As if they had opened the link, long ago."""
    EmailAddress.objects.create(user=person, email=address, verified=True, primary=True)
    person.email = address
    person.save(update_fields=["email"])


def make_superuser(username: str = "root") -> User:
    return make_person(username, is_staff=True, is_superuser=True)


def keeper() -> User:
    """Whoever looks after the site."""
    return User.objects.filter(is_superuser=True).first() or make_superuser("keeper")


def block(person: User) -> None:
    block_person(keeper(), person)


def unblock(person: User) -> None:
    unblock_person(keeper(), person)


def make_room(maker: User, *members: User, name: str = "Kitchen") -> Room:
    room = create_room(maker, name)
    for member in members:
        join_room(member, room)
    return room


def say(author: User, room: Room, body: str = "hello") -> Message:
    post = NewPost(user=author, room_id=room.pk, client_id=f"c{next(_numbers)}", body=body)
    (outcome,) = post_messages([post])
    assert isinstance(outcome, Stored), outcome
    return outcome.message
