"""7. One slow or dead reader delays nobody and costs bounded memory."""

import asyncio
import contextlib
import time
from pathlib import Path

import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from tests.live.client import ChatClient, Refused, Tabs, open_socket
from tests.live.servers import Daphne
from tests.live.site import Site

MEBIBYTE = 1024 * 1024
LONG = "long " * 1990


@pytest.fixture
def daphne(sqlite_site: Site) -> Daphne:
    return sqlite_site.serve()


async def test_who_never_reads_delays_nobody_and_costs_bounded_memory(
    sqlite_site: Site, daphne: Daphne, tab: Tabs
) -> None:
    lounge = sqlite_site.rooms["lounge"]
    bob = await tab(daphne, "bob")
    speakers = [await tab(daphne, "alice") for _ in range(8)]
    await say_much(speakers, lounge, 2 * MEBIBYTE)
    before = resident_bytes(daphne)
    deaf = [await open_socket(daphne, "dave", max_queue=1) for _ in range(6)]

    for _ in range(3):
        await say_much(speakers, lounge, 8 * MEBIBYTE)
        started = time.monotonic()
        posted = await speakers[0].post(lounge, "heard at once")
        await bob.reach(lounge, posted["seq"])
        assert time.monotonic() - started < 1

    assert resident_bytes(daphne) - before < 48 * MEBIBYTE
    for socket in deaf:
        await until_cut_off(socket)


async def say_much(speakers: list[ChatClient], room: int, size: int) -> None:
    """Posts, by turns, until the room's members have been sent some `size` bytes each."""
    heard = 0
    while heard < size:
        posts = await asyncio.gather(*(speaker.post(room, LONG) for speaker in speakers))
        heard += sum(len(post["message"]["body"] + post["message"]["html"]) for post in posts)


def resident_bytes(daphne: Daphne) -> int:
    status = Path(f"/proc/{daphne.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


async def until_cut_off(socket: ClientConnection) -> None:
    """Read what had been sent already; then comes the end. Raises TimeoutError if it does not."""
    async with asyncio.timeout(10):
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await socket.recv()
    assert socket.close_code in (None, 1006, 4413)


async def test_who_reads_but_never_says_so_is_closed_with_4413(
    sqlite_site: Site, daphne: Daphne, tab: Tabs
) -> None:
    lounge = sqlite_site.rooms["lounge"]
    alice, bob = await tab(daphne, "alice"), await tab(daphne, "bob")
    silent = await tab(daphne, "carol", heartbeats=False)

    await say_much([alice, bob], lounge, 5 * MEBIBYTE)

    assert await silent.until_closed() == 4413
    posted = await alice.post(lounge, "the others stay")
    await bob.reach(lounge, posted["seq"])


async def test_to_have_received_more_than_was_sent_is_invalid(daphne: Daphne, tab: Tabs) -> None:
    carol = await tab(daphne, "carol")

    with pytest.raises(Refused, match="invalid"):
        await carol.command("heartbeat", received=carol.frames_received + 1)

    await carol.command("heartbeat", received=carol.frames_received)


async def test_a_heartbeat_tells_the_heads_of_rooms(
    sqlite_site: Site, daphne: Daphne, tab: Tabs
) -> None:
    lounge = sqlite_site.rooms["lounge"]
    alice, bob = await tab(daphne, "alice"), await tab(daphne, "bob")
    await alice.post(lounge, "one")
    await bob.reach(lounge, 1)

    heads = (await bob.command("heartbeat", received=bob.frames_received))["heads"]

    assert heads.get(str(lounge), 1) == 1
    assert set(heads) <= {str(room) for room in sqlite_site.rooms.values()}


async def test_a_socket_that_broke_without_a_goodbye_harms_nobody(
    sqlite_site: Site, daphne: Daphne, tab: Tabs
) -> None:
    lounge = sqlite_site.rooms["lounge"]
    alice, bob = await tab(daphne, "alice"), await tab(daphne, "bob")
    for _ in range(20):
        await (await tab(daphne, "carol")).drop()
        await alice.post(lounge, "anyone there?")

    await bob.reach(lounge, 20)
    assert bob.rooms[lounge].arrived == list(range(1, 21))
