"""Who did what to whom: kept beside what was done, in the same transaction."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from chat.models import User


def forget_name(person: User) -> None:
    """What was done to them stays; who they were does not."""
    kind = ContentType.objects.get_for_model(User)
    about = LogEntry.objects.filter(content_type=kind, object_id=str(person.pk))
    about.update(object_repr=str(person))


def note(by: User, about: Model | type[Model], what: str) -> None:
    """`about` is a row, or the kind of rows that were searched."""
    row = about if isinstance(about, Model) else None
    LogEntry.objects.create(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(about),
        object_id=str(row.pk) if row else None,
        object_repr=str(row or "")[:200],
        action_flag=CHANGE,
        change_message=what,
    )
