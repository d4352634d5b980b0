"""How far somebody has read."""

from typing import NamedTuple

from django.db import transaction

from chat import access, history
from chat.models import Membership, User


class Mark(NamedTuple):
    user: User
    room_id: int
    seq: int


def mark_read(mark: Mark) -> dict[str, int]:
    """Moves the mark forward, never back nor past the room's last number.

    Returns {read_seq, unread, mentions}. Raises NotFound.
    """
    with transaction.atomic():
        membership = access.membership_for(mark.user, mark.room_id)
        seq = min(mark.seq, membership.room.last_seq)
        if seq > membership.read_seq:
            Membership.objects.filter(pk=membership.pk, read_seq__lt=seq).update(read_seq=seq)
            membership.refresh_from_db(fields=["read_seq"])
        return history.reading(membership)
