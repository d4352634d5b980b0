"""The channel layer is lost, or forgets: what is said is stored, and heard all the same."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from tests.drills.conftest import Report, Scale
from tests.drills.crowd import Crowd, crowd_of
from tests.drills.faults import redis_command
from tests.live.servers import PrivateRedis
from tests.live.site import Site

AGREED_WITHIN = 3.0
CARRIED_WITHIN = 200.0
"""Milliseconds; by the log alone it is some 400."""
Fault = Callable[[PrivateRedis, Scale], Coroutine[None, None, None]]


async def killed(redis: PrivateRedis, scale: Scale) -> None:
    redis.kill9()
    await asyncio.sleep(scale(4, 5))
    await asyncio.to_thread(redis.start)


async def killed_for_good(redis: PrivateRedis, _scale: Scale) -> None:
    redis.kill9()


async def frozen(redis: PrivateRedis, scale: Scale) -> None:
    redis.freeze()
    await asyncio.sleep(scale(6, 30))
    redis.thaw()


async def frozen_for_good(redis: PrivateRedis, _scale: Scale) -> None:
    redis.freeze()


async def flushed(redis: PrivateRedis, _scale: Scale) -> None:
    await asyncio.to_thread(redis_command, redis, "FLUSHALL")


async def disconnected(redis: PrivateRedis, _scale: Scale) -> None:
    for kind in ("pubsub", "normal"):
        await asyncio.to_thread(redis_command, redis, f"CLIENT KILL TYPE {kind}")


@pytest.mark.parametrize(
    "fault",
    [
        killed,
        frozen,
        flushed,
        pytest.param(killed_for_good, marks=pytest.mark.full),
        pytest.param(frozen_for_good, marks=pytest.mark.full),
        pytest.param(disconnected, marks=pytest.mark.full),
    ],
)
async def test_everybody_agrees_soon_without_reconnecting(
    postgres_site: Site, redis: PrivateRedis, fault: Fault, scale: Scale, report: Report
) -> None:
    servers = [postgres_site.serve() for _ in range(2)]
    async with crowd_of(postgres_site, servers, scale(20, 100)) as crowd:
        await crowd.talk(2, 10)
        breaking = asyncio.create_task(fault(redis, scale))
        await crowd.talk(scale(5, 30), scale(10, 30))
        figures = await crowd.settle(within=10)
        report(**figures, slowest_ack_s=slowest_acknowledgement(crowd))
        await breaking

        assert figures["agreed_s"] <= AGREED_WITHIN
        assert figures["reconnects"] == 0
        assert slowest_acknowledgement(crowd) <= AGREED_WITHIN


def slowest_acknowledgement(crowd: Crowd) -> float:
    return round(max(wait for each in crowd.members for wait in each.waits), 2)


@pytest.mark.parametrize("fault", [killed, pytest.param(frozen, marks=pytest.mark.full)])
async def test_after_redis_came_back_it_carries_again(
    postgres_site: Site, redis: PrivateRedis, fault: Fault, scale: Scale, report: Report
) -> None:
    """Not only the log: without the layer a word takes half a second and more to the others."""
    servers = [postgres_site.serve() for _ in range(2)]
    async with crowd_of(postgres_site, servers, 10) as crowd:
        await fault(redis, scale)
        async with asyncio.timeout(30):
            while await usual_delay(crowd) > CARRIED_WITHIN:
                pass
        report(**crowd.figures())


async def usual_delay(crowd: Crowd) -> float:
    """Milliseconds in which nearly all that is said now is shown."""
    crowd.forget_delays()
    await crowd.talk(2, 5)
    await crowd.settle()
    return float(crowd.figures()["shown_p95_ms"])


async def test_a_command_in_a_process_of_its_own_is_heard_though_it_tells_nobody(
    postgres_site: Site, redis: PrivateRedis, scale: Scale, report: Report
) -> None:
    servers = [postgres_site.serve() for _ in range(2)]
    redis.kill9()
    async with crowd_of(postgres_site, servers, scale(20, 100)) as crowd:
        speaker = crowd.members[0].person
        for number in range(3):
            code = (
                "import time\n"
                "from chat.actions.messages import NewPost, post_messages\n"
                "from chat.models import User\n"
                f"user = User.objects.get(pk={speaker.id})\n"
                f"post_messages([NewPost(user, {crowd.room}, f'own-{number}-{{n}}', 'by a command')"
                " for n in range(20)])\n"
                "result = time.time()"
            )
            said = await asyncio.to_thread(postgres_site.shell, code)
            await crowd.until_agreed(10)
            took = crowd.complete_since_epoch() - said
            report(**{f"agreed_{number}_s": round(took, 2)})
            assert took <= AGREED_WITHIN
        assert not any(member.closes for member in crowd.members)
