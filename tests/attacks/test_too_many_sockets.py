"""Attacks by the number of sockets, and by how often they are opened and spoken on."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import pytest
from django.contrib.sessions.backends.db import SessionStore
from pytest_django import Settings

from chat import arrivals, consumers, written
from chat.actions import rooms
from chat.actions.rates import Rate
from chat.actions.rooms import create_room, join_room
from chat.errors import Forbidden, Invalid
from chat.models import Room, User
from chat.sockets import MAX_OF_A_PERSON
from tests.scene import make_person, make_room
from tests.tabs import Tab, Tabs, cookie_of

pytestmark = pytest.mark.django_db(transaction=True)

OFFICE, HOME = "198.51.100.7", "203.0.113.9"


@pytest.fixture
def ada(transactional_db: None) -> User:  # noqa: ARG001 - rows for every thread to see
    return make_person("ada")


@pytest.fixture
def bob(transactional_db: None) -> User:  # noqa: ARG001
    return make_person("bob")


@pytest.fixture
def room(ada: User, bob: User) -> Room:
    return make_room(ada, bob)


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "LONGEST_KNOCK_SECONDS", 0.2)


@pytest.fixture
async def tab() -> AsyncIterator[Tabs]:
    tabs = Tabs()
    yield tabs
    await tabs.close()


async def opened(tab: Tabs, cookie: str, count: int, address: str = "127.0.0.1") -> list[Tab]:
    return [(await tab.greeted(cookie, address))[0] for _ in range(count)]


async def is_open(tab: Tab) -> bool:
    return await tab.heard() is not None


async def test_of_more_sockets_than_a_person_may_have_the_one_longest_idle_goes(
    tab: Tabs, ada: User, bob: User, room: Room
) -> None:
    cookie = await cookie_of(ada)
    tabs, other = await opened(tab, cookie, MAX_OF_A_PERSON), await tab(bob)
    await tabs[0].ask("read", room=room.pk, seq=0)
    for each in tabs:
        await each.heard()  # a heartbeat is no use
    tabs += await opened(tab, cookie, 2)
    assert await tabs[1].closing() == await tabs[2].closing() == 4409
    assert all([await is_open(each) for each in [tabs[0], *tabs[3:], other]])


async def test_of_more_sockets_than_an_address_may_have_the_one_longest_idle_goes(
    tab: Tabs, ada: User, bob: User, settings: Settings
) -> None:
    settings.CHAT_SOCKETS_PER_ADDRESS = 3
    office = await opened(tab, await cookie_of(ada), 2, OFFICE)
    office += await opened(tab, await cookie_of(bob), 1, OFFICE)
    elsewhere = await opened(tab, await cookie_of(ada), 4, HOME[:-1] + "8")
    own_machine = await opened(tab, await cookie_of(ada), 5)
    office += await opened(tab, await cookie_of(bob), 1, OFFICE)
    assert await office[0].closing() == 4409
    assert await elsewhere[0].closing() == 4409
    assert all([await is_open(each) for each in office[1:] + elsewhere[1:] + own_machine])


async def test_a_socket_that_left_counts_no_more(tab: Tabs, ada: User) -> None:
    cookie = await cookie_of(ada)
    (first,) = await opened(tab, cookie, 1)
    for _ in range(2 * MAX_OF_A_PERSON):
        (passing,) = await opened(tab, cookie, 1)
        await passing.close()
    assert await is_open(first)


async def test_who_knocks_too_often_is_not_looked_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(arrivals, "connect_rate", Rate(1 / 60, "connect", burst_seconds=180))
    looked_up: list[str] = []

    def noted(key: str) -> object:
        looked_up.append(key)
        return SessionStore(key)

    monkeypatch.setattr("chat.arrivals.SessionStore", noted)
    codes = [await closing_of(Tab("sessionid=guess", address=OFFICE)) for _ in range(6)]
    assert codes == [4401] * 3 + [4429] * 3
    assert len(looked_up) == 3
    assert await closing_of(Tab("sessionid=guess", address=HOME)) == 4401
    assert [await closing_of(Tab("sessionid=guess")) for _ in range(6)] == [4401] * 6


async def closing_of(tab: Tab) -> int:
    await tab.socket.connect(timeout=10)
    code = await tab.closing()
    await tab.close()
    return code


async def test_who_comes_and_goes_all_the_time_is_kept_out_for_a_while(
    tab: Tabs, ada: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time, all of their rooms are entered."""
    monkeypatch.setattr(arrivals, "connect_rate", Rate(1 / 60, "connect", burst_seconds=360))
    cookie = await cookie_of(ada)
    await opened(tab, cookie, 3)
    assert await closing_of(Tab(cookie)) == 4429
    assert await is_open(await tab(bob))


async def test_typing_on_many_sockets_is_told_as_on_one(
    tab: Tabs, ada: User, bob: User, room: Room
) -> None:
    five = await opened(tab, await cookie_of(ada), 5)
    here = await tab(bob)
    await here.say(type="watch", rooms=[room.pk])
    await here.expect("presence")
    for each in five:
        await each.say(type="typing", room=room.pk)
    for each in five:
        await each.heard()
    assert [event["type"] for event in await here.heard()].count("typing") == 1


async def test_who_asks_too_much_waits_and_nobody_else_does(
    tab: Tabs, ada: User, bob: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written, "command_rate", Rate(10, shared=False))
    six, other = await opened(tab, await cookie_of(ada), 6), await tab(bob)
    for number in range(5):
        for each in six:
            await each.say(type="sync", room=room.pk, after=0, ref=number)
    for _ in range(40):
        await asyncio.wait_for(other.ask("heartbeat", received=0), 2)
    await asyncio.wait_for(other.ask("sync", room=room.pk, after=0), 2)
    for each in six:
        while not each.socket.output_queue.empty():
            await each._read(1)
    assert sum(event["type"] == "synced" for each in six for event in each.events) <= 14
    for each in six:  # and none is refused or lost
        await each.expect("synced", ref=0)
    monkeypatch.setattr(written.command_rate, "per_second", 0)


async def test_a_long_answer_is_paid_for_by_what_is_asked_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(written, "command_rate", Rate(100, shared=False, burst_seconds=1))
    pace = written.Pace(1, "")
    started = monotonic()
    for _ in range(10):
        assert await pace.keep(4)
        pace.owe("")
    assert monotonic() - started < 0.1
    pace.owe("x" * written.BYTES_OF_ONE * 60)
    assert await pace.keep()
    assert monotonic() - started > 0.05


async def test_who_asks_too_much_all_the_time_is_closed_as_a_flood(
    tab: Tabs, ada: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written, "command_rate", Rate(40, shared=False, burst_seconds=0.5))
    monkeypatch.setattr(written, "LONGEST_WAIT_SECONDS", 1)
    (here,) = await opened(tab, await cookie_of(ada), 1)
    for _ in range(100):
        await here.say(type="sync", room=room.pk, after=0)
    assert await here.closing() == 4429


def test_nobody_is_in_more_rooms_than_their_tabs_can_enter(
    ada: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "MAX_ROOMS", 3)
    made = [make_room(bob, name=f"Room {number}") for number in range(3)]
    for room in made:
        join_room(ada, room)
    rooms.archive_room(bob, made[0])
    create_room(ada, "Hers")
    with pytest.raises(Invalid):
        create_room(ada, "One more")
    another = make_room(keeper_of_rooms(), name="Another")
    with pytest.raises(Forbidden):
        join_room(ada, another)
    join_room(ada, made[1])
    assert ada.memberships.count() == 4
    assert Room.objects.filter(name="One more").count() == 0


def keeper_of_rooms() -> User:
    return make_person("carol")


async def test_who_does_not_wait_as_they_are_told_is_slowed_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(written, "command_rate", Rate(100, shared=False, burst_seconds=0.5))
    quick, flooding = written.Pace(1, ""), written.Pace(2, "")
    for pace, slept in ((quick, False), (flooding, True)):
        started = monotonic()
        for _ in range(20):
            assert await pace.keep()
            if pace is flooding:
                pace.owe_refusal()
        assert (monotonic() - started > 0.5) is slept
