"""What is kept. Rows are read anywhere; only `chat.actions` writes them."""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat import names
from chat.kept import KeptForever, KeptForeverModel
from chat.looks import MAX_LOOK
from chat.person import NameLook, PersonManager, User

__all__ = [
    "MAX_EMOJI_LENGTH",
    "Departure",
    "Membership",
    "Message",
    "MessageQuerySet",
    "NameLook",
    "PersonManager",
    "Reaction",
    "Room",
    "RoomLook",
    "RoomQuerySet",
    "RoomRename",
    "RoomSlug",
    "Site",
    "User",
    "new_epoch",
]

MAX_EMOJI_LENGTH = 32


def new_epoch() -> str:
    return secrets.token_urlsafe(12)


class Site(models.Model):
    """The one row about the whole site.

    `epoch` changes when numbers may have been taken back (a restored back-up).
    `access_version` rises, in the same transaction, with every change of who may be where; each
    process re-reads its connections' rights when it sees it move. `people_version` rises so with
    every change of what people are called; `User.names_version` is its number at a person's latest.
    """

    epoch = models.CharField(max_length=32, default=new_epoch)
    access_version = models.BigIntegerField(default=0)
    people_version = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(pk=1), name="site_is_one_row")]

    def __str__(self) -> str:
        return self.epoch


class RoomQuerySet(KeptForever):
    def current(self) -> "RoomQuerySet":
        return self.filter(archived_at=None)


class Room(KeptForeverModel):
    """A place to talk. `last_seq` counts its changes: 1, 2, 3 … without a hole."""

    name = models.CharField(
        _("name"), max_length=names.NAME_LENGTH, validators=[names.validate_name]
    )
    slug = models.CharField(_("address"), max_length=names.SLUG_LENGTH, unique=True)
    kind = models.CharField(max_length=16, default="open", editable=False)
    maker = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="rooms_made"
    )
    members = models.ManyToManyField(User, through="Membership", related_name="rooms")
    last_seq = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = RoomQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(last_seq__gte=0), name="room_counts_from_zero"),
            models.CheckConstraint(condition=~Q(slug="new"), name="room_slug_is_not_new"),
        ]

    def __str__(self) -> str:
        return self.name


class RoomSlug(models.Model):
    """An address that a room once had; `access` says how long it leads to the new one."""

    slug = models.CharField(max_length=names.SLUG_LENGTH, unique=True)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="old_slugs")
    left_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.slug


class RoomLook(models.Model):
    """What a room's name is remembered as (`looks.at_a_glance`): rooms that share one are alike."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="looks")
    look = models.CharField(max_length=MAX_LOOK, db_index=True)

    def __str__(self) -> str:
        return self.look


class RoomRename(models.Model):
    """Somebody gave a room another name; kept for as long as it counts against them."""

    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    renamed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.renamed_at)


class Membership(models.Model):
    """A person in a room, and how far they have read it."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    read_seq = models.BigIntegerField(default=0, editable=False)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "room"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.room}"


class Departure(models.Model):
    """Why somebody is no longer in a room: what their open pages say. Who was put out (`removed`)
    stays out for as long as this row is there."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    reason = models.CharField(
        max_length=16, choices=[("left", _("left")), ("removed", _("removed"))]
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "room"], name="departure_once"),
        ]

    def __str__(self) -> str:
        return self.reason


class MessageQuerySet(KeptForever):
    def shown(self) -> "MessageQuerySet":
        """With everything that `presentation.message` reads, in two queries whatever the number."""
        reactions = models.Prefetch("reactions", to_attr="shown_reactions")
        return self.select_related("author", "reply_to").prefetch_related(reactions)


class Message(KeptForeverModel):
    """A post. `seq` is its place in the room for ever, `changed_seq` its latest change's number."""

    room = models.ForeignKey(
        Room, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    seq = models.BigIntegerField(editable=False)
    changed_seq = models.BigIntegerField(editable=False)
    author = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    client_id = models.CharField(max_length=64, editable=False)
    body = models.TextField(blank=True)
    html = models.TextField(blank=True, editable=False)
    html_version = models.PositiveSmallIntegerField(default=0, editable=False)
    """`markup.VERSION` when `html` was rendered."""
    reply_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted = models.BooleanField(default=False, editable=False)

    objects = MessageQuerySet.as_manager()
    shown_reactions: "list[Reaction]"

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["room", "seq"], name="message_place"),
            models.UniqueConstraint(fields=["room", "changed_seq"], name="message_change"),
            models.UniqueConstraint(fields=["author", "client_id"], name="message_said_once"),
            models.CheckConstraint(
                condition=Q(seq__gte=1, changed_seq__gte=F("seq")),
                name="message_changes_after_post",
            ),
            models.CheckConstraint(
                condition=Q(deleted=False) | Q(body="", html=""), name="message_deleted_is_empty"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["room", "author", "seq"],
                condition=Q(deleted=False),
                name="message_by_author",
            ),
        ]
        permissions: ClassVar = [("moderate", _("Can empty others' messages"))]

    def __str__(self) -> str:
        return f"{self.room_id}:{self.seq}"


class Reaction(models.Model):
    message = models.ForeignKey(
        Message, on_delete=models.PROTECT, related_name="reactions", db_index=False
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reactions")
    emoji = models.CharField(max_length=MAX_EMOJI_LENGTH)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "emoji", "user"], name="reaction_once"),
        ]

    def __str__(self) -> str:
        return self.emoji
