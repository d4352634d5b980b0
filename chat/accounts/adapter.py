from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_removed, password_reset
from allauth.account.utils import filter_users_by_username
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from chat import first_run
from chat.accounts import guard, mailing
from chat.actions.addresses import (
    address_of,
    address_proven,
    drop_other_claims,
    person_of_address,
)
from chat.looks import at_a_glance
from chat.models import User
from chat.names import TAKEN, USERNAME_LENGTH, is_of_office, normalise_username

MAX_LOGIN = 254
"""Characters: no address is longer."""

NO_MATCH = _("The username, the address or the password is not correct.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": NO_MATCH,
        "username_password_mismatch": NO_MATCH,
        "too_many_login_attempts": _("Too many wrong tries. Wait some minutes."),
    }

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

    def get_client_ip(self, request: HttpRequest) -> str:
        """As all budgets count it."""
        return guard.address_of(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Whose these are; of somebody blocked too, who is told so when they were right.

        One hash is made, whatever is found: how long it takes tells nothing. Raises ValidationError
        after too many wrong ones.
        """
        login = credentials.get("username") or credentials.get("email") or ""
        person = who_signs_in_as(login)
        if guard.count_try(request, login, person):
            raise self.validation_error("too_many_login_attempts")
        is_right = (person or User()).check_password(credentials.get("password", ""))
        if person is None or not is_right:
            guard.was_wrong(login)
            return None
        guard.was_right(request, login, person)
        return person

    def reauthenticate(self, user: User, password: str) -> bool:
        credentials = {"username": user.username, "password": password}
        return self.authenticate(context.request, **credentials) == user

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().post_login(request, user, **options)
        guard.remember_device(response, user)
        return response

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """It is drawn for nobody too, and takes as long."""
        about = {
            "request": self.request,
            "email": email,
            "current_site": get_current_site(self.request),
        }
        message = self.render_mail(template_prefix, email, about | context)
        if getattr(context.get("user"), "pk", True):
            mailing.send(message)

    def send_confirmation_mail(
        self, request: HttpRequest, emailconfirmation: Any, signup: bool
    ) -> None:
        """Whose it is already hears of it there; whoever claims it hears the same as ever."""
        claim = emailconfirmation.email_address
        if person_of_address(claim.email) in (None, claim.user):
            super().send_confirmation_mail(request, emailconfirmation, signup)
        else:
            self.send_account_already_exists_mail(claim.email)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """To an address that was proven, or to none."""
        if to := email or address_of(user):
            super().send_notification_mail(template_prefix, user, context, to)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Of two who claim an address, the first to prove it has it."""
        person = email_address.user
        before = address_of(person)
        try:
            with transaction.atomic():
                drop_other_claims(email_address)
                if is_proven := bool(super().confirm_email(request, email_address)):
                    address_proven(person, before)
        except IntegrityError:  # the other was quicker, just now
            return False
        return is_proven


def who_signs_in_as(login: str) -> User | None:
    """By username, in whichever case if it is one person's; or by an address that they have
    proven."""
    if len(login) > MAX_LOGIN:
        return None  # nobody's, and more than a database looks for
    username = normalise_username(login)
    alike = filter_users_by_username(username)
    found: list[User] = [each for each in alike if each.username.lower() == username.lower()]
    as_written = [each for each in found if each.username == username] or found
    return as_written[0] if len(as_written) == 1 else person_of_address(login.strip())


def tell_old_address(request: HttpRequest, person: User, before: str) -> None:
    """`before` is the one that was proven until now, if any."""
    after = address_of(person)
    template = "account/email/email_changed" if after else "account/email/email_deleted"
    about = {"from_email": before, "to_email": after, "deleted_email": before}
    if before not in ("", after):
        AccountAdapter(request).send_notification_mail(template, person, about, before)


@receiver(email_removed)
def _tell_of_removal(
    request: HttpRequest, user: User, email_address: EmailAddress, **_further: Any
) -> None:
    if email_address.verified:
        tell_old_address(request, user, str(email_address.email))


@receiver(password_reset)
def _forgive_guesses(request: HttpRequest, user: User, **_further: Any) -> None:
    guard.forgive(request, user)
