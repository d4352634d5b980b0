"""9. Close codes tell a client whether and how to come back, under plain daphne."""

import asyncio
import contextlib
from dataclasses import replace

import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from tests.live.client import Tabs, open_socket
from tests.live.servers import Daphne, PrivatePostgres
from tests.live.site import Site


@pytest.fixture
def daphne(sqlite_site: Site) -> Daphne:
    return sqlite_site.serve()


async def close_code(socket: ClientConnection) -> int | None:
    """Read all that comes until the socket is closed."""
    async with asyncio.timeout(10):
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await socket.recv()
    return socket.close_code


@pytest.mark.parametrize("session", [None, "", "nobody-has-this-one", "ä; =", "x" * 5000])
async def test_without_a_valid_session_the_socket_opens_and_closes_with_4401(
    sqlite_site: Site, daphne: Daphne, session: str | None
) -> None:
    person = session is not None and replace(sqlite_site.people["carol"], session=session)

    assert await close_code(await open_socket(daphne, person or None)) == 4401


async def test_somebody_blocked_is_closed_with_4403(sqlite_site: Site, daphne: Daphne) -> None:
    sqlite_site.shell(
        "from chat.actions.people import block_person\nfrom chat.models import User\n"
        "block_person(*(User.objects.get(username=name) for name in ('alice', 'carol')))"
    )

    assert await close_code(await open_socket(daphne, "carol")) == 4403


async def test_a_server_that_is_told_to_stop_closes_with_4412_and_exits(
    site: Site, tab: Tabs
) -> None:
    daphne = site.serve()
    tabs = [await tab(daphne, name) for name in ("alice", "bob", "carol", "dave") * 5]

    stopping = asyncio.create_task(asyncio.to_thread(daphne.terminate))

    assert {await client.until_closed() for client in tabs} == {4412}
    await asyncio.wait_for(stopping, 10)


async def test_what_was_acknowledged_while_the_server_stops_is_stored(
    sqlite_site: Site, tab: Tabs
) -> None:
    daphne = sqlite_site.serve()
    lounge = sqlite_site.rooms["lounge"]
    tabs = [await tab(daphne, name) for name in ("alice", "bob", "carol", "dave")]
    posts = [
        asyncio.ensure_future(client.post(lounge, str(number)))
        for number in range(50)
        for client in tabs
    ]
    await asyncio.wait(posts, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.to_thread(daphne.terminate)
    answers = await asyncio.gather(*posts, return_exceptions=True)
    acknowledged = {a["message"]["id"] for a in answers if isinstance(a, dict)}

    await asyncio.to_thread(daphne.start)
    newcomer = await tab(daphne, "alice")
    await newcomer.sync(lounge, after=0)

    assert acknowledged
    assert acknowledged <= set(newcomer.rooms[lounge].messages)


async def test_while_the_database_is_away_a_newcomer_is_closed_with_4503(
    postgres_site: Site, postgres: PrivatePostgres
) -> None:
    daphne = postgres_site.serve()

    postgres.kill9()
    try:
        assert await close_code(await open_socket(daphne, "carol")) == 4503
        assert daphne.health() == 503
    finally:
        postgres.start()

    await asyncio.to_thread(daphne.until_ready)
    assert (await open_socket(daphne, "carol")).close_code is None


class ImpatientDaphne(Daphne):
    """As daphne is, but it calls three seconds of silence what else are 150."""

    def command(self) -> list[str]:
        program, _module, _daphne, *arguments = super().command()
        return [program, "-c", IMPATIENTLY, *arguments]


IMPATIENTLY = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
import django
django.setup()
import chat.follower
assert chat.follower.SILENCE == 150
chat.follower.SILENCE = 3
from daphne.cli import CommandLineInterface
CommandLineInterface.entrypoint()
"""


async def test_who_is_silent_for_too_long_is_closed_with_4408_and_nobody_else(
    sqlite_site: Site, tab: Tabs
) -> None:
    daphne = sqlite_site.serve(ImpatientDaphne)
    bob, silent = await tab(daphne, "bob"), await tab(daphne, "carol", heartbeats=False)
    closing = asyncio.create_task(silent.until_closed(10))

    while not closing.done():
        await bob.command("heartbeat", received=bob.frames_received)
        await asyncio.wait([closing], timeout=1)

    assert await closing == 4408
    assert await bob.post(sqlite_site.rooms["lounge"], "still here")


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:1",
        "http://127.0.0.1",
        "http://localhost:{port}",
        "null",
        "",
        "http://[::1",
        "http://127.0.0.1:port",
    ],
)
async def test_a_page_of_another_origin_is_refused_with_403(daphne: Daphne, origin: str) -> None:
    with pytest.raises(websockets.InvalidStatus) as refusal:
        await open_socket(daphne, "carol", origin=origin.format(port=daphne.port))

    assert refusal.value.response.status_code in (400, 403)


async def test_a_page_of_a_trusted_origin_may_connect(sqlite_site: Site, tab: Tabs) -> None:
    daphne = sqlite_site.serve(CSRF_TRUSTED_ORIGINS="https://chat.example.org")

    carol = await tab(daphne, "carol", origin="https://chat.example.org")

    assert carol.hello["user"]["username"] == "carol"
