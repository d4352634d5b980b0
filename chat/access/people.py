"""Who moderates; who may block and unblock somebody, and make them anonymous."""

from django.db.models import QuerySet

from chat.errors import Forbidden
from chat.errors import text as _
from chat.models import User

_BACKEND = "django.contrib.auth.backends.ModelBackend"


def fresh(person: User) -> User:
    """As they are now, with the rights that they have now: who is connected was read long ago, and
    Django remembers a person's permissions with them."""
    now: User = User.objects.get(pk=person.pk)
    return now


def moderators() -> QuerySet[User]:
    """Those who may empty others' messages: in the rooms that they are in through the chat, in all
    rooms through the admin. It is the permission that counts, not who is staff."""
    people: QuerySet[User] = User.objects.with_perm("chat.moderate", backend=_BACKEND)
    return people


def moderates(person: User) -> bool:
    """Now, whenever `person` was read."""
    return moderators().filter(pk=person.pk).exists()


def check_moderates(person: User) -> None:
    """Raises Forbidden."""
    if not moderates(person):
        raise Forbidden(_("Only a moderator can do this."))


def may_manage(by: User, person: User) -> bool:
    """With the permission to change people; but those with power, of whichever kind, are managed by
    superusers alone, and by themselves."""
    if not (by.is_active and by.has_perm("chat.change_user")):
        return False
    return by.is_superuser or by == person or not _has_power(person)


def _has_power(person: User) -> bool:
    """Blocked or not: whoever lets them in again lets their power in."""
    if person.is_staff or person.is_superuser or person.user_permissions.exists():
        return True
    return person.groups.filter(permissions__isnull=False).exists()


def check_manages(by: User, person: User) -> None:
    """Raises Forbidden."""
    if not may_manage(fresh(by), fresh(person)):
        raise Forbidden(_("Only somebody who looks after this site can do that to them."))


def check_manages_another(by: User, person: User) -> None:
    """Of what guards an account: for one's own, one's password is asked. Raises Forbidden."""
    check_manages(by, person)
    if by.pk == person.pk:
        raise Forbidden(_("This you change on the pages of your own account."))
