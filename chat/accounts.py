"""How allauth behaves here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from chat import first_run
from chat.looks import at_a_glance
from chat.models import User
from chat.names import TAKEN, USERNAME_LENGTH, is_of_office, normalise_username


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Raises ImmediateHttpResponse while the site waits for its first account."""
        if first_run.is_needed():
            raise ImmediateHttpResponse(redirect("home"))
        return bool(settings.CHAT_SIGNUP)

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Raises ValidationError for a name that is taken, or looks like one that is."""
        username = normalise_username(username)
        if len(username) > USERNAME_LENGTH:
            raise ValidationError(_("That username is too long."))
        username = str(super().clean_username(username, shallow))
        if not shallow and User.objects.looking_like(username).exists():
            raise ValidationError(TAKEN)
        if any(is_of_office(look) for look in at_a_glance(username)):
            raise ValidationError(_("That name speaks for the site. Choose another."))
        return username

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Keyboards differ in how they write an é; the account is the same."""
        if username := credentials.get("username"):
            credentials["username"] = normalise_username(username)
        person: AbstractBaseUser | None = super().authenticate(request, **credentials)
        return person
