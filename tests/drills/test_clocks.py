"""Clocks that are wrong: numbers make the order, not times."""

import asyncio
import time
from datetime import datetime
from itertools import pairwise
from typing import Any

from tests.drills.conftest import Report, Scale
from tests.drills.crowd import crowd_of
from tests.live.client import Tabs
from tests.live.servers import Daphne
from tests.live.site import Site, Visitor

SHIFTED = """
import datetime, os, time
shift = float(os.environ["CLOCK_SHIFT"])
true_time = time.time
time.time = lambda: true_time() + shift
import django.utils.timezone
django.utils.timezone.now = lambda: datetime.datetime.fromtimestamp(time.time(), datetime.UTC)
from daphne.cli import CommandLineInterface
CommandLineInterface.entrypoint()
"""


class ShiftedDaphne(Daphne):
    """Its clock is off by CLOCK_SHIFT seconds."""

    def command(self) -> list[str]:
        program, _module, _daphne, *arguments = super().command()
        return [program, "-c", SHIFTED, *arguments]


async def test_servers_whose_clocks_differ_by_minutes_tell_one_order_and_one_unread(
    postgres_site: Site, tab: Tabs, scale: Scale, report: Report
) -> None:
    late = postgres_site.serve(ShiftedDaphne, CLOCK_SHIFT="-90")
    early = postgres_site.serve(ShiftedDaphne, CLOCK_SHIFT="90")
    lounge = postgres_site.rooms["lounge"]
    watcher = await tab(late, "bob")
    async with crowd_of(postgres_site, [late, early], scale(16, 100)) as crowd:
        await crowd.talk(scale(5, 30), 10)
        figures = await crowd.settle()

        stored = await crowd.stored()
        times = [message["created_at"] for message in stored]
        assert times != sorted(times), "the clocks really differ"
        assert any(abs(_age(each)) > 80 for each in times)
        for server in (late, early):
            newcomer = await tab(server, "bob")
            assert unread(newcomer.hello, lounge) == len(stored)
        report(**figures, created_at_falls=sum(a > b for a, b in pairwise(times)))
        assert not any(member.closes for member in crowd.members)
    await watcher.command("heartbeat", received=watcher.frames_received)


def unread(hello: dict[str, Any], room: int) -> int:
    return next(int(info["unread"]) for info in hello["rooms"] if info["id"] == room)


def _age(moment: str) -> float:
    return time.time() - datetime.fromisoformat(moment).timestamp()


async def test_who_is_put_out_is_out_whatever_the_clocks_say(
    postgres_site: Site, tab: Tabs
) -> None:
    late = postgres_site.serve(ShiftedDaphne, CLOCK_SHIFT="-90")
    early = postgres_site.serve(ShiftedDaphne, CLOCK_SHIFT="90")
    carols = [await tab(server, "carol") for server in (late, early)]

    await asyncio.to_thread(Visitor(early, "carol").submit, "/accounts/logout/")

    assert [await carol.until_closed(3) for carol in carols] == [4401, 4401]
