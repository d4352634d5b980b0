"""One person, one name, at once, in every process."""

import asyncio
from time import monotonic

import pytest

from tests.live.client import ChatClient, Tabs
from tests.live.servers import PrivateRedis
from tests.live.site import Site

TOLD_WITHIN_SECONDS = 2.0
"""One for the follower's turn, and one for a busy machine and the command that renames."""

RENAME = (
    "from chat.actions.people import rename_person\n"
    "from chat.models import User\n"
    "rename_person(User.objects.get(username='carol'), 'Countess')\n"
)


@pytest.mark.parametrize("layer", ["with the layer", "without"])
async def test_a_new_name_is_told_in_every_process(
    postgres_site: Site, redis: PrivateRedis, tab: Tabs, layer: str
) -> None:
    first, second = postgres_site.serve(), postgres_site.serve()
    tabs = [await tab(first, "alice"), await tab(second, "bob"), await tab(second, "carol")]
    if layer == "without":
        redis.freeze()
    told = [asyncio.create_task(name_told(each)) for each in tabs]
    await asyncio.to_thread(postgres_site.shell, RENAME)
    started = monotonic()
    assert await asyncio.gather(*told) == ["Countess"] * 3
    assert monotonic() - started < TOLD_WITHIN_SECONDS
    posted = await tabs[2].post(postgres_site.rooms["lounge"], "hello")
    assert posted["message"]["author"]["name"] == "Countess"


async def name_told(client: ChatClient) -> str:
    event = await client.expect("person", within=30)
    return str(event["user"]["name"])
