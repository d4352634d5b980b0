"""What people fill in at the door."""

from math import ceil
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    LoginForm,
    ResetPasswordForm,
    SignupForm,
)
from allauth.account.internal.flows.email_verification import (
    send_verification_email_to_address,
)
from allauth.account.internal.flows.password_reset import request_password_reset
from allauth.account.models import EmailAddress
from allauth.account.views import SignupView
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from chat.accounts import guard
from chat.actions.addresses import address_of, who_resets_by
from chat.forms import PASSWORD_HELP
from chat.models import User


class SignInForm(LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        by_address = settings.SITE_SENDS_MAIL
        self.fields["login"].label = _("Username or email") if by_address else _("Username")
        self.fields["login"].widget.attrs.pop("placeholder", None)


class SignUpForm(SignupForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["password1"].help_text = PASSWORD_HELP
        if not settings.SITE_SENDS_MAIL:
            del self.fields["email"]
            return
        self.fields["email"].label = _("Email")
        self.fields["email"].help_text = _("For a new password, should you forget yours.")

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Who comes second with a name is told so, though it was free when they were asked."""
        if wait := guard.count_sign_up(request):
            told = {"minutes": ceil(wait / 60)}
            return None, render(request, "account/signup_paused.html", told, status=429)
        try:
            saved: tuple[User | None, HttpResponse | None] = super().try_save(request)
        except ValidationError as taken:
            self.add_error(None, taken)
            view = SignupView()
            view.setup(request)
            return None, view.form_invalid(self)
        return saved

    def save(self, request: HttpRequest) -> User:
        """Their address is a claim as yet."""
        person: User = super().save(request)
        person.email = ""
        person.save(update_fields=["email"])
        return person


class AddressForm(AddEmailForm):  # type: ignore[misc]
    def clean_email(self) -> str:
        """Raises ValidationError for the one that is theirs already; says nothing of others'."""
        address: str = get_adapter().clean_email(self.cleaned_data["email"].lower())
        if address == address_of(self.user):
            raise get_adapter().validation_error("duplicate_email")
        return address

    def save(self, request: HttpRequest) -> EmailAddress:
        """What they claim already stays the same claim: the link that was sent for it is good."""
        claims = EmailAddress.objects.filter(user=self.user, verified=False)
        claimed: EmailAddress | None = claims.filter(email=self.cleaned_data["email"]).first()
        if claimed is None:
            return super().save(request)
        send_verification_email_to_address(request, claimed)
        return claimed


class PasswordForm(ChangePasswordForm):  # type: ignore[misc]
    def clean_oldpassword(self) -> str:
        """Counts as signing in does. Raises ValidationError."""
        password: str = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]
    def clean_email(self) -> str:
        """Whether there is such an account is not looked at before anything is answered."""
        return str(self.cleaned_data["email"]).lower()

    def save(self, request: HttpRequest, **_options: Any) -> str:
        """The same work, found or not; the mail itself is another's (`mailing`)."""
        address: str = self.cleaned_data["email"]
        person = who_resets_by(address) or _nobody(address)
        request_password_reset(request, address, [person], default_token_generator)
        return address


def _nobody(address: str) -> User:
    return User(pk=0, username=address[:60], email=address, password=address)


class _CountedCode(BaseAuthenticateForm):  # type: ignore[misc]
    def clean_code(self) -> str:
        """Raises ValidationError for a wrong one, and after too many."""
        if guard.count_code(context.request, self.user):
            raise get_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()
        guard.code_was_right(context.request, self.user)
        return code


class CodeForm(_CountedCode, AuthenticateForm):  # type: ignore[misc]
    """At signing in."""


class CodeAgainForm(_CountedCode, ReauthenticateForm):  # type: ignore[misc]
    """Of who is signed in."""
