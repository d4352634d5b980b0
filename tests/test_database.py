"""Who talks to the database, and what a snapshot is."""

import asyncio
import threading
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from chat import database, history
from chat.errors import Unavailable
from chat.models import Room, User
from tests.scene import make_person, make_room, say

pytestmark = pytest.mark.django_db(transaction=True)


async def test_all_is_written_by_one_thread_in_the_order_asked_for() -> None:
    done: list[int] = []

    def write(number: int) -> int:
        done.append(number)
        return threading.get_ident()

    threads = await asyncio.gather(*(database.write(write, number) for number in range(50)))
    assert done == list(range(50))
    assert len(set(threads)) == 1


async def test_a_read_waits_for_no_write() -> None:
    go_on = threading.Event()
    writing = asyncio.ensure_future(database.write(go_on.wait, 10))
    async with asyncio.timeout(5):
        assert await database.read(lambda: "read") == "read"
    go_on.set()
    assert await writing


@pytest.mark.parametrize("fault", [DatabaseError, OperationalError, InterfaceError])
async def test_a_database_that_does_not_answer_is_unavailable(fault: type[Exception]) -> None:
    def fail() -> None:
        raise fault

    with pytest.raises(Unavailable):
        await database.read(fail)
    with pytest.raises(Unavailable):
        await database.write(fail)


async def test_a_fault_of_ours_is_not_the_databases() -> None:
    with pytest.raises(ZeroDivisionError):
        await database.read(lambda: 1 / 0)


async def test_after_a_fault_the_thread_reads_again() -> None:
    def lose_the_connection() -> None:
        connection.ensure_connection()
        connection.connection.close()
        connection.cursor().execute("SELECT 1")

    for _ in range(8):
        with pytest.raises(Unavailable):
            await database.read(lose_the_connection)
    for _ in range(8):
        assert await database.read(history.epoch)


@pytest.fixture
def anna(transactional_db: None) -> User:  # noqa: ARG001 - rows for every thread to see
    return make_person("anna")


@pytest.fixture
def room(anna: User) -> Room:
    return make_room(anna)


async def test_a_snapshot_sees_one_moment_and_holds_nobody_up(anna: User, room: Room) -> None:
    reading, written = threading.Event(), threading.Event()

    def look_twice() -> tuple[int, int]:
        with database.snapshot():
            before = history.head(room.pk)
            reading.set()
            assert written.wait(10)
            return before, history.head(room.pk)

    looking = asyncio.ensure_future(database.read(look_twice))
    await asyncio.to_thread(reading.wait, 10)
    await sync_to_async(say)(anna, room)
    written.set()
    assert await looking == (0, 0)
    assert await database.read(history.head, room.pk) == 1


def test_a_snapshot_within_a_transaction_is_that_transaction(anna: User, room: Room) -> None:
    with transaction.atomic():
        say(anna, room)
        with database.snapshot():
            assert history.head(room.pk) == 1
        transaction.set_rollback(True)
    assert history.head(room.pk) == 0


def test_after_a_snapshot_a_transaction_takes_the_writers_lock_at_once_again() -> None:
    if connection.vendor != "sqlite":
        return
    before = mode()
    with database.snapshot():
        assert mode() == "DEFERRED"
    assert before == mode() == "IMMEDIATE"


def mode() -> object:
    sqlite: Any = connection
    return sqlite.transaction_mode
