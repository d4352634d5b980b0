"""Anybody may ask whether the site is well, as often as they like."""

import asyncio

import pytest

from chat.views import health
from chat.views.health import Question


class Store:
    """Something to ask about, which counts what it is asked."""

    def __init__(self) -> None:
        self.looks = 0
        self.glances = 0
        self.well = True
        self.question = Question(self.look, self.glance)

    async def look(self) -> str:
        self.looks += 1
        await asyncio.sleep(0)
        return self.says()

    async def glance(self) -> str:
        self.glances += 1
        return self.says()

    def says(self) -> str:
        return "ok" if self.well else "down"

    async def answer(self) -> str:
        return await self.question.answer()


async def test_many_who_ask_at_once_cost_one_look() -> None:
    store = Store()

    assert set(await asyncio.gather(*(store.answer() for _ in range(50)))) == {"ok"}
    assert store.looks == 1


async def test_many_who_ask_one_after_another_cost_one_look_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = Store()
    clock = 0.0
    monkeypatch.setattr(health, "monotonic", lambda: clock)

    for _ in range(50):
        assert await store.answer() == "ok"
        clock += 0.1

    assert store.looks == 5


async def test_what_fails_meanwhile_is_told_at_once_and_so_is_that_it_is_back() -> None:
    store = Store()
    assert await store.answer() == "ok"

    store.well = False
    assert await store.answer() == "down"
    store.well = True
    assert await store.answer() == "ok"
    assert store.looks == 2


async def test_one_who_hangs_up_takes_the_answer_from_nobody() -> None:
    go_on = asyncio.Event()

    async def look() -> str:
        await go_on.wait()
        return "ok"

    question = Question(look, look)
    first = asyncio.ensure_future(question.answer())
    second = asyncio.ensure_future(question.answer())
    await asyncio.sleep(0)
    first.cancel()
    go_on.set()

    assert await second == "ok"
