"""What is kept. Rows are read anywhere; only `chat.actions` writes them."""

import secrets
from typing import Any, ClassVar, NoReturn

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat import names


class KeptForever(models.QuerySet[Any]):
    """Rows that nobody deletes: a hole in the log could never be filled again."""

    def delete(self) -> NoReturn:
        raise TypeError(
            f"{self.model.__name__} rows are never deleted: empty, archive or anonymise them"
            " through chat.actions"
        )


class KeptForeverModel(models.Model):
    class Meta:
        abstract = True

    def delete(self, *_args: object, **_options: object) -> NoReturn:
        KeptForever(type(self)).delete()


def new_epoch() -> str:
    return secrets.token_urlsafe(12)


class Site(models.Model):
    """The one row about the whole site.

    `epoch` changes when numbers may have been taken back (a restored back-up).
    `access_version` rises, in the same transaction, with every change of who may be where; each
    process re-reads its connections' rights when it sees it move.
    """

    epoch = models.CharField(max_length=32, default=new_epoch)
    access_version = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(pk=1), name="site_is_one_row")]

    def __str__(self) -> str:
        return self.epoch


def stamp_of(password: str, session_epoch: int) -> str:
    """Of the first epoch it is the password alone: who is signed in stays so."""
    return f"{password}.{session_epoch}" if session_epoch else password


class PersonManager(UserManager.from_queryset(KeptForever)):  # type: ignore[misc]
    pass


class User(KeptForeverModel, AbstractUser):
    """A person. One who is not `is_active` is blocked."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    username = models.CharField(
        _("username"),
        max_length=names.USERNAME_LENGTH,
        unique=True,
        validators=[names.validate_username],
        error_messages={"unique": _("Somebody has that username already. Choose another.")},
    )
    name = models.CharField(
        _("display name"),
        max_length=names.NAME_LENGTH,
        blank=True,
        validators=[names.validate_name],
    )
    last_room = models.ForeignKey(
        "Room", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    """Whoever signed in under an earlier one is signed out."""

    objects = PersonManager()  # type: ignore[misc]
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()

    @property
    def sign_in_stamp(self) -> str:
        """What a session was made under, as long as it is good."""
        return stamp_of(self.password, self.session_epoch)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        own: str = super()._get_session_auth_hash(secret)  # type: ignore[misc]
        return stamp_of(own, self.session_epoch)


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
    """An address that a room once had; it leads to the new one."""

    slug = models.CharField(max_length=names.SLUG_LENGTH, unique=True)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="old_slugs")

    def __str__(self) -> str:
        return self.slug


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
    """Why somebody is no longer in a room: what their open pages say."""

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

    def __str__(self) -> str:
        return f"{self.room_id}:{self.seq}"


class Reaction(models.Model):
    message = models.ForeignKey(
        Message, on_delete=models.PROTECT, related_name="reactions", db_index=False
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reactions")
    emoji = models.CharField(max_length=32)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "emoji", "user"], name="reaction_once"),
        ]

    def __str__(self) -> str:
        return self.emoji
