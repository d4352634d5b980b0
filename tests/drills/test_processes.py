"""Processes that die, one of several or all in turn."""

import asyncio

import pytest

from tests.drills.conftest import Report, Scale
from tests.drills.crowd import crowd_of
from tests.live.site import Site


@pytest.mark.alone
async def test_one_of_three_processes_is_killed_while_people_talk(
    postgres_site: Site, scale: Scale, report: Report
) -> None:
    servers = [postgres_site.serve() for _ in range(3)]
    async with crowd_of(postgres_site, servers, scale(45, 200)) as crowd:
        talking = asyncio.create_task(crowd.talk(scale(10, 60), scale(15, 50)))
        for _ in range(scale(1, 4)):
            await asyncio.sleep(3)
            servers[1].kill9()
            await asyncio.sleep(scale(2, 5))
            await asyncio.to_thread(servers[1].start)
        await talking
        figures = await crowd.settle()
        report(**figures)
        assert figures["reconnects"]
        # Of a dozen who come back it is the slowest, who may have met the dead process three times.
        assert figures["back_p95_s"] <= scale(8, 5)
