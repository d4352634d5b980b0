"""Long absences, and a constant coming and going."""

import asyncio
import time
from pathlib import Path

import psycopg

from tests.drills.conftest import Report, Scale
from tests.drills.crowd import Crowd, crowd_of
from tests.drills.supervised import Supervised
from tests.live.client import ChatClient
from tests.live.site import Site

MAX_PAGE = 500
MAX_PAGE_BYTES = 256 * 1024
SAY_MANY = """
from chat.actions.messages import NewPost, post_messages
from chat.models import User
user = User.objects.get(username='alice')
for start in range(0, {count}, 500):
    post_messages([
        NewPost(user, {room}, f'missed-{{n}}', 'something **said** while nobody was there ' * 3)
        for n in range(start, min(start + 500, {count}))
    ])
"""


async def test_who_missed_ten_thousand_gets_them_in_bounded_pages(
    sqlite_site: Site, scale: Scale, report: Report
) -> None:
    server = sqlite_site.serve()
    lounge = sqlite_site.rooms["lounge"]
    count = scale(4_000, 9_999)
    sleeper = await ChatClient.connect(server, "bob")
    await sleeper.drop()
    await asyncio.to_thread(sqlite_site.shell, SAY_MANY.format(count=count, room=lounge))

    awake = await ChatClient.connect(server, "bob", max_size=2 * MAX_PAGE_BYTES)
    started = time.monotonic()
    await awake.sync(lounge, after=0)
    took = time.monotonic() - started

    pages = [event for event in awake.events if event["type"] == "synced"]
    report(missed=count, pages=len(pages), caught_up_s=round(took, 2))
    assert [each["seq"] for each in awake.rooms[lounge].log] == list(range(1, count + 1))
    assert max(len(page["messages"]) for page in pages) <= MAX_PAGE
    assert took <= 30
    await awake.close()


async def test_who_missed_more_than_is_replayed_is_told_to_begin_anew(
    sqlite_site: Site, report: Report
) -> None:
    server = sqlite_site.serve()
    lounge = sqlite_site.rooms["lounge"]
    sqlite_site.shell(
        f"from chat.models import Room; Room.objects.filter(pk={lounge}).update(last_seq=20_000)"
    )
    bob = await ChatClient.connect(server, "bob")

    within = await bob.command("sync", room=lounge, after=10_001)
    beyond = await bob.command("sync", room=lounge, after=0)

    report(after_9999_changes=within["type"], after_20000_changes=beyond["type"])
    assert (within["type"], beyond["type"]) == ("synced", "reset")
    await bob.close()


async def test_coming_and_going_leaves_nothing_behind(
    postgres_site: Site, scale: Scale, report: Report
) -> None:
    server = postgres_site.serve(Supervised, WEB_CONCURRENCY="1", METRICS_TOKEN="a token")
    async with crowd_of(postgres_site, [server], 20) as crowd:
        await come_and_go(crowd, scale(8, 120))
        worker = min(server.workers())
        before, connections = held(worker), database_connections(postgres_site)
        visits = await come_and_go(crowd, scale(30, 3600))
        figures = await crowd.settle()
        after = held(worker)

        report(
            **figures,
            visits=visits,
            memory_before_mib=before["memory_mib"],
            memory_after_mib=after["memory_mib"],
            files_before=before["files"],
            files_after=after["files"],
            database_connections=database_connections(postgres_site),
        )
        assert after["memory_mib"] - before["memory_mib"] <= scale(12, 30)
        assert after["files"] - before["files"] <= 8
        assert database_connections(postgres_site) - connections <= 4
        assert await asyncio.to_thread(server.figure, "chat_connections") == 20
        assert await asyncio.to_thread(server.figure, "chat_rooms") == 1


async def come_and_go(crowd: Crowd, seconds: float) -> int:
    """Members lose their connection, strangers come, speak and leave, all the time."""
    end = time.monotonic() + seconds
    visits = 0
    while time.monotonic() < end:
        await asyncio.gather(*(visit(crowd, name, visits) for name in ("bob", "carol", "dave")))
        crowd.say_something()
        visits += 3
    return visits


async def visit(crowd: Crowd, name: str, number: int) -> None:
    guest = await ChatClient.connect(crowd.servers[0], name)
    await guest.send({"type": "watch", "rooms": [crowd.room]})
    await guest.command("sync", room=crowd.room, after=0, limit=10)
    if number % 2:
        await guest.drop()
    else:
        await guest.close()


def held(process: int) -> dict[str, float]:
    status = Path(f"/proc/{process}/status").read_text()
    return {
        "memory_mib": round(int(status.split("VmRSS:")[1].split()[0]) / 1024, 1),
        "files": len(list(Path(f"/proc/{process}/fd").iterdir())),
    }


def database_connections(site: Site) -> int:
    """Those of the site's processes, not this one that asks."""
    with psycopg.connect(site.database_url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid != pg_backend_pid()"
        ).fetchone()
    assert row
    return int(row[0])
