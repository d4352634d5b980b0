"""A room's log: its numbers, and what stands at one of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from chat.actions.messages.tables import ask
from chat.errors import ChatError
from chat.models import Message, Room


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as it is now; `text` is its JSON. Not `new`: nothing changed, nobody was told."""

    message: Message
    text: str
    new: bool = True


Outcome = Stored | ChatError


_TAKE = (
    ", locked AS (SELECT r.id, asked.count FROM asked CROSS JOIN chat_room r"
    " WHERE r.id = asked.room_id ORDER BY r.id{lock})"
    " UPDATE chat_room SET last_seq = last_seq + locked.count FROM locked"
    " WHERE chat_room.id = locked.id RETURNING chat_room.id, last_seq"
)


def lock_room(room_id: int) -> None:
    """Until the commit, where whoever writes is not alone anyway."""
    if connection.features.has_select_for_update:
        Room.objects.select_for_update().get(pk=room_id)


def take_numbers(counts: Mapping[int, int]) -> dict[int, int]:
    """The last of each room's next `counts[room_id]` numbers. The rooms' rows stay locked until the
    commit, so that numbers become visible in their order; whoever locks several does so in the
    order of their keys, so that none waits for another in a ring."""
    lock = " FOR NO KEY UPDATE OF r" if connection.features.has_select_for_update else ""
    types = {"room_id": "bigint", "count": "bigint"}
    return dict(ask(types, counts.items(), _TAKE.format(lock=lock)))
