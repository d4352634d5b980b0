"""5. A bad command gets an `error` and harms nobody: the socket stays open."""

import json

import pytest

from tests.live.client import ChatClient, Refused, Tabs
from tests.live.servers import Daphne
from tests.live.site import Site

NOT_FRAMES: list[str | bytes] = [
    "",
    "not json",
    "[]",
    "null",
    "true",
    "42",
    '"post"',
    "[" * 200_000,
    '{"a":' * 20_000,
    '{"type":"heartbeat","received":NaN}',
    '{"type":"heartbeat","received":Infinity}',
    '{"type":"heartbeat","received":0',
    b"\xff\xfe",
    b'{"type":"heartbeat","received":0}',
]
UNKNOWN = [
    {},
    {"type": None},
    {"type": 7},
    {"type": ["post"]},
    {"type": {"post": 1}},
    {"type": ""},
    {"type": "shout"},
    {"type": "websocket.disconnect"},
    {"type": "websocket.receive"},
    {"type": "__init__"},
]
INVALID = [
    {"type": "post", "room": ..., "client_id": "a"},
    {"type": "post", "room": ..., "client_id": "", "body": "x"},
    {"type": "post", "room": ..., "client_id": "a b", "body": "x"},
    {"type": "post", "room": ..., "client_id": "a\n", "body": "x"},
    {"type": "post", "room": ..., "client_id": "a" * 65, "body": "x"},
    {"type": "post", "room": ..., "client_id": "a", "body": ""},
    {"type": "post", "room": ..., "client_id": "a", "body": " \n "},
    {"type": "post", "room": ..., "client_id": "a", "body": 7},
    {"type": "post", "room": ..., "client_id": "a", "body": "x" * 10_001},
    {"type": "post", "room": ..., "client_id": "a", "body": "x", "reply_to": "1"},
    {"type": "post", "room": ..., "client_id": "a", "body": "x", "attachments": [1]},
    {"type": "post", "room": "1", "client_id": "a", "body": "x"},
    {"type": "post", "room": True, "client_id": "a", "body": "x"},
    {"type": "post", "room": 1.5, "client_id": "a", "body": "x"},
    {"type": "post", "room": 2**53, "client_id": "a", "body": "x"},
    {"type": "post", "room": 10**400, "client_id": "a", "body": "x"},
    {"type": "post", "room": -1, "client_id": "a", "body": "x"},
    {"type": "sync", "room": ..., "after": -1},
    {"type": "sync", "room": ..., "after": 2**63},
    {"type": "watch", "rooms": 7},
    {"type": "watch", "rooms": list(range(1, 22))},
    {"type": "heartbeat", "received": -1},
    {"type": "heartbeat", "received": 10_000},
    {"type": "heartbeat"},
]
NOT_FOUND = [
    {"type": "post", "room": 999_999, "client_id": "a", "body": "x"},
    {"type": "edit", "room": ..., "message": 999_999, "body": "x"},
    {"type": "delete", "room": ..., "message": 999_999},
    {"type": "react", "room": ..., "message": 999_999, "emoji": "👍", "on": True},
    {"type": "sync", "room": 999_999, "after": 0},
    {"type": "read", "room": 999_999, "seq": 0},
]


@pytest.fixture
def daphne(sqlite_site: Site) -> Daphne:
    return sqlite_site.serve()


async def test_what_is_no_frame_is_told_so_and_the_socket_stays_open(
    daphne: Daphne, tab: Tabs
) -> None:
    carol = await tab(daphne, "carol")
    for frame in NOT_FRAMES:
        await carol.socket.send(frame)
        assert (await carol.expect("error"))["code"] == "bad_frame", frame[:60]
        await answers(carol)


@pytest.mark.parametrize(
    ("frames", "code"),
    [(UNKNOWN, "unknown_type"), (INVALID, "invalid"), (NOT_FOUND, "not_found")],
    ids=["unknown", "invalid", "not found"],
)
async def test_a_bad_command_is_told_why_and_the_socket_stays_open(
    sqlite_site: Site, daphne: Daphne, tab: Tabs, frames: list[dict[str, object]], code: str
) -> None:
    carol = await tab(daphne, "carol")
    for frame in frames:
        filled = {
            name: sqlite_site.rooms["lounge"] if value is ... else value
            for name, value in frame.items()
        }
        await carol.send({**filled, "ref": 99})
        error = await carol.expect("error")
        assert (error["code"], error["ref"]) == (code, 99), str(frame)[:200]
        assert error["detail"]
        assert ("errors" in error) == (code == "invalid"), error
        await answers(carol)


async def test_text_that_no_database_holds_is_an_error_or_made_harmless(
    sqlite_site: Site, daphne: Daphne, tab: Tabs
) -> None:
    lounge = sqlite_site.rooms["lounge"]
    carol = await tab(daphne, "carol")
    for number, body in enumerate((r"a\u0000b", r"\ud800", r"\udfff\ud800")):
        await carol.socket.send(
            f'{{"type":"post","room":{lounge},"client_id":"n{number}","body":"{body}"}}'
        )
        error = await carol.expect("error")
        assert error["code"] in ("bad_frame", "invalid"), body
        await answers(carol)
    assert carol.rooms[lounge].log == []


async def test_an_error_to_a_post_repeats_its_client_id(
    sqlite_site: Site, daphne: Daphne, tab: Tabs
) -> None:
    carol = await tab(daphne, "carol")
    for room, body in ((sqlite_site.rooms["lounge"], ""), (999_999, "x")):
        with pytest.raises(Refused) as refusal:
            await carol.post(room, body, client_id="mine")
        assert refusal.value.event["client_id"] == "mine"


async def test_a_hidden_room_and_an_absent_one_look_alike(
    sqlite_site: Site, daphne: Daphne, tab: Tabs
) -> None:
    carol = await tab(daphne, "carol")
    refusals = []
    for room in (sqlite_site.rooms["den"], 999_999):
        with pytest.raises(Refused) as refusal:
            await carol.post(room, "x", client_id="a")
        refusals.append({**refusal.value.event, "ref": None})
    assert refusals[0] == refusals[1]
    assert refusals[0]["code"] == "not_found"


async def test_what_is_visible_but_another_persons_is_forbidden(
    sqlite_site: Site, daphne: Daphne, tab: Tabs
) -> None:
    lounge = sqlite_site.rooms["lounge"]
    bob, carol = await tab(daphne, "bob"), await tab(daphne, "carol")
    message = (await bob.post(lounge, "mine"))["message"]["id"]

    for attempt in (carol.edit(lounge, message, "hers"), carol.delete(lounge, message)):
        with pytest.raises(Refused, match="forbidden"):
            await attempt
    await carol.react(lounge, message, "👍")


async def test_a_deleted_message_is_not_found(sqlite_site: Site, daphne: Daphne, tab: Tabs) -> None:
    lounge = sqlite_site.rooms["lounge"]
    carol = await tab(daphne, "carol")
    message = (await carol.post(lounge, "gone"))["message"]["id"]
    deleted = (await carol.delete(lounge, message))["message"]

    assert deleted["deleted"]
    assert (deleted["body"], deleted["html"], deleted["reactions"]) == ("", "", [])
    for attempt in (carol.edit(lounge, message, "back"), carol.react(lounge, message, "👍")):
        with pytest.raises(Refused, match="not_found"):
            await attempt


async def test_keys_that_nobody_knows_are_ignored(
    sqlite_site: Site, daphne: Daphne, tab: Tabs
) -> None:
    carol = await tab(daphne, "carol")

    posted = await carol.post(sqlite_site.rooms["lounge"], "x", colour="red")

    assert posted["type"] == "posted"


async def answers(client: ChatClient) -> None:
    """The server still listens to this connection."""
    await client.command("heartbeat", received=client.frames_received)


async def test_nobody_else_hears_of_a_bad_command(
    sqlite_site: Site, daphne: Daphne, tab: Tabs
) -> None:
    lounge = sqlite_site.rooms["lounge"]
    bob, carol = await tab(daphne, "bob"), await tab(daphne, "carol")
    for frame in (*UNKNOWN, *NOT_FOUND):
        await carol.socket.send(json.dumps(frame, default=lambda _: lounge))
    posted = await carol.post(lounge, "good")

    await bob.reach(lounge, posted["seq"])

    assert "error" not in bob.types()
    assert bob.rooms[lounge].bodies == ["good"]
