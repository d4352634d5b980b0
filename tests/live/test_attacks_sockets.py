"""Attacks by the number of sockets, spread over the site's processes."""

import websockets

from chat.sockets import MAX_OF_A_PERSON
from tests.live.client import ChatClient, Tabs
from tests.live.servers import Daphne, PrivateRedis
from tests.live.site import Site


async def opened(tab: Tabs, server: Daphne, count: int) -> list[ChatClient]:
    return [await tab(server, "carol") for _ in range(count)]


async def is_open(client: ChatClient) -> bool:
    return bool(await client.command("heartbeat", received=client.frames_received))


async def test_a_person_has_no_more_sockets_in_several_processes_than_in_one(
    postgres_site: Site, tab: Tabs, redis: PrivateRedis
) -> None:
    here, there = postgres_site.serve(), postgres_site.serve()
    first = await opened(tab, here, 2)
    mine = await opened(tab, here, 9) + await opened(tab, there, MAX_OF_A_PERSON - 11)
    bob = await tab(there, "bob")
    assert all([await is_open(each) for each in first + mine])

    await opened(tab, there, 2)

    assert [await each.until_closed() for each in first] == [4409, 4409]
    assert all([await is_open(each) for each in [*mine, bob]])

    # Without its Redis each process still counts its own.
    redis.terminate()
    more = await opened(tab, there, MAX_OF_A_PERSON)
    gone = 0
    for each in mine[9:]:
        try:
            await is_open(each)
        except websockets.ConnectionClosed:
            gone += 1
    assert gone == len(mine[9:])
    assert all([await is_open(each) for each in more])
