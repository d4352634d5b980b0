"""What people are called: no two usernames alike, and whose name could be taken for another's."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver

from chat import fanout
from chat.looks import LOOKS, at_a_glance
from chat.models import NameLook, Site, User
from chat.names import speaks_for_the_site

NAMES = ("username", "name")
RIGHTS = ("password", "session_epoch", "is_active", "is_staff", "is_superuser")
OF_A_NAME = frozenset({*NAMES, *LOOKS})


@receiver(pre_save, sender=User)
def _before_naming(
    instance: User, update_fields: frozenset[str] | None, raw: bool, **_: object
) -> None:
    """Raises ValidationError for a username that another could be taken for."""
    if raw or not (update_fields is None or OF_A_NAME & update_fields):
        return
    hold_names()
    stored = User.objects.filter(pk=instance.pk).values(*NAMES, *RIGHTS).first()
    instance.stored = stored or {}
    if not stored or stored["username"] != instance.username:
        instance.clean()


@receiver(post_save, sender=User)
def _after_naming(instance: User, created: bool, **_: object) -> None:
    stored = instance.stored
    if stored is not None and any(stored.get(each) != getattr(instance, each) for each in NAMES):
        name_people([instance], are_new=created)


def hold_names() -> None:
    """Until the commit nobody else names anyone: of two who would be alike one comes second, and
    sees the first."""
    Site.objects.select_for_update().filter(pk=1).first()


def name_people(people: Sequence[User], *, are_new: bool) -> None:
    """Call it in the transaction that stored their names, after `hold_names`."""
    before = NameLook.objects.filter(user__in=people)
    touched = set(before.values_list("look", flat=True))
    before.delete()
    looks = [look for person in people for look in _looks_of(person)]
    NameLook.objects.bulk_create(looks)
    told = _judge(touched | {look.look for look in looks})
    if not are_new:
        told |= {person.pk for person in people}
    _names_changed(told)
    _take_judgement(people)


def _take_judgement(people: Sequence[User]) -> None:
    stored = User.objects.in_bulk([person.pk for person in people])
    for person in people:
        person.name_is_ambiguous = stored[person.pk].name_is_ambiguous
        person.names_version = stored[person.pk].names_version


def _looks_of(person: User) -> Iterable[NameLook]:
    own = at_a_glance(person.username)
    for look in own:
        yield NameLook(user=person, look=look, shown=False)
    if person.is_former or not person.name:
        return
    of_office = speaks_for_the_site(person.name, person.username)
    for look in at_a_glance(person.name):
        yield NameLook(user=person, look=look, shown=True, of_office=of_office)


def _judge(looks: set[str]) -> set[int]:
    """Of those who are seen so: are they still, or no longer, like somebody else? Who changed."""
    seen_so = NameLook.objects.filter(look__in=looks).values("user")
    people = User.objects.filter(pk__in=seen_so).annotate(is_doubtful=_is_doubtful())
    wrong = people.exclude(name_is_ambiguous=F("is_doubtful"))
    changed = dict(wrong.values_list("pk", "is_doubtful"))
    for answer in set(changed.values()):
        those = [pk for pk, doubtful in changed.items() if doubtful == answer]
        User.objects.filter(pk__in=those).update(name_is_ambiguous=answer)
    return set(changed)


def _is_doubtful() -> Q:
    """Of a person: a name that is another's too, or, where they go by their username, a username
    that is another's name. Usernames alone are never alike."""
    others = NameLook.objects.filter(look=OuterRef("look")).exclude(user=OuterRef("user"))
    own = NameLook.objects.filter(user=OuterRef("pk"))
    name = Exists(own.filter(Q(of_office=True) | Exists(others), shown=True))
    username = Exists(own.filter(Exists(others.filter(shown=True)), shown=False))
    return Q(name) | Q(username, name="")


def _names_changed(people: Iterable[int]) -> None:
    """The row tells every process within a second, the layer tells them at once."""
    if not (people := list(people)):
        return
    site = Site.objects.filter(pk=1)
    site.update(people_version=F("people_version") + 1)
    version = site.values_list("people_version", flat=True).get()
    User.objects.filter(pk__in=people).update(names_version=version)
    transaction.on_commit(fanout.people_changed)
