"""How much of a room a person has not read, whatever the length of its log."""

from typing import Any

from django.db import connection
from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery

from chat.models import Membership, Message

MAX_UNREAD = 1000

NEARBY = 5000
"""Numbers after a person's mark among which the unread are counted one by one; see `unread_of`."""


class _BoundedCount(Subquery):
    """Counts a sliced subquery: no further than the slice, however many there are."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS bounded)"
    output_field = IntegerField()


def counted(memberships: QuerySet[Membership]) -> QuerySet[Membership, Any]:
    """With what `unread_of` needs. `nearby` are the unread among the next NEARBY numbers."""
    unread = Message.objects.filter(
        ~Q(author=OuterRef("user_id")),
        room=OuterRef("room_id"),
        seq__gt=OuterRef("read_seq"),
        seq__lte=OuterRef("read_seq") + NEARBY,
        deleted=False,
    )
    # Without the order PostgreSQL may collect the whole log before it counts a thousand.
    nearby = _BoundedCount(unread.order_by("seq").values("pk")[:MAX_UNREAD])
    return memberships.select_related("room").annotate(nearby=nearby)


def unread_of(membership: Any) -> int:
    """Others' posts after `read_seq`, not deleted, up to MAX_UNREAD.

    Who is far behind may have said most of it themselves, or it was deleted: a million rows to pass
    over. Then each author is asked in turn, so that it costs what there are people, not messages.
    """
    behind = membership.room.last_seq - membership.read_seq
    if behind <= NEARBY or membership.nearby == MAX_UNREAD:
        return int(membership.nearby)
    with connection.cursor() as cursor:
        cursor.execute(
            _UNREAD_BY_AUTHOR,
            {
                "room": membership.room_id,
                "reader": membership.user_id,
                "read_seq": membership.read_seq,
                "last_seq": membership.room.last_seq,
                "most": MAX_UNREAD,
            },
        )
        return min(int(cursor.fetchone()[0]), MAX_UNREAD)


_UNREAD_BY_AUTHOR = """
WITH RECURSIVE counted (author, unread) AS (
  SELECT CAST(0 AS bigint), CAST(0 AS bigint)
  UNION ALL
  SELECT
    (
      SELECT author_id FROM chat_message
      WHERE room_id = %(room)s AND NOT deleted AND author_id > author
      ORDER BY author_id LIMIT 1
    ),
    unread + (
      SELECT COUNT(*) FROM (
        SELECT seq FROM chat_message
        WHERE room_id = %(room)s AND NOT deleted AND author_id = author AND author <> %(reader)s
          AND seq > %(read_seq)s AND seq + 0 <= %(last_seq)s
        ORDER BY seq LIMIT %(most)s
      ) AS theirs
    )
  FROM counted WHERE author IS NOT NULL AND unread < %(most)s
)
SELECT MAX(unread) FROM counted
"""
"""A row holds an author, and what those before have said; the index leads from one to the next.

`+ 0`: of a range PostgreSQL thinks, without statistics, that it holds next to nothing; it would
pass over the whole log for each author.
"""
