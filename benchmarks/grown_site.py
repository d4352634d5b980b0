"""A site with a long log, put straight into a migrated database by the database itself.

Every eleventh number of a room is a change: mostly of a message said shortly before, at times of
one half-way back. Some posts are answers, some are deleted, some carry reactions.
"""

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from chat import markup
from chat.models import Membership, Room, User

PEOPLE = 100
OTHER_ROOMS = 19
MIN_OTHER = 1_100
"""Messages in each of the other rooms, at least: who has read nothing has more than is counted."""

BEHIND = 30
LEFT = 120
"""Numbers at the end of the monologue where others speak."""


@dataclass(frozen=True)
class GrownSite:
    """`big` has the messages. `monologue` has as many: of them `speaker` wrote the first half, and
    all others but the last hundred are deleted."""

    big: Room
    monologue: Room
    rooms: list[Room]
    newcomer: User
    """Has read nothing."""
    regular: User
    """Is a few messages behind."""
    done: User
    """Has read everything."""
    speaker: User
    """Has read nothing, and is in the monologue alone."""


def grow(messages: int) -> GrownSite:
    with transaction.atomic():
        rooms = [_room(number) for number in range(1 + OTHER_ROOMS)]
        monologue = _room(1 + OTHER_ROOMS)
        people = User.objects.bulk_create(User(username=f"person{i}") for i in range(PEOPLE))
        newcomer, regular, done, speaker = User.objects.bulk_create(
            User(username=name) for name in ("newcomer", "regular", "done", "speaker")
        )
        _say([rooms[0], monologue], messages, people)
        _answer()
        _react(people)
        for room in (*rooms, monologue):
            room.refresh_from_db()
        _monologue(monologue, speaker)
        Membership.objects.bulk_create(
            Membership(room=room, user=user, read_seq=room.last_seq - behind)
            for room in rooms
            for user, behind in ((newcomer, room.last_seq), (regular, BEHIND), (done, 0))
        )
        Membership.objects.create(room=monologue, user=speaker)
    return GrownSite(rooms[0], monologue, rooms, newcomer, regular, done, speaker)


def _room(number: int) -> Room:
    return Room.objects.create(slug=f"room-{number}", name=f"Room {number}")


def _say(large: list[Room], messages: int, people: list[User]) -> None:
    """All rooms over the same time, so that their rows lie among each other as those of a real
    site do."""
    words = ", in some words of the usual length: it is neither long nor short."
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    sizes = [*(room.pk for room in large), messages, max(messages // 100, MIN_OTHER)]
    with connection.cursor() as cursor:
        speakers = people[0].pk, len(people)
        cursor.execute(_SAY, [messages, *sizes, *speakers, words, words, now, markup.VERSION])
        cursor.execute(
            "UPDATE chat_room SET last_seq ="
            " (SELECT MAX(changed_seq) FROM chat_message WHERE room_id = chat_room.id)"
        )


_SAY = """
WITH RECURSIVE
  counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < %s),
  sizes (room, size) AS (
    SELECT id, CASE WHEN id IN (%s, %s) THEN %s ELSE %s END FROM chat_room
  ),
  posts AS (
    SELECT room, n + (n - 1) / 10 AS seq, size + size / 10 AS head
    FROM sizes JOIN counted ON n <= size
    ORDER BY n * 1.0 / size, room
  )
INSERT INTO chat_message
  (room_id, seq, changed_seq, author_id, client_id, body, html, created_at, deleted,
   html_version)
SELECT
  room,
  seq,
  CASE
    WHEN seq %% 11 = 3 AND (seq + 8) %% 110 <> 0 AND seq + 8 <= head THEN seq + 8
    WHEN seq %% 55 = 5 AND seq > 5 AND 2 * (seq - 5) <= head THEN 2 * (seq - 5)
    ELSE seq
  END,
  %s + seq * 37 %% %s,
  'grown-' || room || '-' || seq,
  CASE WHEN seq %% 97 = 0 THEN '' ELSE 'What was said at ' || seq || %s END,
  CASE WHEN seq %% 97 = 0 THEN '' ELSE '<p>What was said at ' || seq || %s || '</p>' END,
  %s,
  seq %% 97 = 0,
  %s
FROM posts
"""
"""A message in 97 is deleted; of eleven numbers one is a change."""


def _answer() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE chat_message SET reply_to_id = (SELECT id FROM chat_message AS said WHERE"
            " said.room_id = chat_message.room_id AND said.seq = chat_message.seq - 1)"
            " WHERE seq %% 53 = 2",
            [],
        )


def _react(people: list[User]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO chat_reaction (message_id, user_id, emoji)"
            " SELECT id, %s, '👍' FROM chat_message WHERE changed_seq > seq AND NOT deleted"
            " UNION ALL"
            " SELECT id, %s, '👍' FROM chat_message WHERE changed_seq > seq AND NOT deleted",
            [people[0].pk, people[1].pk],
        )


def _monologue(room: Room, speaker: User) -> None:
    middle = room.last_seq // 2
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE chat_message SET author_id = %s WHERE room_id = %s AND seq <= %s",
            [speaker.pk, room.pk, middle],
        )
        cursor.execute(
            "UPDATE chat_message SET deleted = %s, body = '', html = ''"
            " WHERE room_id = %s AND seq > %s AND seq <= %s",
            [True, room.pk, middle, room.last_seq - LEFT],
        )
