"""What was said: pages of a room, its changes since a number, and how far a person has read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, IntegerField, Model, OuterRef, Subquery
from django.db.models.functions import Coalesce, Lower

from chat import access, presentation, shaped
from chat.database import snapshot
from chat.models import Membership, Message, MessageQuerySet, Room, RoomQuerySet, Site, User
from chat.unread import counted, unread_of

PAGE = 50
MAX_PAGE = 100
MAX_PAGE_BYTES = 256 * 1024
MAX_SYNC = 500
MAX_SYNC_BYTES = 256 * 1024
MAX_REPLAY = 10_000
"""Changes that `sync` replays at most; who is further behind starts again with the newest page."""


@dataclass(frozen=True)
class Page:
    """Messages from the oldest to the newest, and whether there are more on either side."""

    messages: Sequence[Message]
    more_before: bool
    more_after: bool
    last_seq: int
    epoch: str
    people_version: int
    """Up to which number its authors' names are known."""

    def data(self, reader: int | None = None) -> dict[str, Any]:
        return {
            "messages": [presentation.message(row, reader) for row in self.messages],
            "more_before": self.more_before,
            "more_after": self.more_after,
            "last_seq": self.last_seq,
            "epoch": self.epoch,
        }


def page(
    room: Room,
    *,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    limit: int = PAGE,
) -> Page:
    """Up to `limit` messages next to a number, in one snapshot; without a number the newest."""
    with snapshot():
        last_seq = head(room.pk)
        messages, more_before, more_after = _window(room, before, after, around, limit)
        numbers = Site.objects.values_list("epoch", "people_version").get()
        return Page(messages, more_before, more_after, last_seq, *numbers)


def _window(
    room: Room, before: int | None, after: int | None, around: int | None, limit: int
) -> tuple[list[Message], bool, bool]:
    log = room.messages.all().shown()
    if around is not None:
        half, half_bytes = limit // 2, MAX_PAGE_BYTES // 2
        older, more_before = _older(log.filter(seq__lt=around), half, half_bytes)
        newer, more_after = _newer(log.filter(seq__gte=around), limit - half, half_bytes)
        return older + newer, more_before, more_after
    if after is not None:
        newer, more_after = _newer(log.filter(seq__gt=after), limit)
        return newer, _any(log.filter(seq__lte=after)), more_after
    if before is not None:
        older, more_before = _older(log.filter(seq__lt=before), limit)
        return older, more_before, _any(log.filter(seq__gte=before))
    older, more_before = _older(log, limit)
    return older, more_before, False


def _older(
    log: MessageQuerySet, limit: int, most_bytes: int = MAX_PAGE_BYTES
) -> tuple[list[Message], bool]:
    rows = list(log.order_by("-seq")[: limit + 1])
    kept = _fitting(most_bytes, rows[:limit])
    return kept[::-1], len(rows) > len(kept)


def _newer(
    log: MessageQuerySet, limit: int, most_bytes: int = MAX_PAGE_BYTES
) -> tuple[list[Message], bool]:
    rows = list(log.order_by("seq")[: limit + 1])
    kept = _fitting(most_bytes, rows[:limit])
    return kept, len(rows) > len(kept)


def _fitting(most_bytes: int, rows: list[Message]) -> list[Message]:
    """The first of them whose JSON fits, but at least one; it is written only where it may not."""
    if sum(map(_at_most_bytes, rows)) <= most_bytes:
        return rows
    texts = _within(most_bytes, (presentation.message_json(row) for row in rows))
    return rows[: len(texts)]


def _at_most_bytes(row: Message) -> int:
    """A control character is six in JSON, and no character is more."""
    return 1_000 + 6 * (len(row.body) + len(row.html)) + 24 * len(row.shown_reactions)


def _any(log: MessageQuerySet) -> bool:
    """As `exists`, which drops the order: then PostgreSQL may read the table from its start."""
    return bool(log.order_by("seq").values_list("seq")[:1])


@dataclass(frozen=True)
class Synced:
    messages: list[str]
    """JSON, in the order of `changed_seq`."""
    last_seq: int
    more: bool
    epoch: str


def sync(
    room: Room,
    after: int,
    limit: int,
    known_epoch: str | None = None,
    reader: int | None = None,
) -> Synced | None:
    """The present state of all that changed after a number, as that person sees it; None for
    `reset`."""
    with snapshot():
        now, last_seq = epoch(), head(room.pk)
        if known_epoch not in (None, now) or after > last_seq:
            return None
        limit = min(limit, MAX_SYNC)
        if limit == 0:
            return Synced([], last_seq, more=False, epoch=now)
        if last_seq - after > MAX_REPLAY:
            return None
        changed = room.messages.filter(changed_seq__gt=after).order_by("changed_seq")
        texts = shaped.messages_json(changed, limit + 1, now, reader)
    messages = _within(MAX_SYNC_BYTES, texts[:limit])
    return Synced(messages, last_seq, more=len(messages) < len(texts), epoch=now)


def _within(most_bytes: int, texts: Iterable[str]) -> list[str]:
    """As many as fit, but at least one."""
    kept: list[str] = []
    size = 0
    for text in texts:
        size += len(text.encode())
        if kept and size > most_bytes:
            break
        kept.append(text)
    return kept


def changes_between(room_id: int, after: int, until: int) -> list[tuple[int, str]]:
    """What a process missed: number and JSON of each message whose latest change lies between."""
    rows = Message.objects.shown().filter(
        room=room_id, changed_seq__gt=after, changed_seq__lte=until
    )
    return [
        (row.changed_seq, presentation.message_json(row)) for row in rows.order_by("changed_seq")
    ]


def head(room_id: int) -> int:
    return Room.objects.values_list("last_seq", flat=True).get(pk=room_id)


def heads(room_ids: Iterable[int]) -> dict[int, int]:
    return dict(Room.objects.filter(pk__in=room_ids).values_list("pk", "last_seq"))


def epoch() -> str:
    return Site.objects.values_list("epoch", flat=True).get()


def listed(rooms: RoomQuerySet, person: User) -> RoomQuerySet:
    """By name, with `member_count`; `joined` and `put_out` tell of this person."""
    theirs = Membership.objects.filter(room=OuterRef("pk"), user=person)
    put_out = access.put_out_of(OuterRef("pk")).filter(user=person)
    rooms = rooms.annotate(
        joined=Exists(theirs), put_out=Exists(put_out), member_count=number_of(Membership)
    )
    ordered: RoomQuerySet = rooms.order_by(Lower("name"), "pk")
    return ordered


def number_of(model: type[Model]) -> Coalesce:
    """How many rows of this kind there are of a room, for a query of rooms."""
    rows = model._default_manager.filter(room=OuterRef("pk")).order_by().values("room")
    count = Subquery(rows.annotate(number=Count("pk")).values("number"))
    return Coalesce(count, 0, output_field=IntegerField())


def rooms_of(user_id: int) -> list[dict[str, Any]]:
    """The info of each of a person's current rooms, by name."""
    memberships = access.current_memberships([user_id]).filter(user__is_active=True)
    return [
        room_info(membership, unread_of(membership))
        for membership in counted(memberships).order_by("room__name", "room_id")
    ]


def room_info(membership: Membership, unread: int) -> dict[str, Any]:
    room = membership.room
    return {
        "id": room.pk,
        "slug": room.slug,
        "name": room.name,
        "kind": room.kind,
        "last_seq": room.last_seq,
        "read_seq": membership.read_seq,
        "unread": unread,
        "mentions": 0,
    }


def reading(membership: Membership) -> dict[str, int]:
    """How far this person has read, and how much is left."""
    present = counted(Membership.objects.filter(pk=membership.pk)).get()
    return {"read_seq": membership.read_seq, "unread": unread_of(present), "mentions": 0}
