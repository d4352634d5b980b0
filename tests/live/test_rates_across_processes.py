"""How fast a person may speak, whichever process they speak to."""

import asyncio
import time

from tests.live.client import ChatClient, Refused, Tabs
from tests.live.servers import PrivateRedis
from tests.live.site import Site


async def accepted(client: ChatClient, room: int, tries: int) -> int:
    """How many of so many posts, said all at once, were stored."""
    posts = (client.post(room, str(number)) for number in range(tries))
    answers = await asyncio.gather(*posts, return_exceptions=True)
    for answer in answers:
        assert not isinstance(answer, Refused) or answer.code == "rate_limited"
    return sum(isinstance(answer, dict) for answer in answers)


async def test_a_person_has_one_burst_not_one_in_each_process(
    postgres_site: Site, tab: Tabs
) -> None:
    servers = [postgres_site.serve(CHAT_POST_RATE="0.5") for _ in range(2)]
    lounge = postgres_site.rooms["lounge"]
    here, there = [await tab(server, "alice") for server in servers]
    bob = await tab(servers[1], "bob")

    assert await accepted(here, lounge, 10) == 3
    assert await accepted(there, lounge, 10) <= 1
    assert await accepted(bob, lounge, 10) == 3


async def test_a_frozen_redis_leaves_each_process_its_own_count_and_costs_no_time(
    postgres_site: Site, redis: PrivateRedis, tab: Tabs
) -> None:
    daphne = postgres_site.serve(CHAT_POST_RATE="0.5")
    lounge = postgres_site.rooms["lounge"]
    alice = await tab(daphne, "alice")
    assert await accepted(alice, lounge, 10) == 3

    redis.freeze()
    started = time.monotonic()

    assert await accepted(alice, lounge, 10) == 3
    assert await accepted(alice, lounge, 10) == 0
    assert time.monotonic() - started < 2
