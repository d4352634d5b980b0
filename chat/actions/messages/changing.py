"""Edits, deletions and reactions: each under its room's lock."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from chat import access, fanout, markup, presentation, protocol
from chat.actions.messages.content import check_emoji, rendered
from chat.actions.messages.log import Stored, take_numbers
from chat.errors import Conflict, Invalid
from chat.errors import text as _
from chat.models import Message, Reaction, Room, User

MAX_EMOJI = 40
"""Different emoji on one message."""


def edit_message(
    user: User,
    room_id: int,
    message_id: int,
    body: str,
    speaker: fanout.Speaker | None = None,
    *,
    was: str | None = None,
) -> Stored:
    """The author's new words, for those that they saw (`was`). Raises what a command may meet."""

    def edit(message: Message) -> bool:
        access.check_edits(user, message)
        html = rendered(body)
        if message.body == body:
            return False
        if was is not None and message.body != was:
            raise Conflict(_("This message was changed meanwhile."))
        message.body, message.html, message.html_version = body, html, markup.VERSION
        message.edited_at = timezone.now()
        return True

    return _change(user, room_id, message_id, edit, speaker)


def delete_message(
    user: User, room_id: int, message_id: int, speaker: fanout.Speaker | None = None
) -> Stored:
    """Empties the message; its place stays. Its author may, and who moderates.

    Raises NotFound or Forbidden.
    """

    def empty_own(message: Message) -> bool:
        access.check_deletes(user, message)
        return _empty(message)

    return _change(user, room_id, message_id, empty_own, speaker, deleted_too=True)


def moderate_message(moderator: User, message: Message) -> Stored:
    """Empties a message in any room, archived ones too. Raises Forbidden to who is no moderator."""
    access.check_moderates(moderator)
    with transaction.atomic():
        return _change_in(message.room, message.pk, _empty, None, deleted_too=True)


def _empty(message: Message) -> bool:
    if message.deleted:
        return False
    message.body = message.html = ""
    message.deleted = True
    message.reactions.all().delete()
    return True


def react(
    user: User,
    room_id: int,
    message_id: int,
    emoji: str,
    on: bool,
    speaker: fanout.Speaker | None = None,
) -> Stored:
    """Puts a person's emoji on a message, or takes it off.

    Raises NotFound, Forbidden or Invalid.
    """

    def toggle(message: Message) -> bool:
        check_emoji(emoji)
        mine: dict[str, Any] = {"message": message, "user": user, "emoji": emoji}
        if not on:
            return bool(Reaction.objects.filter(**mine).delete()[0])
        if message.reactions.exclude(emoji=emoji).values("emoji").distinct().count() >= MAX_EMOJI:
            problem = _("This message has enough different reactions.")
            raise Invalid(problem, {"emoji": problem})
        return Reaction.objects.get_or_create(**mine)[1]

    return _change(user, room_id, message_id, toggle, speaker)


def _change(
    user: User,
    room_id: int,
    message_id: int,
    apply: Callable[[Message], bool],
    speaker: fanout.Speaker | None,
    *,
    deleted_too: bool = False,
) -> Stored:
    """Applies a change under the room's lock and, if it is one, numbers and announces it."""
    with transaction.atomic():
        room = access.writable_room_for(user, room_id)
        return _change_in(room, message_id, apply, speaker, deleted_too=deleted_too)


def _change_in(
    room: Room,
    message_id: int,
    apply: Callable[[Message], bool],
    speaker: fanout.Speaker | None,
    *,
    deleted_too: bool,
) -> Stored:
    Room.objects.select_for_update().get(pk=room.pk)
    message = access.message_for(room, message_id, deleted_too=deleted_too)
    if not apply(message):
        return Stored(message, presentation.message_json(message), new=False)
    message.changed_seq = take_numbers({room.pk: 1})[room.pk]
    message.save()
    message = Message.objects.shown().get(pk=message.pk)
    text = presentation.message_json(message)
    change = _changed(message, text, speaker)
    transaction.on_commit(lambda: fanout.publish([change]))
    return Stored(message, text)


def _changed(message: Message, text: str, speaker: fanout.Speaker | None) -> fanout.Change:
    room_id, seq = message.room_id, message.changed_seq
    reply = protocol.changed(room_id, seq, text, speaker.ref) if speaker else ""
    return fanout.Change(room_id, seq, protocol.message_event(room_id, seq, text), speaker, reply)
