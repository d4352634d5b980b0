"""The frames that clients send, and how answers are written down.

Knows neither Django nor Channels.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json, to_json

from chat.errors import BadFrame, ChatError, Invalid, Translate, UnknownType
from chat.errors import text as _
from chat.fields import problems_of

VERSION = 1
HEARTBEAT = 25
"""Seconds between a client's heartbeats."""

MAX_INCOMING = 256 * 1024
"""Bytes of one text message from a client; a longer one closes with 1009."""

MAX_OUTGOING = 256 * 1024
"""Bytes of one frame of gathered events; more go into a further frame."""

MAX_INTEGER = 2**53 - 1
"""The largest integer that JavaScript holds exactly."""

Id = Annotated[int, Field(ge=1, le=MAX_INTEGER)]
Seq = Annotated[int, Field(ge=0, le=MAX_INTEGER)]


class Command(BaseModel):
    """What a client asks for. `ref` comes back with the reply."""

    model_config = ConfigDict(strict=True, frozen=True)

    ref: int | None = Field(default=None, ge=-MAX_INTEGER, le=MAX_INTEGER)


class Post(Command):
    room: Id
    client_id: str = Field(pattern=r"\A[A-Za-z0-9_-]{1,64}\z")
    body: str
    reply_to: Id | None = None
    attachments: list[Any] = Field(default_factory=list)  # a default would be copied deeply
    as_: Id | None = Field(default=None, alias="as")


class Edit(Command):
    room: Id
    message: Id
    body: str
    was: str | None = None


class Delete(Command):
    room: Id
    message: Id


class React(Command):
    room: Id
    message: Id
    emoji: str = Field(min_length=1, max_length=32)
    on: bool


class Sync(Command):
    room: Id
    after: Seq
    limit: Annotated[int, Field(ge=0, le=MAX_INTEGER)] = 500
    epoch: str | None = None


class Read(Command):
    room: Id
    seq: Seq


class Watch(Command):
    rooms: list[Id] = Field(max_length=20)


class Typing(Command):
    room: Id


class Heartbeat(Command):
    received: Seq


COMMANDS: dict[str, type[Command]] = {
    model.__name__.lower(): model
    for model in (Post, Edit, Delete, React, Sync, Read, Watch, Typing, Heartbeat)
}


def parse(text: str) -> Command:
    """One command out of a text frame.

    Raises BadFrame, UnknownType or Invalid; their `extra` repeats the frame's `ref` and, of a
    post, its `client_id`, as far as they can be read.
    """
    frame = _load(text)
    try:
        kind = frame.get("type")
        model = COMMANDS.get(kind) if isinstance(kind, str) else None
        if model is None:
            raise UnknownType(_("This server does not know that type of command."))
        return _validate(model, frame)
    except ChatError as error:
        error.extra |= _repeated(frame)
        raise


def _load(text: str) -> dict[str, Any]:
    try:
        frame = from_json(text, allow_inf_nan=False)
    except (ValueError, TypeError):
        raise BadFrame(_("That is not JSON that this server reads.")) from None
    if not isinstance(frame, dict):
        raise BadFrame(_("A frame is one JSON object."))
    return frame


def _validate(model: type[Command], frame: dict[str, Any]) -> Command:
    try:
        return model.model_validate(frame)
    except ValidationError as error:
        detail = _("Some fields are not as they should be.")
        raise Invalid(detail, problems_of(error)) from None


def _repeated(frame: Mapping[str, Any]) -> dict[str, object]:
    repeated: dict[str, object] = {}
    ref = frame.get("ref")
    if type(ref) is int and abs(ref) <= MAX_INTEGER:
        repeated["ref"] = ref
    client_id = frame.get("client_id")
    if frame.get("type") == "post" and isinstance(client_id, str) and len(client_id) <= 64:
        repeated["client_id"] = client_id
    return repeated


def encode(event: Mapping[str, object]) -> str:
    """One event as JSON text, ready to be put into a frame."""
    return to_json(event).decode()


def reply(kind: str, ref: int | None, **fields: object) -> str:
    return encode({"type": kind} | ({} if ref is None else {"ref": ref}) | fields)


def error(refusal: ChatError, translate: Translate = str) -> str:
    return encode({"type": "error"} | refusal.fields(translate))


def message_event(room: int, seq: int, message: str) -> str:
    """`message` is JSON already: a room's event is encoded once for everybody."""
    return f'{{"type":"message","room":{room},"seq":{seq},"message":{message}}}'


def posted(room: int, seq: int, message: str, client_id: str, ref: int | None) -> str:
    return (
        f'{{"type":"posted","room":{room},"seq":{seq},"client_id":"{client_id}"'
        f'{_ref(ref)},"message":{message}}}'
    )


def changed(room: int, seq: int, message: str, ref: int | None) -> str:
    return f'{{"type":"changed","room":{room},"seq":{seq}{_ref(ref)},"message":{message}}}'


def _ref(ref: int | None) -> str:
    return "" if ref is None else f',"ref":{ref}'


def synced(
    room: int, ref: int | None, messages: Iterable[str], numbers: Mapping[str, object]
) -> str:
    """`numbers` are the further fields; the messages are JSON already."""
    further = encode(numbers)[1:]
    return f'{{"type":"synced","room":{room}{_ref(ref)},"messages":[{",".join(messages)}],{further}'


def person_event(user: Mapping[str, object], version: int) -> str:
    """`version` is the number of the change of what people are called that it tells."""
    return encode({"type": "person", "user": user, "version": version})


def skipped(room: int, seq: int) -> str:
    return f'{{"type":"skipped","room":{room},"seq":{seq}}}'


def frames(events: Iterable[str]) -> Iterable[str]:
    """The events as few array frames of at most MAX_OUTGOING bytes, a single longer one alone."""
    gathered: list[str] = []
    bytes_ = 1
    for event in events:
        added = size(event) + 1
        if gathered and bytes_ + added > MAX_OUTGOING:
            yield f"[{','.join(gathered)}]"
            gathered, bytes_ = [], 1
        gathered.append(event)
        bytes_ += added
    if gathered:
        yield f"[{','.join(gathered)}]"


def size(text: str) -> int:
    """Bytes of a text on the wire."""
    return len(text) if text.isascii() else len(text.encode())
