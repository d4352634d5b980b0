"""A room's log: its numbers, and what stands at one of them."""

from dataclasses import dataclass

from django.db import connection

from chat.errors import ChatError
from chat.models import Message


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as it is now; `text` is its JSON. Not `new`: nothing changed, nobody was told."""

    message: Message
    text: str
    new: bool = True


Outcome = Stored | ChatError


def take_numbers(room_id: int, count: int = 1) -> int:
    """The last of the room's next `count` numbers. Its row stays locked until the commit, so that
    numbers become visible in their order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE chat_room SET last_seq = last_seq + %s WHERE id = %s RETURNING last_seq",
            [count, room_id],
        )
        return int(cursor.fetchone()[0])
