"""Texts made to cost as much as can be."""

import asyncio
from itertools import cycle

import pytest

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
RATE = 20
NOISE = 25.0
"""Milliseconds: the p95 of a few hundred words hangs on some of them, which a disk may hold up."""


@pytest.mark.alone
async def test_who_posts_the_worst_texts_at_full_rate_delays_nobody(
    sqlite_site: Site, scale: Scale, report: Report
) -> None:
    server = sqlite_site.serve()
    async with crowd_of(sqlite_site, [server], scale(10, 30)) as crowd:
        await crowd.talk(1, RATE)
        usual = await acknowledged_p95(crowd, scale(5, 15))
        posting = asyncio.create_task(post_the_worst(server))
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


async def post_the_worst(server: Daphne) -> None:
    """A burst at first, and then as fast as the rate allows."""
    worst = await ChatClient.connect(server, "dave")
    for number, text in enumerate(cycle(WORST)):
        while True:
            try:
                await worst.post(1, text, f"worst-{number}")
            except Refused as refusal:
                if refusal.code != "rate_limited":
                    raise
                await asyncio.sleep(refusal.event["retry_after"])
            else:
                break


@pytest.mark.full
@pytest.mark.parametrize("part", range(SHARE))
def test_every_pair_of_constructs_costs_its_length(part: int) -> None:
    search(PAIRS[part::SHARE])
