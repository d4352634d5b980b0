"""Whatever the database does, everybody who wrote is answered."""

import asyncio
from collections.abc import Callable

import pytest
from django.db import DataError, OperationalError

from chat import database
from chat.actions.messages import Stored
from chat.actions.turns import Job, Result
from chat.actions.writer import Writer
from chat.errors import NotFound, Unavailable, text

Act = Callable[[], Stored]


async def answers(*acts: Act) -> list[Result]:
    """What each is told, put in together."""
    writer = Writer()
    told: list[Result] = []
    for act in acts:
        writer.put(Job(act, told.append))
    async with asyncio.timeout(5):
        await writer.drain()
    assert len(told) == len(acts)
    return told


def failing(error: Exception) -> Act:
    def act() -> Stored:
        raise error

    return act


class Tried:
    """A change that counts how often it was tried."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Stored:
        self.times += 1
        raise NotFound(text("Tried."))


async def test_what_waits_behind_a_database_that_is_away_does_not_wait_for_it_again() -> None:
    behind = Tried()
    first, second = await answers(failing(OperationalError("gone")), behind)
    assert isinstance(first, Unavailable)
    assert isinstance(second, Unavailable)
    assert behind.times == 0


async def test_what_the_database_refuses_harms_no_other() -> None:
    other = Tried()
    poison, spared = await answers(failing(DataError("odd")), other)
    assert isinstance(poison, Unavailable)
    assert isinstance(spared, NotFound)
    assert other.times == 1


async def test_everybody_is_answered_though_the_writer_itself_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise RuntimeError("it could not recover")

    monkeypatch.setattr(database, "recover", fail)
    told = await answers(failing(OperationalError("gone")), Tried())
    assert all(isinstance(answer, Unavailable) for answer in told)
