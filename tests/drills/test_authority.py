"""Who was put out hears nothing that is committed more than a second later, in any process."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

import psycopg
import pytest

from chat.session_store import stored_key
from tests.drills.conftest import Report
from tests.drills.crowd import crowd_of
from tests.live.client import ChatClient, Tabs
from tests.live.servers import Daphne, PrivateRedis
from tests.live.site import Site, Visitor

PROMISED = 1.0
NOW = "import time; result = time.time()\n"
CAROL = (
    "from chat.models import User\n"
    "carol, keeper = (User.objects.get(username=name) for name in ('carol', 'alice'))\n"
)


def sign_out_elsewhere(_site: Site, daphne: Daphne) -> None:
    Visitor(daphne, "carol").submit("/accounts/logout/")


def leave(_site: Site, daphne: Daphne) -> None:
    Visitor(daphne, "carol").submit("/rooms/lounge/settings/", to="/rooms/lounge/leave/")


def block(site: Site, _daphne: Daphne) -> float:
    act = "from chat.actions.people import block_person\nblock_person(keeper, carol)"
    return float(site.shell(CAROL + NOW + act))


def change_password(site: Site, _daphne: Daphne) -> float:
    return float(site.shell(CAROL + "carol.set_password('another')\n" + NOW + "carol.save()"))


def delete_session(site: Site, _daphne: Daphne) -> None:
    with psycopg.connect(site.database_url) as connection:
        key = site.people["carol"].session
        connection.execute("DELETE FROM django_session WHERE session_key = %s", [stored_key(key)])


def delete_membership(site: Site, _daphne: Daphne) -> None:
    with psycopg.connect(site.database_url) as connection:
        connection.execute(
            "DELETE FROM chat_membership WHERE user_id = %s AND room_id = %s",
            [site.people["carol"].id, site.rooms["lounge"]],
        )


PutOut = Callable[[Site, Daphne], float | None]
"""Returns when it was done, where the call returns much later."""

WAYS_OUT: list[PutOut] = [
    *(sign_out_elsewhere, leave, block, change_password),
    *(delete_session, delete_membership),  # behind the site's back
]


@pytest.mark.parametrize(
    ("put_out", "layer"),
    [
        (sign_out_elsewhere, "with"),
        (delete_session, "without"),
        *(
            pytest.param(put_out, layer, marks=pytest.mark.full)
            for put_out in WAYS_OUT
            for layer in ("with", "without")
        ),
    ],
)
async def test_nothing_arrives_a_second_after_somebody_was_put_out(
    postgres_site: Site,
    redis: PrivateRedis,
    tab: Tabs,
    put_out: PutOut,
    layer: str,
    report: Report,
) -> None:
    servers = [postgres_site.serve() for _ in range(2)]
    carols = [await tab(server, "carol") for server in servers]
    if layer == "without":
        redis.freeze()
    async with crowd_of(postgres_site, servers, 10) as crowd:
        await crowd.talk(1, 10)
        talking = asyncio.create_task(crowd.talk(60, 10))
        done = await asyncio.to_thread(put_out, postgres_site, servers[0])
        out_at = done or time.time()
        await asyncio.sleep(PROMISED + 3)
        talking.cancel()
        await crowd.settle()
        stored = {each["id"]: when(each) for each in await crowd.stored()}

    heard = [message for carol in carols for message in carol.rooms[crowd.room].messages]
    latest = max(stored[message] for message in heard) - out_at
    report(last_heard_s=round(latest, 2))
    assert heard, "carol heard what was said before"
    assert max(stored.values()) - out_at > 3, "people went on talking"
    assert latest <= PROMISED
    for carol in carols:
        await assert_nothing_is_accepted(carol, crowd.room)


def when(message: dict[str, str]) -> float:
    return datetime.fromisoformat(message["created_at"]).timestamp()


async def assert_nothing_is_accepted(carol: ChatClient, room: int) -> None:
    if carol.socket.close_code is None:
        answer = asyncio.create_task(carol.expect("error"))
        await carol.send({"type": "post", "room": room, "client_id": "x", "body": "still here?"})
        assert (await answer)["code"] == "not_found"
    else:
        assert carol.socket.close_code in (4401, 4403)
