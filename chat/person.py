"""People, as they are kept."""

from collections.abc import Collection
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chat import looks, names
from chat.kept import KeptForever, KeptForeverModel


def stamp_of(password: str, session_epoch: int) -> str:
    """Of the first epoch it is the password alone: who is signed in stays so."""
    return f"{password}.{session_epoch}" if session_epoch else password


class PersonQuerySet(KeptForever):
    def looking_like(self, username: str) -> "PersonQuerySet":
        """Who could be taken for somebody of that username; `chat.looks` says by what."""
        alike = Q(username=username)
        for column, look in looks.LOOKS.items():
            alike |= Q(**{column: look(username)})
        return self.filter(alike)


class PersonManager(UserManager.from_queryset(PersonQuerySet)):  # type: ignore[misc]
    pass


class LookField(models.CharField):  # type: ignore[type-arg]
    """A look of the username, kept with it however it is stored."""

    def __init__(self, **options: Any) -> None:
        options |= {"max_length": looks.MAX_LOOK + len(str(2**63)) + 1, "editable": False}
        super().__init__(**options, unique=True)

    def deconstruct(self) -> Any:
        name, path, args, _options = super().deconstruct()
        return name, path, args, {}

    def pre_save(self, model_instance: Any, add: bool) -> str:
        """As it is where somebody older already had it when the looks were first taken."""
        look = looks.LOOKS[self.attname](model_instance.username)
        kept = getattr(model_instance, self.attname)
        if kept != f"{look} {model_instance.pk}":
            setattr(model_instance, self.attname, look)
        return str(super().pre_save(model_instance, add))


class User(KeptForeverModel, AbstractUser):
    """A person. One who is not `is_active` is blocked. `email` shows the address that was proven to
    be theirs; which one that is allauth's `EmailAddress` knows."""

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
        validators=[names.validate_display_name],
    )
    look_small = LookField()
    look_capital = LookField()
    look_written = LookField()
    name_is_ambiguous = models.BooleanField(default=False, editable=False)
    names_version = models.BigIntegerField(default=0, db_index=True, editable=False)
    last_room = models.ForeignKey(
        "Room", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    address_counts_from = models.DateTimeField(null=True, editable=False)
    """When a forgotten password may be replaced by the address in `email`; null for at once."""
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    """Whoever signed in under an earlier one is signed out."""

    stored: "dict[str, Any] | None" = None
    """Its names and rights as they were before the last save, where that could change them."""

    objects = PersonManager()  # type: ignore[misc]
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        """As staff reads it in a list, which must not take one for another either."""
        name = self.get_full_name()
        return f"{name} @{self.username}" if self.name_is_ambiguous else name

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

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Who has a name from before it would be refused keeps it."""
        kept = {"username"} if self._has_that_username() else set()
        super().clean_fields({*(exclude or ()), *kept})

    def clean(self) -> None:
        """Raises ValidationError for a new username that another could be taken for."""
        super().clean()
        if not self.username or self._has_that_username():
            return
        if User.objects.exclude(pk=self.pk).looking_like(self.username).exists():
            raise ValidationError({"username": names.TAKEN})

    def _has_that_username(self) -> bool:
        return bool(User.objects.filter(pk=self.pk, username=self.username).exists())

    @property
    def is_former(self) -> bool:
        """Anonymous for good: nobody any more, and so never taken for anybody."""
        return not self.is_active and self.username.startswith(names.FORMER_USERNAME)

    def save(self, *args: Any, **options: Any) -> None:
        """Raises ValidationError for a username that another could be taken for: of two at once,
        one wins."""
        fields = options.get("update_fields")
        if fields is not None and "username" in fields:
            options["update_fields"] = {*fields, *looks.LOOKS}
        self.stored = None
        try:
            with transaction.atomic():
                super().save(*args, **options)
        except IntegrityError:
            self.clean()
            raise


class NameLook(models.Model):
    """How somebody is remembered: by their username, and by the display name that is `shown` if
    they have one.

    `of_office`: it is shown, and could be taken for somebody who runs the site.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="name_looks")
    look = models.CharField(max_length=looks.MAX_LOOK, db_index=True)
    shown = models.BooleanField()
    of_office = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.look
