"""Posts: those that arrive together are stored together, each with its own outcome."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from chat import access, fanout, markup, presentation, protocol
from chat.actions.messages.content import Drawn, check_attachments, drawn, html_of
from chat.actions.messages.log import Outcome, Stored, take_numbers
from chat.actions.messages.tables import ask
from chat.actions.rates import Rate, costs_of, too_fast
from chat.errors import ChatError, Forbidden, Invalid, NotFound, RateLimited
from chat.errors import text as _
from chat.models import Message, User

post_rate = Rate(settings.CHAT_POST_RATE, "post")


@dataclass(frozen=True, slots=True)
class NewPost:
    """What somebody wants to say, and on which connection, if it is one."""

    user: User
    room_id: int
    client_id: str
    body: str
    reply_to: int | None = None
    attachments: Sequence[object] = ()
    meant_from: int | None = None
    """Whose session its page thought to be on, by their id, if it says so."""
    speaker: fanout.Speaker | None = None
    drawn: Drawn = ""
    """What became of its body; nothing, if that is not drawn yet."""
    address: str = ""
    """From which it comes, if that is counted."""


def post_messages(posts: Sequence[NewPost]) -> list[Outcome]:
    """Stores the posts in one transaction, each with its own outcome, and announces them.

    Raises DatabaseError when nothing could be stored: then none was.
    """
    posts = [post if post.drawn else _drawn(post) for post in posts]
    counted: set[int] = set()
    try:
        return _post(posts, counted)
    except IntegrityError:
        # Another process stored one of them between our look and our insert: now we see it.
        return _post(posts, counted)


def _drawn(post: NewPost) -> NewPost:
    return replace(post, drawn=drawn(post.body))


def _post(posts: Sequence[NewPost], counted: set[int]) -> list[Outcome]:
    """`counted` are those of which the author's rate knows already."""
    with transaction.atomic():
        outcomes: dict[int, Outcome] = {}
        _refuse_strangers(posts, outcomes)
        _answer_repeats(posts, outcomes)
        rows = _rows(posts, outcomes, counted)
        _store(rows, outcomes)
        _answer_twins(posts, outcomes)
        changes = [
            _announcement(post, outcome)
            for index, post in enumerate(posts)
            if isinstance(outcome := outcomes[index], Stored) and outcome.new
        ]
        transaction.on_commit(lambda: fanout.publish(changes))
    return [outcomes[index] for index in range(len(posts))]


def _refuse_strangers(posts: Sequence[NewPost], outcomes: dict[int, Outcome]) -> None:
    rows = ask(
        {"user_id": "bigint", "room_id": "bigint"},
        {(post.user.pk, post.room_id) for post in posts},
        " SELECT m.user_id, m.room_id, r.archived_at, u.username, u.name,"
        " u.name_is_ambiguous FROM asked"
        " CROSS JOIN chat_membership m JOIN chat_room r ON r.id = m.room_id"
        " JOIN chat_user u ON u.id = m.user_id"
        " WHERE m.user_id = asked.user_id AND m.room_id = asked.room_id AND u.is_active",
    )
    places = {(user, room): found for user, room, *found in rows}
    for index, post in enumerate(posts):
        place = places.get((post.user.pk, post.room_id))
        if place is None:
            outcomes[index] = NotFound(_("There is no such room."))
            continue
        # A connection signed in long ago, perhaps under another name.
        archived_at, post.user.username, post.user.name, post.user.name_is_ambiguous = place
        if archived_at:
            outcomes[index] = Forbidden(access.ARCHIVED)
        elif post.meant_from not in (None, post.user.pk):
            outcomes[index] = Forbidden(_("Somebody else is signed in here now."))


def _answer_repeats(posts: Sequence[NewPost], outcomes: dict[int, Outcome]) -> None:
    keys = {
        (post.user.pk, post.client_id) for index, post in enumerate(posts) if index not in outcomes
    }
    stored = ask(
        {"author_id": "bigint", "client_id": "text"},
        keys,
        " SELECT m.id FROM asked CROSS JOIN chat_message m"
        " WHERE m.author_id = asked.author_id AND m.client_id = asked.client_id",
    )
    if not stored:
        return
    messages = {
        (message.author_id, message.client_id): message
        for message in Message.objects.shown().filter(pk__in=[pk for (pk,) in stored])
    }
    for index, post in enumerate(posts):
        message = messages.get((post.user.pk, post.client_id))
        if message and index not in outcomes:
            outcomes[index] = _repeat(message, post)


def _repeat(message: Message, post: NewPost) -> Outcome:
    if message.room_id != post.room_id:
        problem = _("This client_id was used in another room.")
        return Invalid(problem, {"client_id": problem})
    return Stored(message, presentation.message_json(message, post.user.pk), new=False)


def _rows(
    posts: Sequence[NewPost], outcomes: dict[int, Outcome], counted: set[int]
) -> dict[int, Message]:
    """What is to be stored, by the post's place. The same post again in one batch is not."""
    outcomes |= _too_fast(posts, outcomes, counted)
    quoted = _quoted(posts)
    rows: dict[int, Message] = {}
    seen: set[tuple[int, str]] = set()
    for index, post in enumerate(posts):
        key = (post.user.pk, post.client_id)
        if index in outcomes or key in seen:
            continue
        try:
            rows[index] = _checked_row(post, quoted)
            seen.add(key)
        except ChatError as error:
            outcomes[index] = error
    return rows


def _too_fast(
    posts: Sequence[NewPost], outcomes: Mapping[int, Outcome], counted: set[int]
) -> dict[int, Outcome]:
    """The posts that come too soon. The same post again counts once, and meets the same answer."""
    asked: dict[tuple[int, str], list[int]] = {}
    refused: dict[int, Outcome] = {}
    for index, post in enumerate(posts):
        if index in outcomes or index in counted:
            continue
        if isinstance(post.drawn, RateLimited):
            refused[index] = post.drawn
        else:
            asked.setdefault((post.user.pk, post.client_id), []).append(index)
    first = [posts[places[0]] for places in asked.values()]
    waits = post_rate.take_all([costs_of(post.user.pk, post.address) for post in first])
    for wait, places in zip(waits, asked.values(), strict=True):
        if wait:
            refused |= {index: too_fast(wait) for index in places}
        else:
            counted.update(places)
    return refused


def _quoted(posts: Sequence[NewPost]) -> dict[tuple[int, int], Message]:
    ids = {post.reply_to for post in posts if post.reply_to}
    if not ids:
        return {}
    messages = Message.objects.filter(pk__in=ids)
    return {(message.room_id, message.pk): message for message in messages}


def _checked_row(post: NewPost, quoted: Mapping[tuple[int, int], Message]) -> Message:
    html = html_of(post.drawn)
    check_attachments(post.attachments)
    reply_to = quoted.get((post.room_id, post.reply_to or 0))
    if post.reply_to and reply_to is None:
        problem = _("The message to reply to is not in this room.")
        raise Invalid(problem, {"reply_to": problem})
    row = Message(
        room_id=post.room_id,
        author=post.user,
        client_id=post.client_id,
        body=post.body,
        html=html,
        html_version=markup.VERSION,
        reply_to=reply_to,
    )
    row.shown_reactions = []
    return row


def _store(rows: Mapping[int, Message], outcomes: dict[int, Outcome]) -> None:
    """Numbers and inserts them, in the order in which they were asked for."""
    if not rows:
        return
    _number(rows.values())
    _insert(rows.values())
    for index, row in rows.items():
        outcomes[index] = Stored(row, presentation.message_json(row))


def _number(rows: Collection[Message]) -> None:
    counts = Counter(row.room_id for row in rows)
    last_seqs = take_numbers(counts)
    following = {room_id: count(last_seqs[room_id] - counts[room_id] + 1) for room_id in counts}
    for row in rows:
        row.seq = row.changed_seq = next(following[row.room_id])


_COLUMNS = {
    "room_id": "bigint",
    "seq": "bigint",
    "author_id": "bigint",
    "client_id": "text",
    "body": "text",
    "html": "text",
    "html_version": "smallint",
    "reply_to_id": "bigint",
    "created_at": "timestamptz",
}
_INSERT = (
    " INSERT INTO chat_message (room_id, seq, author_id, client_id, body, html, html_version,"
    " reply_to_id, created_at, changed_seq, deleted)"
    " SELECT asked.*, seq, FALSE FROM asked RETURNING room_id, seq, id"
)


def _insert(rows: Collection[Message]) -> None:
    """By hand: `bulk_create` takes longer than all the rest that a post costs."""
    answer = ask(_COLUMNS, [_values(row) for row in rows], _INSERT)
    keys = {(room_id, seq): pk for room_id, seq, pk in answer}
    for row in rows:
        row.pk = keys[row.room_id, row.seq]


def _values(row: Message) -> tuple[object, ...]:
    moment = str(connection.ops.adapt_datetimefield_value(row.created_at))
    place = (row.room_id, row.seq, row.author_id, row.client_id)
    return (*place, row.body, row.html, row.html_version, row.reply_to_id, moment)


def _answer_twins(posts: Sequence[NewPost], outcomes: dict[int, Outcome]) -> None:
    """The same post twice in one batch: the later ones are repeats of the first."""
    stored = {
        (post.user.pk, post.client_id): outcome
        for index, post in enumerate(posts)
        if isinstance(outcome := outcomes.get(index), Stored)
    }
    for index, post in enumerate(posts):
        if index not in outcomes:
            outcomes[index] = _repeat(stored[post.user.pk, post.client_id].message, post)


def _announcement(post: NewPost, posted: Stored) -> fanout.Change:
    message, text = posted.message, posted.text
    reply = ""
    if post.speaker:
        reply = protocol.posted(
            message.room_id, message.seq, text, message.client_id, post.speaker.ref
        )
    event = protocol.message_event(message.room_id, message.seq, text)
    return fanout.Change(message.room_id, message.seq, event, post.speaker, reply)
