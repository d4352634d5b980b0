"""What clients may send, and how answers are framed."""

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import protocol
from chat.errors import BadFrame, ChatError, Invalid, UnknownType

POST = {"type": "post", "room": 1, "client_id": "c1", "body": "hello"}
VALID: dict[str, dict[str, object]] = {
    "post": POST,
    "edit": {"type": "edit", "room": 1, "message": 2, "body": "x"},
    "delete": {"type": "delete", "room": 1, "message": 2},
    "react": {"type": "react", "room": 1, "message": 2, "emoji": "👍", "on": True},
    "sync": {"type": "sync", "room": 1, "after": 0},
    "read": {"type": "read", "room": 1, "seq": 0},
    "watch": {"type": "watch", "rooms": []},
    "typing": {"type": "typing", "room": 1},
    "heartbeat": {"type": "heartbeat", "received": 0},
}


def refusal(text: str) -> ChatError:
    with pytest.raises(ChatError) as caught:
        protocol.parse(text)
    return caught.value


@pytest.mark.parametrize("kind", VALID)
def test_each_command_of_the_contract_is_understood(kind: str) -> None:
    command = protocol.parse(json.dumps(VALID[kind] | {"ref": 7, "from_the_future": {}}))
    assert type(command).__name__.lower() == kind
    assert command.ref == 7


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "{",
        '{"type": "typing", "room": NaN}',
        '{"type": "typing", "room": 1, "ref": Infinity}',
        '{"type": "typing", "room": -Infinity}',
        '{"type": "post", "body": "\\ud800"}',
        '{"type": "\ud800"}',
        "\ud800",
        "[" * 200_000,
        '{"a":' * 200_000,
        '{"type": "typing", "ref": 1} {}',
        "[]",
        "[[1]]",
        "1",
        "null",
        '"post"',
        '{"type": "typing", "ref": ' + "9" * 5_000 + "}",
    ],
    ids=lambda text: text[:40],
)
def test_what_is_not_one_json_object_is_a_bad_frame(text: str) -> None:
    assert isinstance(refusal(text), BadFrame)


@pytest.mark.parametrize(
    "kind", [None, 1, "", "Post", "command", "subscribe", ["post"], {}, "po\0st"]
)
def test_a_type_that_nobody_knows_is_refused_and_its_ref_repeated(kind: object) -> None:
    error = refusal(json.dumps({"type": kind, "ref": 4}))
    assert isinstance(error, UnknownType)
    assert error.extra == {"ref": 4}


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("post", "room", "1"),
        ("post", "room", 0),
        ("post", "room", -1),
        ("post", "room", True),
        ("post", "room", 1.0),
        ("post", "room", 2**53),
        ("post", "room", 10**400),
        ("post", "client_id", ""),
        ("post", "client_id", "x" * 65),
        ("post", "client_id", "a b"),
        ("post", "client_id", "c1\n"),
        ("post", "client_id", "é"),
        ("post", "client_id", 5),
        ("post", "body", None),
        ("post", "body", ["hello"]),
        ("post", "reply_to", 0),
        ("post", "attachments", {}),
        ("edit", "message", "2"),
        ("react", "emoji", ""),
        ("react", "emoji", "👍" * 33),
        ("react", "on", 1),
        ("react", "on", "yes"),
        ("sync", "after", -1),
        ("sync", "limit", -1),
        ("sync", "epoch", 5),
        ("read", "seq", None),
        ("watch", "rooms", list(range(1, 22))),
        ("watch", "rooms", [0]),
        ("watch", "rooms", "1"),
        ("heartbeat", "received", -1),
    ],
)
def test_a_field_that_is_not_as_it_should_be_is_named(kind: str, field: str, value: object) -> None:
    error = refusal(json.dumps(VALID[kind] | {field: value, "ref": 3}))
    assert isinstance(error, Invalid)
    assert error.extra["ref"] == 3
    errors = error.extra["errors"]
    assert isinstance(errors, dict)
    assert {name.split(".")[0] for name in errors} == {field}


def test_a_missing_field_is_named() -> None:
    error = refusal('{"type": "typing"}')
    assert error.extra == {"errors": {"room": "This is missing."}}


@pytest.mark.parametrize("ref", ["1", 1.5, True, None, [1], 2**53, -(2**53)])
def test_a_ref_that_is_no_integer_of_javascript_is_not_repeated(ref: object) -> None:
    assert "ref" not in refusal(json.dumps({"type": "nothing", "ref": ref})).extra


def test_a_refused_post_repeats_its_client_id() -> None:
    assert refusal(json.dumps(POST | {"room": 0})).extra["client_id"] == "c1"
    assert "client_id" not in refusal(json.dumps(POST | {"client_id": "x" * 65})).extra
    assert (
        "client_id" not in refusal(json.dumps(VALID["edit"] | {"client_id": "c", "room": 0})).extra
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
near_commands = st.builds(
    lambda kind, fields: json.dumps(VALID[kind] | fields),
    st.sampled_from(sorted(VALID)),
    st.dictionaries(
        st.sampled_from(["type", "room", "ref", "client_id", "body", "message", "emoji", "rooms"]),
        json_values,
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.text() | near_commands | json_values.map(json.dumps))
def test_whatever_comes_is_a_command_or_a_refusal_that_can_be_sent(text: str) -> None:
    try:
        assert isinstance(protocol.parse(text), protocol.Command)
    except ChatError as error:
        sent = json.loads(protocol.error(error))
        assert sent["type"] == "error"
        assert sent["code"] in {"bad_frame", "unknown_type", "invalid"}


def test_a_message_is_put_into_its_events_as_it_is() -> None:
    text = '{"id":5,"body":"é\\""}'
    message = json.loads(text)
    assert json.loads(protocol.message_event(1, 9, text)) == {
        "type": "message",
        "room": 1,
        "seq": 9,
        "message": message,
    }
    assert json.loads(protocol.posted(1, 9, text, "c-1_Z", 0)) == {
        "type": "posted",
        "room": 1,
        "seq": 9,
        "client_id": "c-1_Z",
        "ref": 0,
        "message": message,
    }
    assert "ref" not in json.loads(protocol.posted(1, 9, text, "c", None))
    assert json.loads(protocol.changed(1, 9, text, -3))["ref"] == -3
    assert json.loads(protocol.skipped(1, 9)) == {"type": "skipped", "room": 1, "seq": 9}
    synced = json.loads(protocol.synced(1, 2, [text, text], {"last_seq": 9, "more": False}))
    assert synced == {
        "type": "synced",
        "room": 1,
        "ref": 2,
        "messages": [message, message],
        "last_seq": 9,
        "more": False,
    }


def event(size: int, letter: str = "x") -> str:
    """One event of so many bytes."""
    return json.dumps(letter * ((size - 2) // len(letter.encode())), ensure_ascii=False)


def test_few_events_share_a_frame() -> None:
    assert list(protocol.frames(["1", "2", "3"])) == ["[1,2,3]"]
    assert list(protocol.frames([])) == []


@pytest.mark.parametrize("letter", ["x", "漢"])
@pytest.mark.parametrize("size", [10, 1_000, 87_380, 131_070, 131_071, 131_072, 262_142, 262_143])
def test_gathered_frames_keep_the_order_and_the_bound(size: int, letter: str) -> None:
    events = [event(size, letter) for _ in range(7)]
    frames = list(protocol.frames(events))
    assert [
        json.dumps(each, ensure_ascii=False) for f in frames for each in json.loads(f)
    ] == events
    for frame in frames:
        assert len(frame.encode()) <= protocol.MAX_OUTGOING or len(json.loads(frame)) == 1
    for one, other in pairwise(frames):
        first = len(json.dumps(json.loads(other)[0], ensure_ascii=False).encode())
        assert len(one.encode()) + first + 1 > protocol.MAX_OUTGOING, "it would have fitted"


def test_an_event_that_is_too_long_leaves_alone() -> None:
    long = event(protocol.MAX_OUTGOING + 50)
    assert list(protocol.frames(["1", long, "2"])) == ["[1]", f"[{long}]", "[2]"]
