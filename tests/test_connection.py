"""One client's socket, whatever its server does with what is sent."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chat import connection as module
from chat.connection import FLOODING, MAX_UNREAD, TOO_SLOW, Connection
from chat.errors import Invalid

Message = dict[str, Any]


class Wire:
    """An ASGI `send` that does as it is told with each frame."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.fault: Exception | None = None
        self.yields = 0

    async def __call__(self, message: Message) -> None:
        if self.fault:
            raise self.fault
        for _ in range(self.yields):
            await asyncio.sleep(0)
        await self.gate.wait()
        self.sent.append(message)

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.sent if message["type"] == "websocket.send"]

    @property
    def codes(self) -> list[int]:
        return [message["code"] for message in self.sent if message["type"] == "websocket.close"]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def connection(wire: Wire) -> Connection:
    """One that was greeted."""
    connection = Connection(wire)
    connection.greet("hello")
    return connection


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_server_that_takes_frames_at_once_gets_them_at_once(
    connection: Connection, wire: Wire
) -> None:
    connection.write("a")
    connection.write("b")
    assert wire.texts == ["hello", "a", "b"]


async def test_hello_is_the_first_frame_and_what_came_before_it_follows(wire: Wire) -> None:
    connection = Connection(wire)
    connection.write("early")
    connection.write("later")
    assert wire.sent == []
    connection.greet("hello")
    connection.write("after")
    assert wire.texts == ["hello", "early", "later", "after"]


async def test_a_server_that_makes_us_wait_gets_all_in_order(
    connection: Connection, wire: Wire
) -> None:
    wire.gate.clear()
    for text in "abc":
        connection.write(text)
    await settle()
    assert wire.texts == ["hello"]
    wire.gate.set()
    connection.write("d")
    await settle()
    connection.write("e")
    assert wire.texts == ["hello", *"abcde"]


async def test_a_server_that_gives_way_before_it_sends_gets_all_in_order(
    connection: Connection, wire: Wire
) -> None:
    wire.yields = 3
    for text in "abc":
        connection.write(text)
    for _ in range(3):
        await settle()
    assert wire.texts == ["hello", *"abc"]


async def raises(message: Message) -> None:
    raise OSError(message)


def raises_before_it_is_awaited(message: Message) -> Awaitable[None]:
    raise OSError(message)


async def raises_later(message: Message) -> None:
    await asyncio.sleep(0)
    raise OSError(message)


@pytest.mark.parametrize("send", [raises, raises_before_it_is_awaited, raises_later])
async def test_a_lost_peer_raises_nothing_and_is_closed(
    send: Callable[[Message], Awaitable[None]],
) -> None:
    connection = Connection(send)
    connection.greet("hello")
    connection.write("a")
    await settle()
    assert connection.closed
    connection.write("b")
    connection.shut(4401)


async def test_a_peer_lost_while_others_wait_gets_nothing_more(
    connection: Connection, wire: Wire
) -> None:
    wire.gate.clear()
    connection.write("a")
    connection.write("b")
    await settle()
    wire.fault = OSError("gone")
    wire.gate.set()
    await settle()
    assert connection.closed
    assert wire.texts == ["hello", "a"]


async def test_after_it_is_shut_nothing_more_is_sent(connection: Connection, wire: Wire) -> None:
    connection.shut(4401)
    connection.write("a")
    connection.shut(4403)
    assert wire.texts == ["hello"]
    assert wire.codes == [4401]


async def test_shutting_drops_what_still_waits(connection: Connection, wire: Wire) -> None:
    wire.gate.clear()
    connection.write("under way")
    connection.write("waiting")
    connection.shut(4401)
    wire.gate.set()
    await settle()
    assert wire.texts == ["hello", "under way"]
    assert wire.codes == [4401]


async def test_four_mebibytes_unread_are_the_most(connection: Connection, wire: Wire) -> None:
    frame = "x" * (MAX_UNREAD // 4)
    connection.acknowledge(1)
    for _ in range(4):
        connection.write(frame)
    assert wire.codes == []
    connection.write("x")
    assert wire.codes == [TOO_SLOW]
    assert len(wire.texts) == 5


async def test_unread_text_is_counted_in_bytes(connection: Connection, wire: Wire) -> None:
    connection.acknowledge(1)
    connection.write("漢" * (MAX_UNREAD // 3 + 1))
    assert wire.codes == [TOO_SLOW]


async def test_a_reader_that_says_what_it_got_may_go_on_for_ever(
    connection: Connection, wire: Wire
) -> None:
    frame = "x" * (MAX_UNREAD // 2)
    for count in range(1, 20):
        connection.write(frame)
        connection.acknowledge(count)
    assert not connection.closed
    assert len(wire.texts) == 20


async def test_a_reader_that_says_so_of_all_but_the_last_is_held_to_what_is_left(
    connection: Connection, wire: Wire
) -> None:
    frame = "x" * (MAX_UNREAD // 2)
    connection.write(frame)
    connection.acknowledge(1)
    connection.write(frame)
    assert wire.codes == []
    connection.write("x")
    assert wire.codes == [TOO_SLOW]


async def test_nobody_has_read_more_than_was_sent(connection: Connection) -> None:
    connection.write("a")
    connection.acknowledge(2)
    with pytest.raises(Invalid) as caught:
        connection.acknowledge(3)
    assert caught.value.extra["errors"] == {"received": "More than were sent."}


async def test_an_older_count_changes_nothing(connection: Connection) -> None:
    for text in "abc":
        connection.write(text)
    connection.acknowledge(4)
    connection.acknowledge(2)
    connection.acknowledge(0)
    assert connection.unread_bytes == 0


async def test_a_frame_that_waits_here_was_not_sent_yet(connection: Connection, wire: Wire) -> None:
    wire.gate.clear()
    connection.write("under way")
    connection.write("waiting")
    with pytest.raises(Invalid):
        connection.acknowledge(3)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "monotonic", clock)
    return clock


@pytest.mark.usefixtures("clock")
async def test_a_thousand_frames_in_ten_seconds_pass_and_no_more(
    connection: Connection, wire: Wire
) -> None:
    assert all(connection.hear(1) for _ in range(1_000))
    assert not connection.hear(1)
    assert wire.codes == [FLOODING]
    assert not connection.hear(1)


@pytest.mark.usefixtures("clock")
async def test_four_mebibytes_in_ten_seconds_pass_and_no_more(
    connection: Connection, wire: Wire
) -> None:
    assert all(connection.hear(256 * 1024) for _ in range(16))
    assert not connection.hear(1)
    assert wire.codes == [FLOODING]


async def test_what_was_said_ten_seconds_ago_counts_no_more(
    connection: Connection, wire: Wire, clock: Clock
) -> None:
    for _ in range(5):
        assert all(connection.hear(4 * 1024) for _ in range(1_000))
        clock.now += 10.01
    assert all(connection.hear(1) for _ in range(999))
    clock.now += 5
    assert connection.hear(1)
    clock.now += 4.9
    assert not connection.hear(1)
    assert wire.codes == [FLOODING]


async def test_when_something_was_heard_last_is_known(connection: Connection, clock: Clock) -> None:
    clock.now += 7
    connection.hear(1)
    assert connection.last_heard == clock.now


async def test_no_two_connections_have_one_name(wire: Wire) -> None:
    assert len({Connection(wire).id for _ in range(100)}) == 100


class Server:
    """One whose `send` waits for the peer, as uvicorn's does; `transport` is its socket's."""

    def __init__(self) -> None:
        self.transport = self
        self.aborted = False
        self.socket = socket.socket()

    async def send(self, _message: Message) -> None:
        await asyncio.Event().wait()

    def get_extra_info(self, name: str) -> object:
        return {"socket": self.socket}[name]

    def abort(self) -> None:
        self.aborted = True


async def test_a_peer_that_does_not_even_take_its_goodbye_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "GOODBYE", 0.01)
    server = Server()
    connection = Connection(server.send)
    connection.greet("[]")
    connection.shut(TOO_SLOW)
    assert not server.aborted
    await asyncio.sleep(0.05)
    at_once = struct.pack("ii", 1, 0)
    assert server.socket.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == at_once
    assert server.aborted


async def test_who_took_its_leave_is_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GOODBYE", 0.01)
    server = Server()
    connection = Connection(server.send)
    connection.shut(TOO_SLOW)
    connection.end()
    await asyncio.sleep(0.05)
    assert not server.aborted
