"""Edits, deletions and reactions: each under its room's lock."""

from collections.abc import Callable
from functools import partial

from django.db import transaction
from django.utils import timezone

from chat import access, fanout, markup, presentation, protocol
from chat.actions.messages.content import Drawn, checked_emoji, drawn, html_of
from chat.actions.messages.log import Stored, lock_room, take_numbers
from chat.actions.notes import note
from chat.emoji import as_one
from chat.errors import Conflict, Invalid
from chat.errors import text as _
from chat.models import Message, Reaction, Room, User

MAX_EMOJI = 40
"""Different emoji on one message."""

Fields = tuple[str, ...]
"""Of the message, that a change touches; None is no change."""


def edit_message(
    user: User,
    room_id: int,
    message_id: int,
    body: str,
    speaker: fanout.Speaker | None = None,
    *,
    was: str | None = None,
    drawn_body: Drawn = "",
) -> Stored:
    """The author's new words, for those that they saw (`was`). Raises what a command may meet.

    `drawn_body` is what became of the body; nothing, if that is not drawn yet.
    """
    drawn_body = drawn_body or drawn(body)

    def edit(message: Message) -> Fields | None:
        access.check_edits(user, message)
        html = html_of(drawn_body)
        if message.body == body:
            return None
        if was is not None and message.body != was:
            raise Conflict(_("This message was changed meanwhile."))
        message.body, message.html, message.html_version = body, html, markup.VERSION
        message.edited_at = timezone.now()
        return "body", "html", "html_version", "edited_at"

    return _change(user, room_id, message_id, edit, speaker)


def delete_message(
    user: User, room_id: int, message_id: int, speaker: fanout.Speaker | None = None
) -> Stored:
    """Empties the message; its place stays. Its author may, and who moderates.

    Raises NotFound or Forbidden.
    """

    def empty_own(message: Message) -> Fields | None:
        access.check_deletes(user, message)
        return _empty_others(user, message)

    return _change(user, room_id, message_id, empty_own, speaker, deleted_too=True)


def moderate_message(moderator: User, message: Message) -> Stored:
    """Empties a message in any room, archived ones too. Raises Forbidden to who is no moderator."""
    access.check_moderates(moderator)
    with transaction.atomic():
        return _change_in(
            moderator,
            message.room,
            message.pk,
            partial(_empty_others, moderator),
            None,
            deleted_too=True,
        )


def _empty_others(moderator: User, message: Message) -> Fields | None:
    if message.deleted:
        return None
    message.body = message.html = ""
    message.deleted = True
    message.reactions.all().delete()
    message.shown_reactions = []
    if message.author_id != moderator.pk:
        note(moderator, message, "Emptied")
    return "body", "html", "deleted"


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
    stored = _change(user, room_id, message_id, partial(_toggle, user, emoji, on), speaker)
    if stored.new:
        _tell_other_tabs(user, stored.message, as_one(emoji), on, speaker)
    return stored


def _toggle(user: User, emoji: str, on: bool, message: Message) -> Fields | None:
    one = checked_emoji(emoji)
    alike = [each for each in message.shown_reactions if as_one(each.emoji) == one]
    mine = [each for each in alike if each.user_id == user.pk]
    if bool(mine) == on:
        return None
    if on:
        if not alike:
            _check_kinds(message)
        made = Reaction.objects.create(message=message, user=user, emoji=one)
        message.shown_reactions.append(made)
    else:
        Reaction.objects.filter(pk__in=[each.pk for each in mine]).delete()
        for each in mine:
            message.shown_reactions.remove(each)
    return ()


def _check_kinds(message: Message) -> None:
    """Raises Invalid."""
    if len({as_one(each.emoji) for each in message.shown_reactions}) >= MAX_EMOJI:
        problem = _("This message has enough different reactions.")
        raise Invalid(problem, {"emoji": problem})


def _tell_other_tabs(
    user: User, message: Message, emoji: str, on: bool, speaker: fanout.Speaker | None
) -> None:
    """What the event for all leaves open, once more have reacted alike than it names."""
    if not presentation.names_all_but(message, emoji, user.pk):
        return
    where = {"room": message.room_id, "message": message.pk}
    event = protocol.reply("reacted", None, **where, emoji=emoji, on=on)
    speaks = speaker.member.id if speaker else ""
    transaction.on_commit(lambda: fanout.to_person(message.room_id, user.pk, event, speaks))


def _change(
    user: User,
    room_id: int,
    message_id: int,
    apply: Callable[[Message], Fields | None],
    speaker: fanout.Speaker | None,
    *,
    deleted_too: bool = False,
) -> Stored:
    """Applies a change under the room's lock and, if it is one, numbers and announces it."""
    with transaction.atomic():
        room = access.writable_room_for(user, room_id)
        return _change_in(user, room, message_id, apply, speaker, deleted_too=deleted_too)


def _change_in(
    user: User,
    room: Room,
    message_id: int,
    apply: Callable[[Message], Fields | None],
    speaker: fanout.Speaker | None,
    *,
    deleted_too: bool,
) -> Stored:
    lock_room(room.pk)
    message = access.message_for(room, message_id, deleted_too=deleted_too)
    fields = apply(message)
    if fields is None:
        return Stored(message, presentation.message_json(message, user.pk), new=False)
    message.changed_seq = take_numbers({room.pk: 1})[room.pk]
    message.save(update_fields=[*fields, "changed_seq"])
    text = presentation.message_json(message)
    own = presentation.message_json(message, user.pk) if presentation.has_crowd(message) else text
    change = _changed(message, text, own, speaker)
    transaction.on_commit(lambda: fanout.publish([change]))
    return Stored(message, own)


def _changed(
    message: Message, text: str, own: str, speaker: fanout.Speaker | None
) -> fanout.Change:
    room_id, seq = message.room_id, message.changed_seq
    reply = protocol.changed(room_id, seq, own, speaker.ref) if speaker else ""
    return fanout.Change(room_id, seq, protocol.message_event(room_id, seq, text), speaker, reply)
