"""Bodies are drawn out of a budget: the long ones before they are queued and beside the loop, the
short ones by the writer, before its transaction begins (docs/decisions/0012-who-draws.md)."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from django.conf import settings

from chat.actions.messages.content import Drawn, drawn, problem_of
from chat.actions.rates import Rate, costs_of, too_fast
from chat.errors import Unavailable
from chat.errors import text as _
from chat.loops import OnePerLoop

logger = logging.getLogger(__name__)

SHORT_CHARACTERS = 500
"""What is no longer takes less time to draw than to hand over."""

CHARACTERS_OF_ONE = 10_000
"""So many to draw cost as much as to write one post, however long."""

LEAST_COST = 0.05

draw_rate = Rate(2 * settings.CHAT_POST_RATE, "draw", shared=False)
"""Nobody draws more than they may write: posts, and as many edits. It is this process that draws,
and so this process that counts."""

_DRAWER = ThreadPoolExecutor(1, "drawer")

Done = Callable[[Drawn], None]


class _Order(NamedTuple):
    body: str
    done: Done


class Drawer:
    """Of a loop. Of each person one body after another is drawn, so that many long ones hold up
    their author alone."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._orders: dict[int, deque[_Order]] = {}

    def draw(self, body: str, person: int, address: str, done: Done) -> None:
        """`done` is told on the loop, at once or later: the HTML, the refusal, or nothing where the
        writer is to draw."""
        if problem := problem_of(body):
            done(problem)
        elif wait := _pay(body, person, address):
            done(too_fast(wait))
        elif len(body) <= SHORT_CHARACTERS:
            done("")
        elif orders := self._orders.get(person):
            orders.append(_Order(body, done))
        else:
            self._orders[person] = deque([_Order(body, done)])
            self._draw_next_of(person)

    def _draw_next_of(self, person: int) -> None:
        body = self._orders[person][0].body
        self._loop.run_in_executor(_DRAWER, _drawn, body).add_done_callback(
            lambda drawing: self._finish(person, drawing)
        )

    def _finish(self, person: int, drawing: asyncio.Future[Drawn]) -> None:
        order = self._orders[person].popleft()
        if self._orders[person]:
            self._draw_next_of(person)
        else:
            del self._orders[person]
        order.done(drawing.result())


def _pay(body: str, person: int, address: str) -> float:
    """The seconds to wait."""
    if not draw_rate.per_second:
        return 0.0
    cost = max(LEAST_COST, len(body) / CHARACTERS_OF_ONE)
    return draw_rate.take_all([costs_of(person, address, cost)])[0]


def _drawn(body: str) -> Drawn:
    """Whatever happens, its author is answered."""
    try:
        return drawn(body)
    except Exception:
        logger.exception("drawing_failed length=%d", len(body))
        return Unavailable(_("The site cannot store anything just now."))


drawer = OnePerLoop(Drawer)
"""Of the running loop."""
