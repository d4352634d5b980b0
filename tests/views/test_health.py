"""Anybody may ask whether the site is well, as often as they like."""

import asyncio

from chat.views.health import Question


async def test_many_who_ask_at_once_cost_one_look_and_who_asks_later_another() -> None:
    looks: list[str] = []

    async def look() -> str:
        looks.append("look")
        await asyncio.sleep(0)
        return f"look {len(looks)}"

    question = Question(look)

    assert set(await asyncio.gather(*(question.answer() for _ in range(50)))) == {"look 1"}
    assert await question.answer() == "look 2"


async def test_one_who_hangs_up_takes_the_answer_from_nobody() -> None:
    go_on = asyncio.Event()

    async def look() -> str:
        await go_on.wait()
        return "ok"

    question = Question(look)
    first = asyncio.ensure_future(question.answer())
    second = asyncio.ensure_future(question.answer())
    await asyncio.sleep(0)
    first.cancel()
    go_on.set()

    assert await second == "ok"
