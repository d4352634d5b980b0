"""Who a person is, and whether they may come in at all."""

import secrets
from math import ceil

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F

from chat import access
from chat.actions.authority import access_changed
from chat.actions.naming import hold_names
from chat.actions.notes import forget_name, note
from chat.actions.rates import Rate
from chat.errors import Forbidden, RateLimited
from chat.errors import text as _
from chat.models import Membership, Room, User
from chat.names import FORMER_MEMBER, FORMER_USERNAME, tidy_name

NAMES_AN_HOUR = 5
"""Everybody who sees the person is told of each."""

name_rate = Rate(NAMES_AN_HOUR / 3600, "names", burst_seconds=3600)


def rename_person(person: User, name: str) -> None:
    """Their display name; an empty one shows the username.

    Raises RateLimited.
    """
    name = tidy_name(name)
    if name == person.name:
        return
    if wait := name_rate.take(f"person.{person.pk}"):
        minutes = ceil(wait / 60)
        told = _("You have changed your name often. Try again in %(minutes)d min.", minutes=minutes)
        raise RateLimited(told, retry_after=wait)
    person.name = name
    person.save(update_fields=["name"])


def visit_room(person: User, room: Room) -> None:
    """Remember the room to which `/` leads them."""
    if person.last_room_id != room.pk:
        User.objects.filter(pk=person.pk).update(last_room=room)


def block_person(by: User, person: User) -> None:
    """Signs them out everywhere within a second, and lets them sign in no more.

    Raises Forbidden unless `by` may manage them, and for the last superuser: nobody could ever let
    anyone in again.
    """
    access.check_manages(by, person)
    with transaction.atomic():
        _keep_a_superuser(person)
        User.objects.filter(pk=person.pk).update(is_active=False)
        note(by, person, "Blocked")
        access_changed()
    person.is_active = False


def unblock_person(by: User, person: User) -> None:
    """Lets them sign in again. What was signed in before the block stays out.

    Raises Forbidden unless `by` may manage them.
    """
    access.check_manages(by, person)
    with transaction.atomic():
        hold_names()  # as in `is_last_superuser`
        back = {"is_active": True, "session_epoch": F("session_epoch") + 1}
        User.objects.filter(pk=person.pk).update(**back)
        note(by, person, "Unblocked")
        access_changed()
    person.refresh_from_db(fields=list(back))


def anonymise_person(by: User, person: User) -> None:
    """Take from a person everything that tells who they were, for good; what they said stays.

    Raises Forbidden as `block_person` does.
    """
    access.check_manages(by, person)
    with transaction.atomic():
        # Memberships before the site, as whoever leaves a room; people after it.
        Membership.objects.filter(user=person).delete()
        _keep_a_superuser(person)
        EmailAddress.objects.filter(user=person).delete()
        Authenticator.objects.filter(user=person).delete()
        person.groups.clear()
        person.user_permissions.clear()
        _forget(person)
        note(by, person, "Made anonymous")
        forget_name(person)
        access_changed()


def remove_second_step(by: User, person: User) -> None:
    """They sign in with their password alone, until they set up another.

    Raises Forbidden unless `by` may manage them, and to themselves: that asks for their password.
    """
    access.check_manages_another(by, person)
    with transaction.atomic():
        if Authenticator.objects.filter(user=person).delete()[0]:
            note(by, person, "Second step removed")


def _forget(person: User) -> None:
    person.username = f"{FORMER_USERNAME}{secrets.token_hex(6)}"
    person.name = str(FORMER_MEMBER)
    person.email = ""
    person.address_counts_from = None
    person.is_active = person.is_staff = person.is_superuser = False
    person.last_room = person.last_login = None
    person.set_unusable_password()
    person.save()


def is_last_superuser(person: User) -> bool:
    """Ask it inside a transaction: until that ends, nobody else can cease to be one."""
    hold_names()  # whoever names a superuser holds them first, and the row after
    others = User.objects.select_for_update().filter(is_superuser=True, is_active=True)
    return person.is_superuser and not any(other.pk != person.pk for other in others)


def _keep_a_superuser(person: User) -> None:
    if is_last_superuser(person):
        raise Forbidden(_("This is the last superuser. Make another one first."))
