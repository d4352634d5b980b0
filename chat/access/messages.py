"""Who may see, edit and delete a message."""

from chat.access.people import moderates
from chat.errors import Forbidden, NotFound
from chat.errors import text as _
from chat.models import Message, Room, User


def message_for(room: Room, message_id: int, *, deleted_too: bool = False) -> Message:
    """A message of a room that this person may read. Raises NotFound."""
    message: Message | None = Message.objects.shown().filter(room=room, pk=message_id).first()
    if message is None or (message.deleted and not deleted_too):
        raise NotFound(_("There is no such message."))
    return message


def check_edits(person: User, message: Message) -> None:
    """Raises Forbidden."""
    if message.author_id != person.pk:
        raise Forbidden(_("Only its author can edit a message."))


def check_deletes(person: User, message: Message) -> None:
    """Raises Forbidden."""
    if message.author_id != person.pk and not moderates(person):
        raise Forbidden(_("Only its author can delete a message."))
