"""Who may be where has changed: every process is to look again."""

from weakref import WeakSet

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from chat import fanout
from chat.actions.naming import OF_A_NAME, RIGHTS
from chat.models import Site, User
from chat.session_store import SessionStore


def access_changed() -> None:
    """Call it last in the transaction that changes somebody's rights, sessions or rooms.

    The row tells every process within a second, the layer tells them at once.
    """
    Site.objects.filter(pk=1).update(access_version=F("access_version") + 1)
    transaction.on_commit(fanout.access_changed)


_told: WeakSet[object] = WeakSet()


@receiver(post_delete, sender=Session)
def _session_ended(instance: Session, origin: object, **_: object) -> None:
    """Signing in ends a session too, the one from before; nobody can be connected by that. Nor by
    one that has expired; and of many that go in one deletion, one is told."""
    if instance.expire_date <= timezone.now() or origin in _told:
        return
    if SESSION_KEY in SessionStore().decode(instance.session_data):
        if isinstance(origin, QuerySet):
            _told.add(origin)
        with transaction.atomic():
            access_changed()


@receiver(post_save, sender=User)
def _person_changed(
    instance: User, created: bool, update_fields: frozenset[str] | None, **_: object
) -> None:
    """A password or a block may be among it. Signing in saves `last_login` alone; a name is no
    right, nor is an address."""
    if not created and _rights_changed(instance, update_fields):
        with transaction.atomic():
            access_changed()


def _rights_changed(person: User, update_fields: frozenset[str] | None) -> bool:
    if update_fields is not None:
        return not update_fields <= {"last_login", "email", *OF_A_NAME}
    before = person.stored or {}
    return any(before.get(right) != getattr(person, right) for right in RIGHTS)
