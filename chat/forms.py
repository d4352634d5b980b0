"""What people fill in."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import (
    validate_password,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chat import access
from chat.models import Room, User
from chat.names import (
    NAME_LENGTH,
    TAKEN,
    USERNAME_LENGTH,
    normalise_username,
    tidy_name,
    validate_display_name,
    validate_name,
    validate_username,
)

ROOMS_NAMED = 3
"""Of those that are called alike."""

PASSWORD_HELP = _("At least 8 characters, not one that others use too, and unlike your name.")


class NameField(forms.CharField):
    """A name of a person or a room, as `names.tidy_name` leaves it."""

    default_validators = [validate_name]  # noqa: RUF012 - as Django declares it

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=NAME_LENGTH, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "dir": "auto"}

    def to_python(self, value: object) -> str:
        return tidy_name(super().to_python(value) or "")


class DisplayNameField(NameField):
    default_validators = [validate_display_name]  # noqa: RUF012 - as Django declares it


class UsernameField(forms.CharField):
    default_validators = [validate_username]  # noqa: RUF012 - as Django declares it

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=USERNAME_LENGTH, **options)

    def to_python(self, value: object) -> str:
        return normalise_username(super().to_python(value) or "")


class FirstRunForm(forms.Form):
    username = UsernameField(
        label=_("Username"),
        help_text=_("You sign in with it. It stands beside your name where another is alike."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    name = DisplayNameField(
        label=_("Display name"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=PASSWORD_HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    room = NameField(
        label=_("Name of the first room"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError for a name that is taken."""
        cleaned = super().clean() or {}
        username = cleaned.get("username", "")
        if username and User.objects.looking_like(username).exists():
            self.add_error("username", ValidationError(TAKEN))
        self._check_password(cleaned)
        return cleaned

    def _check_password(self, cleaned: dict[str, Any]) -> None:
        person = User(username=cleaned.get("username", ""), name=cleaned.get("name", ""))
        try:
            validate_password(cleaned.get("password", ""), person)
        except ValidationError as error:
            self.add_error("password", error)


class RoomForm(forms.Form):
    """Of a room that is made, or of `room` when it gets another name.

    Where others are called alike and a page asks for it by `ask_first`, `alike` has them and the
    form is not valid: it becomes so when `anyway` repeats the name.
    """

    name = NameField(
        label=_("Name"),
        help_text=_("What the room is about, in a few words. Any language."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, person: User, room: Room | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._person, self._room = person, room
        self.alike: list[Room] = []
        self.name_asked = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        name = cleaned.get("name", "")
        is_kept = self._room is not None and self._room.name == name
        is_agreed = not self.data.get("ask_first") or self.data.get("anyway") == name
        if name and not is_kept and not is_agreed:
            alike = access.rooms_alike(self._person, name, besides=self._room)
            self.name_asked = name
            self.alike = list(alike.order_by("pk")[:ROOMS_NAMED])
        if self.alike:
            # What is wrong is read out with the field.
            self.fields["name"].widget.attrs["autofocus"] = True
            told = _("There is a room of that name already, or one that looks like it.")
            self.add_error("name", ValidationError(told, code="alike"))
        return cleaned


class ProfileForm(forms.Form):
    name = DisplayNameField(
        label=_("Display name"),
        required=False,
        help_text=_("Stands beside what you say. Leave it empty to go by your username."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
