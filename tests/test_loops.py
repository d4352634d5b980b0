"""What a loop had is gone with it."""

import asyncio
import gc
from collections.abc import Iterator
from time import monotonic, sleep
from typing import Any
from weakref import ref

import pytest
from django.test import Client

from chat import fanout, follower
from chat.actions.writer import writer
from chat.loops import OnePerLoop
from chat.models import Room, User
from chat.presence import here, presence
from tests.scene import make_person, make_room
from tests.tabs import Tab


@pytest.fixture(autouse=True)
def _tidy() -> Iterator[None]:
    gc.collect()
    yield
    gc.collect()


class Thing:
    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()


async def test_a_loop_has_one_and_another_loop_another() -> None:
    things = OnePerLoop(Thing)
    mine = things()
    assert things() is mine
    other = await asyncio.to_thread(asyncio.run, ask(things))
    assert other is not mine
    assert mine in things.all()


async def ask(things: OnePerLoop[Thing]) -> Thing:
    return things()


def test_nothing_of_a_closed_loop_lives() -> None:
    things = OnePerLoop(Thing)
    loops = [asyncio.new_event_loop() for _ in range(3)]
    gone: list[ref[Any]] = [ref(loop) for loop in loops]
    gone += [ref(loop.run_until_complete(ask(things))) for loop in loops]
    assert len(things.all()) == 3
    for loop in loops:
        loop.close()
    del loop, loops  # the test has held them itself
    gc.collect()
    assert [each() for each in gone] == [None] * 6
    assert things.all() == []


@pytest.mark.django_db(transaction=True)
def test_nor_does_what_served_people_on_it() -> None:
    anna = make_person("anna")
    room = make_room(anna)
    client = Client()
    client.force_login(anna)
    gone = asyncio.run(serve(f"sessionid={client.cookies['sessionid'].value}", anna, room))
    # A query that was under way holds the loop until it is answered.
    deadline = monotonic() + 10
    while any(each() for each in gone) and monotonic() < deadline:
        gc.collect()
        sleep(0.05)
    assert [each() for each in gone] == [None] * len(gone)
    assert here(room.pk) == frozenset()
    assert fanout.hub.all() == []


async def serve(cookie: str, anna: User, room: Room) -> list[ref[Any]]:
    """Without asgiref's threads: each remembers the loop that used it last."""
    tab = Tab(cookie)
    await tab.open()
    await tab.say(type="watch", rooms=[room.pk])
    await tab.expect("presence")
    assert (await tab.post(room.pk, "a"))["type"] == "posted"
    assert here(room.pk) == {anna.pk}
    await tab.close()
    parts = (fanout.hub(), presence(), writer(), follower.follow())
    return [ref(part) for part in (*parts, asyncio.get_running_loop())]


async def test_a_second_who_listens_for_members_silences_nobody() -> None:
    hub = fanout.hub()
    told: list[int] = []
    presence()
    hub.member_listeners.append(told.append)
    hub.join(7, Member())
    assert told == [7]
    assert 7 in presence()._due, "presence was told as well"


class Member:
    id, user_id = "member", 1

    def write(self, frame: str) -> None: ...
    def shut(self, code: int) -> None: ...
