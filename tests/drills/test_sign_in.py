"""Signing in asks the cache for rate limits; it does not need it."""

import asyncio
import time

import pytest

from tests.drills.conftest import Report
from tests.live.client import Tabs
from tests.live.servers import PrivateRedis
from tests.live.site import Site, Visitor


@pytest.mark.parametrize("fault", ["killed", "frozen"])
async def test_people_sign_in_and_talk_while_redis_is_away(
    postgres_site: Site, redis: PrivateRedis, tab: Tabs, fault: str, report: Report
) -> None:
    daphne = postgres_site.serve()
    redis.kill9() if fault == "killed" else redis.freeze()

    started = time.monotonic()
    dave = await asyncio.to_thread(Visitor(daphne).sign_in, postgres_site.people["dave"])
    report(sign_in_s=round(time.monotonic() - started, 2))

    client = await tab(daphne, dave)
    assert await client.post(postgres_site.rooms["lounge"], "hello")
