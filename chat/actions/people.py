"""Who a person is, and whether they may come in at all."""

import secrets

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F

from chat import access
from chat.actions.authority import access_changed
from chat.errors import Forbidden
from chat.errors import text as _
from chat.models import Membership, Room, User
from chat.names import FORMER_MEMBER, FORMER_USERNAME, tidy_name


def rename_person(person: User, name: str) -> None:
    """Their display name; an empty one shows the username."""
    person.name = tidy_name(name)
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
        access_changed()
    person.is_active = False


def unblock_person(by: User, person: User) -> None:
    """Lets them sign in again. What was signed in before the block stays out.

    Raises Forbidden unless `by` may manage them.
    """
    access.check_manages(by, person)
    with transaction.atomic():
        back = {"is_active": True, "session_epoch": F("session_epoch") + 1}
        User.objects.filter(pk=person.pk).update(**back)
        access_changed()
    person.refresh_from_db(fields=list(back))


def anonymise_person(by: User, person: User) -> None:
    """Take from a person everything that tells who they were, for good; what they said stays.

    Raises Forbidden as `block_person` does.
    """
    access.check_manages(by, person)
    with transaction.atomic():
        _keep_a_superuser(person)
        EmailAddress.objects.filter(user=person).delete()
        Authenticator.objects.filter(user=person).delete()
        Membership.objects.filter(user=person).delete()
        person.groups.clear()
        person.user_permissions.clear()
        _forget(person)
        access_changed()


def _forget(person: User) -> None:
    person.username = f"{FORMER_USERNAME}{secrets.token_hex(6)}"
    person.name = str(FORMER_MEMBER)
    person.email = ""
    person.is_active = person.is_staff = person.is_superuser = False
    person.last_room = person.last_login = None
    person.set_unusable_password()
    person.save()


def is_last_superuser(person: User) -> bool:
    """Ask it inside a transaction: until that ends, nobody else can cease to be one."""
    others = User.objects.select_for_update().filter(is_superuser=True, is_active=True)
    return person.is_superuser and not any(other.pk != person.pk for other in others)


def _keep_a_superuser(person: User) -> None:
    if is_last_superuser(person):
        raise Forbidden(_("This is the last superuser. Make another one first."))
