"""How a process follows the log and its people, when the database stumbles and when tabs leave."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from chat import access, consumers, fanout, follower, history
from chat.actions import rooms
from chat.models import Room, User
from tests.scene import make_person, make_room, say
from tests.tabs import Tab, Tabs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anna(transactional_db: None) -> User:  # noqa: ARG001 - rows for every thread to see
    return make_person("anna")


@pytest.fixture
def ben(transactional_db: None) -> User:  # noqa: ARG001
    return make_person("ben")


@pytest.fixture
def room(anna: User, ben: User) -> Room:
    return make_room(anna, ben)


@pytest.fixture
async def tab() -> AsyncIterator[Tabs]:
    tabs = Tabs()
    yield tabs
    await tabs.close()


async def do(action: Any, *args: Any) -> Any:
    """In a thread, as a request would."""
    return await sync_to_async(action)(*args)


class Stumble:
    """Has a query fail the first few times that it is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.failed = 0
        self.begun = asyncio.Event()
        """What was under way before it is over."""

    def __call__(self, module: object, name: str, times: int) -> None:
        query, loop = getattr(module, name), asyncio.get_running_loop()

        def stumbling(*args: Any) -> Any:
            if self.failed < times:
                self.failed += 1
                loop.call_soon_threadsafe(self.begun.set)
                raise OperationalError
            return query(*args)

        self._monkeypatch.setattr(module, name, stumbling)


@pytest.fixture
def stumble(monkeypatch: pytest.MonkeyPatch) -> Stumble:
    monkeypatch.setattr(follower, "INTERVAL", 0.1)
    return Stumble(monkeypatch)


@pytest.mark.parametrize("times", [1, 3])
async def test_who_joins_is_told_although_the_database_stumbles(
    tab: Tabs, anna: User, room: Room, stumble: Stumble, times: int
) -> None:
    carl = await do(make_person, "carl")
    here = await tab(carl)
    stumble(history, "rooms_of", times)
    await do(rooms.join_room, carl, room)
    assert (await here.expect("room"))["room"] == room.pk
    assert stumble.failed == times
    await do(say, anna, room)
    await here.expect("message")


async def test_who_is_put_out_is_told_although_the_database_stumbles(
    tab: Tabs, anna: User, ben: User, room: Room, stumble: Stumble
) -> None:
    here = await tab(ben)
    stumble(access, "reason_of_leaving", 2)
    await do(rooms.remove_member, anna, room, ben)
    assert (await here.expect("left"))["reason"] == "removed"
    assert stumble.failed == 2


async def test_rights_are_read_again_after_the_database_stumbled(
    tab: Tabs, anna: User, ben: User, room: Room, stumble: Stumble
) -> None:
    here = await tab(ben)
    await here.heard()
    stumble(access, "rights", 2)
    fanout.access_changed()
    await stumble.begun.wait()
    await do(rooms.remove_member, anna, room, ben)
    await here.expect("left")
    assert stumble.failed == 2


async def test_the_log_is_followed_again_after_the_database_stumbled(
    tab: Tabs, anna: User, ben: User, room: Room, stumble: Stumble
) -> None:
    here = await tab(ben)
    await here.heard()
    stumble(history, "heads", 3)
    await stumble.begun.wait()
    await Room.objects.filter(pk=room.pk).aupdate(last_seq=2)
    assert [(await here.expect("skipped"))["seq"] for _ in range(2)] == [1, 2]
    assert stumble.failed == 3
    await do(say, anna, room)
    assert (await here.expect("message"))["seq"] == 3


async def test_a_tab_that_left_while_rights_were_read_is_not_let_in_again(
    tab: Tabs, anna: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    carl = await do(make_person, "carl")
    leaving, staying = await tab(carl), await tab(anna)
    await staying.heard()
    reading, go_on, rights = threading.Event(), threading.Event(), access.rights

    def dawdle(*args: Any) -> Any:
        found = rights(*args)
        if room.pk in found.rooms.get(carl.pk, {}):
            reading.set()
            go_on.wait(10)
        return found

    monkeypatch.setattr(access, "rights", dawdle)
    await do(rooms.join_room, carl, room)
    await asyncio.to_thread(reading.wait, 10)
    hub, left = fanout.hub(), asyncio.Event()
    part = consumers.ChatConsumer._part

    def part_and_tell(consumer: consumers.ChatConsumer) -> None:
        part(consumer)
        left.set()

    monkeypatch.setattr(consumers.ChatConsumer, "_part", part_and_tell)
    await leaving.close()
    await left.wait()
    go_on.set()
    await do(say, anna, room)
    await staying.expect("message")
    assert {member.user_id for member in hub.feeds[room.pk].members.values()} == {anna.pk}


async def test_who_came_back_at_once_is_not_told_of_having_left(
    tab: Tabs, ben: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await tab(ben)
    asked, go_on, reason = threading.Event(), threading.Event(), access.reason_of_leaving

    def dawdle(*args: Any) -> Any:
        asked.set()
        go_on.wait(10)
        return reason(*args)

    monkeypatch.setattr(access, "reason_of_leaving", dawdle)
    await do(rooms.leave_room, ben, room)
    await asyncio.to_thread(asked.wait, 10)
    await do(rooms.join_room, ben, room)
    await here.expect("room")
    go_on.set()
    await asyncio.sleep(0.2)
    assert await here.heard() == []


async def test_a_hint_that_comes_while_rights_are_read_has_them_read_again(
    tab: Tabs, ben: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "RIGHTS_SHARE", 1_000_000)
    here = await tab(ben)
    soon = 2 * follower.INTERVAL
    monkeypatch.setattr(follower, "INTERVAL", 60)
    await asyncio.sleep(soon)
    reading, go_on, rights = threading.Event(), threading.Event(), access.rights

    def dawdle(*args: Any) -> Any:
        found = rights(*args)
        reading.set()
        go_on.wait(10)
        return found

    monkeypatch.setattr(access, "rights", dawdle)
    fanout.access_changed()
    await asyncio.to_thread(reading.wait, 10)
    await do(rooms.leave_room, ben, room)
    go_on.set()
    await here.expect("left")


async def test_what_is_read_for_a_room_is_read_once_for_all_its_tabs(
    tab: Tabs, anna: User, ben: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    tabs: list[Tab] = [await tab(user) for user in (anna, ben, anna, ben)]
    fills: list[tuple[int, ...]] = []
    read = history.changes_between

    def counted(*args: int) -> Any:
        fills.append(args)
        return read(*args)

    monkeypatch.setattr(history, "changes_between", counted)
    await Room.objects.filter(pk=room.pk).aupdate(last_seq=5)
    for each in tabs:
        assert [(await each.expect("skipped"))["seq"] for _ in range(5)] == [1, 2, 3, 4, 5]
    assert fills == [(room.pk, 0, 5)]
