"""8. Bounds hold, whatever the post rate."""

import asyncio
import contextlib
import json

import pytest
import websockets

from tests.live.client import Refused, Tabs
from tests.live.servers import Daphne
from tests.live.site import Site

KIBIBYTE = 1024


@pytest.fixture
def daphne(sqlite_site: Site) -> Daphne:
    return sqlite_site.serve(CHAT_POST_RATE="0", CHAT_MAX_BODY="1000000")


@pytest.mark.parametrize("size", [256 * KIBIBYTE + 1, 3 * 1024 * KIBIBYTE])
async def test_a_text_message_over_256_kib_closes_with_1009(
    daphne: Daphne, tab: Tabs, size: int
) -> None:
    carol, bob = await tab(daphne, "carol"), await tab(daphne, "bob")

    await carol.socket.send(frame_of(size))

    assert await carol.until_closed() == 1009
    await bob.command("heartbeat", received=bob.frames_received)


async def test_a_message_over_256_kib_in_fragments_closes_with_1009_too(
    daphne: Daphne, tab: Tabs
) -> None:
    carol = await tab(daphne, "carol")
    whole = frame_of(300 * KIBIBYTE)

    with contextlib.suppress(websockets.ConnectionClosed):
        await carol.socket.send(whole[at : at + 1000] for at in range(0, len(whole), 1000))

    assert await carol.until_closed() == 1009


async def test_a_text_message_of_256_kib_is_read(daphne: Daphne, tab: Tabs) -> None:
    carol = await tab(daphne, "carol")

    await carol.socket.send(frame_of(256 * KIBIBYTE))

    assert (await carol.expect("error"))["code"] == "unknown_type"


async def test_over_a_thousand_frames_in_ten_seconds_close_with_4429(
    daphne: Daphne, tab: Tabs
) -> None:
    carol, bob = await tab(daphne, "carol"), await tab(daphne, "bob")
    with contextlib.suppress(websockets.ConnectionClosed):
        for _ in range(1001):
            await carol.send({"type": "nonsense"})

    assert await carol.until_closed() == 4429
    await bob.command("heartbeat", received=bob.frames_received)


async def test_over_4_mib_in_ten_seconds_close_with_4429(daphne: Daphne, tab: Tabs) -> None:
    carol = await tab(daphne, "carol")

    for _ in range(17):
        await carol.socket.send(frame_of(250 * KIBIBYTE))

    assert await carol.until_closed() == 4429


def frame_of(size: int) -> str:
    """A frame of exactly so many bytes, of a type that nobody knows."""
    frame = json.dumps({"type": "nonsense", "padding": ""})
    return frame[:-2] + "x" * (size - len(frame)) + frame[-2:]


async def test_a_person_posts_at_a_bounded_rate_on_all_connections_together(
    sqlite_site: Site, tab: Tabs
) -> None:
    daphne = sqlite_site.serve(CHAT_POST_RATE="5")
    lounge = sqlite_site.rooms["lounge"]
    tabs = [await tab(daphne, "carol") for _ in range(3)]

    answers = await asyncio.gather(
        *(tabs[number % 3].post(lounge, str(number)) for number in range(100)),
        return_exceptions=True,
    )

    refusals = [answer.code for answer in answers if isinstance(answer, Refused)]
    assert set(refusals) == {"rate_limited"}
    assert 30 <= len(answers) - len(refusals) < 60
    bob = await tab(daphne, "bob")
    await bob.post(lounge, "another person is not slowed")
