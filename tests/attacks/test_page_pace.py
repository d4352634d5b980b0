"""Pages asked for without end are taken up at a pace; who is merely quick does not notice."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from chatsite import page_pace
from chatsite.page_pace import MAX_WAITING, paced

OFFICE = "198.51.100.7"


class Site:
    """Answers everything at once, and knows of whom."""

    def __init__(self) -> None:
        self.answered: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.refused = 0
        self._application = paced(self._answer)

    async def _answer(self, scope: Any, _receive: Any, send: Any) -> None:
        self.answered[scope["client"][0]] += 1
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def ask(
        self,
        address: str,
        session: str = "",
        path: str = "/rooms/",
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        cookie = [(b"cookie", f"sessionid={session}".encode())] if session else []
        told = [*cookie, *headers]
        scope = {"type": "http", "path": path, "headers": told, "client": (address, 1)}
        await self._application(scope, None, self._note)

    async def connect(self, address: str, session: str) -> None:
        cookie = [(b"cookie", f"sessionid={session}".encode())]
        scope = {
            "type": "websocket",
            "path": "/ws/chat/",
            "headers": cookie,
            "client": (address, 1),
        }
        await self._application(scope, self._begin, self._note)

    async def _begin(self) -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def _note(self, message: Any) -> None:
        self.refused += message["type"] == "websocket.close"
        if message["type"] == "http.response.start":
            self.statuses[message["status"]] += 1


@pytest.fixture
async def site() -> Site:
    return Site()


@pytest.fixture
def asked() -> Iterator[list[asyncio.Task[None]]]:
    """Those who ask; they go when the test ends."""
    asked: list[asyncio.Task[None]] = []
    yield asked
    for each in asked:
        each.cancel()


def flood(
    site: Site,
    asked: list[asyncio.Task[None]],
    address: str,
    session: str = "",
    path: str = "/rooms/",
    *,
    times: int,
) -> None:
    asked += [asyncio.create_task(site.ask(address, session, path)) for _ in range(times)]


async def settle() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("session", "burst"), [("a" * 32, 15), ("", 12)], ids=["one cookie", "strangers"]
)
async def test_past_a_burst_pages_wait_and_nobody_elses_do(
    site: Site, asked: list[asyncio.Task[None]], session: str, burst: int
) -> None:
    flood(site, asked, OFFICE, session, times=burst + 50)
    await settle()
    assert burst <= site.answered[OFFICE] <= burst + 1
    await asyncio.wait_for(site.ask("192.0.2.9", "b" * 32), 1)
    assert site.answered["192.0.2.9"] == 1


async def test_an_answer_of_the_api_is_a_quarter_of_a_page(
    site: Site, asked: list[asyncio.Task[None]]
) -> None:
    flood(site, asked, OFFICE, "a" * 32, "/api/rooms/1/messages", times=90)
    await settle()
    assert 60 <= site.answered[OFFICE] <= 62


async def test_made_up_cookies_are_one_address(site: Site, asked: list[asyncio.Task[None]]) -> None:
    for number in range(300):
        flood(site, asked, OFFICE, f"{number:032}", times=1)
    await settle()
    assert 200 <= site.answered[OFFICE] <= 202


async def test_too_many_who_wait_are_refused(site: Site, asked: list[asyncio.Task[None]]) -> None:
    flood(site, asked, OFFICE, "a" * 32, times=15 + MAX_WAITING + 50)
    await settle()
    assert site.statuses[429] >= 49
    assert site.answered[OFFICE] + MAX_WAITING + site.statuses[429] == 15 + MAX_WAITING + 50


async def test_past_a_burst_sockets_of_one_cookie_wait_before_anything_is_done_for_them(
    site: Site, asked: list[asyncio.Task[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three for each tab that a person may have."""
    monkeypatch.setattr(page_pace, "LONGEST_KNOCK_SECONDS", 0.9)
    asked += [asyncio.create_task(site.connect(OFFICE, "a" * 32)) for _ in range(65)]
    await settle()
    assert 60 <= site.answered[OFFICE] <= 61
    assert site.refused == 0
    await asyncio.wait_for(site.connect("192.0.2.9", "b" * 32), 1)
    assert site.answered["192.0.2.9"] == 1
    await asyncio.wait_for(site.ask(OFFICE, "a" * 32), 1)
    await asyncio.wait_for(asyncio.gather(*asked), 2)
    assert (site.answered[OFFICE], site.refused) == (63, 3)


async def test_files_and_a_proxys_own_questions_are_free(site: Site) -> None:
    for path in ("/healthz", "/static/chat/css/base.css"):
        for _ in range(500):
            await asyncio.wait_for(site.ask(OFFICE, path=path), 1)
    assert site.statuses == {200: 1_000}


@pytest.mark.parametrize("path", ["/healthzz", "/metrics", "/staticky", "/en/static/"])
async def test_what_is_like_them_is_not(
    site: Site, asked: list[asyncio.Task[None]], path: str
) -> None:
    flood(site, asked, OFFICE, "", path, times=50)
    await settle()
    assert 12 <= site.answered[OFFICE] <= 13


async def test_a_body_of_unknown_length_does_not_wait(site: Site) -> None:
    """The server has it whole by then."""
    for _ in range(40):
        await asyncio.wait_for(site.ask(OFFICE, headers=[(b"transfer-encoding", b"chunked")]), 1)
    assert 12 <= site.statuses[200] <= 13


async def test_who_waits_for_pages_makes_nobody_wait_for_others(
    site: Site, asked: list[asyncio.Task[None]]
) -> None:
    flood(site, asked, OFFICE, times=12 + MAX_WAITING + 10)
    await settle()
    assert site.statuses[429] >= 9
    for person in range(60):
        await asyncio.wait_for(site.ask(OFFICE, f"{person:032}"), 1)
    assert site.statuses[200] >= 72


async def test_an_office_that_opens_its_pages_at_nine_waits_for_a_few_seconds_at_most(
    site: Site,
) -> None:
    """Twenty-five people in the same second: each asks for the form, its answer and two pages."""
    async with asyncio.timeout(6):
        await asyncio.gather(*(open_all(site, person) for person in range(25)))
    assert site.statuses == {200: 100}


async def open_all(site: Site, person: int) -> None:
    await site.ask(OFFICE)
    for _ in range(3):
        await site.ask(OFFICE, f"{person:032}")


async def test_whoever_has_no_limit_to_write_has_none_here(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_pace.person_rate, "per_second", 0)
    for _ in range(500):
        await asyncio.wait_for(site.ask("127.0.0.1", "a" * 32), 1)
    assert site.statuses == {200: 500}
