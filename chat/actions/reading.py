"""How far somebody has read."""

from django.db import transaction
from django.db.models import F

from chat import access, history
from chat.models import Membership, User


def mark_read(user: User, room_id: int, seq: int) -> dict[str, int]:
    """Moves the mark forward, never back nor past the room's last number.

    Returns {read_seq, unread, mentions}. Raises NotFound.
    """
    with transaction.atomic():
        membership = access.membership_for(user, room_id)
        seq = min(seq, membership.room.last_seq)
        Membership.objects.filter(pk=membership.pk, read_seq__lt=seq).update(read_seq=seq)
    membership.refresh_from_db(fields=["read_seq"])
    return history.reading(membership)


def mark_all_read(user: User) -> None:
    """Every room of this person, up to its last number."""
    for membership in Membership.objects.filter(user=user).exclude(
        read_seq=F("room__last_seq")
    ).select_related("room"):
        mark_read(user, membership.room_id, membership.room.last_seq)
