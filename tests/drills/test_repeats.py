"""What was said is stored once, however often it must be said."""

import asyncio
from uuid import uuid4

from tests.drills.conftest import Report
from tests.live.client import ChatClient
from tests.live.servers import Daphne
from tests.live.site import Site
from tests.live.talker import whole_log


async def say_and_hear_nothing(server: Daphne, name: str, room: int, client_id: str) -> None:
    """The acknowledgement is on its way when the network goes."""
    client = await ChatClient.connect(server, name)
    await client.send({"type": "post", "room": room, "client_id": client_id, "body": "once"})
    await client.drop()


async def test_a_post_said_five_times_across_processes_and_a_restart_is_one_message(
    postgres_site: Site, report: Report
) -> None:
    first, second = postgres_site.serve(), postgres_site.serve()
    lounge = postgres_site.rooms["lounge"]
    ids = [uuid4().hex for _ in range(10)]

    for server in (first, second):
        for client_id in ids:
            await say_and_hear_nothing(server, "carol", lounge, client_id)
    first.kill9()
    await asyncio.to_thread(first.start)
    tabs = [await ChatClient.connect(server, "carol") for server in (first, second, first)]
    answers = await asyncio.gather(
        *(tab.post(lounge, "once", client_id) for tab in tabs for client_id in ids)
    )

    stored = await whole_log(second, "alice", lounge)
    report(said=5 * len(ids), stored=len(stored))
    assert sorted(each["client_id"] for each in stored) == sorted(ids)
    assert {answer["seq"] for answer in answers} == {each["seq"] for each in stored}
    assert [each["seq"] for each in stored] == list(range(1, len(ids) + 1)), "no number is burnt"
    for tab in tabs:
        await tab.close()
