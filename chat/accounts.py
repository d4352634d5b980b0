"""How allauth behaves here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.shortcuts import redirect

from chat import first_run
from chat.names import normalise_username


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Raises ImmediateHttpResponse while the site waits for its first account."""
        if first_run.is_needed():
            raise ImmediateHttpResponse(redirect("home"))
        return bool(settings.CHAT_SIGNUP)

    def clean_username(self, username: str, shallow: bool = False) -> str:
        return str(super().clean_username(normalise_username(username), shallow))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Keyboards differ in how they write an é; the account is the same."""
        if username := credentials.get("username"):
            credentials["username"] = normalise_username(username)
        person: AbstractBaseUser | None = super().authenticate(request, **credentials)
        return person
