"""Texts made to cost as much as can be."""

import asyncio
from itertools import cycle

import pytest
import websockets

from tests.drills.conftest import Report, Scale
from tests.drills.crowd import Crowd, crowd_of, percentile
from tests.live.client import ChatClient, Refused
from tests.live.servers import Daphne
from tests.live.site import Site
from tests.markup.test_costs import PAIRS, SHARE, nested, repeated, search

WORST = [
    '```scala\n"' + "\\" * 60 + "\n```",
    "```ini\ndef" + "\t" * 4_000 + ":" + "\t" * 4_000 + "\n```",
    *(repeated(piece) for piece in ("**「", "*/", "`a`", "_a_", "|a|b\n|-|-\n", "[a](b) ", "> a")),
    *(
        repeated(piece)
        for piece in ("http://a.b ", "\\*", ">_", "a@b.cc ", "1.\n", " a\n", "a\xa0")
    ),
    nested("**a ", " b**"),
    nested("* ", "$"),
]
OWN_ROOM = """
from chat.actions.rooms import create_room
from chat.models import User
result = create_room(User.objects.get(username="dave"), "Worst").pk
"""
RATE = 20
NOISE = 50.0
"""Milliseconds: the p95 of a few hundred words hangs on some of them, which a disk may hold up."""


@pytest.mark.alone
async def test_who_posts_the_worst_texts_at_full_rate_delays_nobody(
    sqlite_site: Site, scale: Scale, report: Report
) -> None:
    server = sqlite_site.serve()
    async with crowd_of(sqlite_site, [server], scale(10, 30)) as crowd:
        await crowd.talk(1, RATE)
        usual = await acknowledged_p95(crowd, scale(5, 15))
        room = await asyncio.to_thread(sqlite_site.shell, OWN_ROOM)
        posting = asyncio.create_task(post_the_worst(server, room))
        meanwhile = await acknowledged_p95(crowd, scale(8, 30))
        assert not posting.done(), posting.exception()
        posting.cancel()
        report(**crowd.figures(), usual_p95_ms=usual, meanwhile_p95_ms=meanwhile)
        assert meanwhile <= max(2 * usual, NOISE)


async def acknowledged_p95(crowd: Crowd, seconds: float) -> float:
    crowd.forget_delays()
    await crowd.talk(seconds, RATE)
    await crowd.until_all_said(60)
    waits = [wait for member in crowd.members for wait in member.waits]
    return percentile(waits, 0.95, 1000) or 0.0


async def post_the_worst(server: Daphne, room: int) -> None:
    """A burst at first, and then as fast as the rate allows. In a room of their own: those who are
    measured would else be busy reading it."""
    worst = await ChatClient.connect(server, "dave")
    for number, text in enumerate(cycle(WORST)):
        while True:
            try:
                await worst.post(room, text, f"worst-{number}")
            except Refused as refusal:
                if refusal.code != "rate_limited":
                    raise
                await asyncio.sleep(refusal.event["retry_after"])
            except (websockets.ConnectionClosed, TimeoutError):
                # Who says so much must hear as much, and is cut off when that takes too long.
                worst = await ChatClient.connect(server, "dave")
            else:
                break


@pytest.mark.full
@pytest.mark.parametrize("part", range(SHARE))
def test_every_pair_of_constructs_costs_its_length(part: int) -> None:
    search(PAIRS[part::SHARE])
