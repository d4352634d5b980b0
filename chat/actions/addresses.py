"""E-mail addresses: one counts for whoever has proven that it is theirs, and for nobody before."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat import access
from chat.actions.notes import note
from chat.models import User

TAKEN = _("Somebody else has that address.")

SETTLES_IN = timedelta(days=1)
"""For so long an address that replaces another, or comes late, opens no way to a new password:
whoever stood before it hears of the change meanwhile."""


def person_of_address(address: str) -> User | None:
    """Who has proven that it is theirs. Nobody, on a site that cannot send mail."""
    if not settings.SITE_SENDS_MAIL:
        return None
    proven = EmailAddress.objects.filter(email=address.lower(), verified=True)
    found = proven.select_related("user").first()
    return found.user if found else None


def address_of(person: User) -> str:
    """The one that they have proven, or nothing."""
    proven = EmailAddress.objects.get_verified(person)
    return str(proven.email) if proven else ""


def who_resets_by(address: str) -> User | None:
    """To whom a link for a new password may be sent there."""
    person = person_of_address(address)
    if person is None or not person.is_active:
        return None
    counts_from = person.address_counts_from
    return person if counts_from is None or counts_from <= timezone.now() else None


def drop_other_claims(claimed: EmailAddress) -> None:
    """An account claims one address at a time."""
    claims = EmailAddress.objects.filter(user=claimed.user_id, verified=False)
    claims.exclude(pk=claimed.pk).delete()


def address_proven(person: User, before: str) -> None:
    """It counts at once for somebody new who had none; `before` is the one that it replaces."""
    is_new = timezone.now() - person.date_joined < SETTLES_IN
    counts_from = None if is_new and not before else timezone.now() + SETTLES_IN
    User.objects.filter(pk=person.pk).update(address_counts_from=counts_from)
    person.address_counts_from = counts_from


def set_address(by: User, person: User, address: str) -> None:
    """What somebody who looks after the site knows to be theirs; nothing takes it away.

    Raises Forbidden unless `by` may manage them, and to themselves: that asks for their password;
    ValidationError where another has proven it.
    """
    access.check_manages_another(by, person)
    address = address.lower()
    check_is_free(address, person)
    try:
        with transaction.atomic():
            _replace_address(person, address)
            note(by, person, "Address set" if address else "Address removed")
    except IntegrityError:  # somebody proved it just now
        raise ValidationError(TAKEN) from None
    person.email = address


def _replace_address(person: User, address: str) -> None:
    before = address_of(person)
    EmailAddress.objects.filter(user=person).delete()
    if address:
        proven = {"verified": True, "primary": True}
        EmailAddress.objects.create(user=person, email=address, **proven)
    User.objects.filter(pk=person.pk).update(email=address)
    address_proven(person, before)


def check_is_free(address: str, person: User) -> None:
    """Raises ValidationError where another has proven that it is theirs."""
    others = EmailAddress.objects.filter(email=address.lower(), verified=True).exclude(user=person)
    if address and others.exists():
        raise ValidationError(TAKEN)
