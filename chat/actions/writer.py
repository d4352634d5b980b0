"""The one queue through which connections write: what arrives together is committed together."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from itertools import groupby
from time import monotonic
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, transaction

from chat import database, metrics
from chat.actions.messages import NewPost, post_messages
from chat.actions.rates import Rate, costs_of, too_fast
from chat.actions.reading import Mark, mark_read
from chat.actions.turns import MAX_WAITING_EACH, Change, Job, Result, Task, Turns
from chat.errors import ChatError, RateLimited, Unavailable
from chat.errors import text as _
from chat.loops import OnePerLoop

logger = logging.getLogger(__name__)

WAIT_SECONDS = 1.0
"""After which somebody of whom too much waits may try again."""

change_rate = Rate(settings.CHAT_POST_RATE, "change")
"""Of all that is no post. Posts have as much to themselves: who has just reacted or read a lot can
still say what the contract lets them say."""


class Batch(NamedTuple):
    """What became of its jobs, in their order, and whether the database was away."""

    results: list[Result]
    was_away: bool


class Writer:
    """People's jobs are carried out in turn, those of each in the order in which they came; each is
    answered on the loop."""

    def __init__(self) -> None:
        self._turns = Turns(is_bounded=bool(settings.CHAT_POST_RATE))
        self._is_writing = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._rested: asyncio.TimerHandle | None = None

    def put(self, job: Job) -> bool:
        """Whether it has a place; if not, it is answered."""
        without_place = self._turns.add(job)
        if without_place:
            _answer(without_place, self._too_much(without_place.person))
        if without_place is not job:
            self._idle.clear()
            self._begin_soon()
        return without_place is not job

    def _too_much(self, person: int) -> ChatError:
        if self._turns.waiting_of(person) >= MAX_WAITING_EACH:
            return too_fast(WAIT_SECONDS)
        return Unavailable(_("The site has too much to write just now."))

    def draw(self, job: Job, task: Task) -> None:
        """Its body is drawn by now: it may have its turn."""
        job.task = task
        self._begin_soon()

    async def drain(self) -> None:
        """Until everything that was put in is answered."""
        self._turns.hurry()
        self._begin_soon()
        await self._idle.wait()

    def _begin_soon(self) -> None:
        if not self._is_writing:
            self._is_writing = True
            # What else arrives in this turn of the loop goes with it.
            asyncio.get_running_loop().call_soon(self._begin)

    def _begin(self) -> None:
        if batch := self._turns.take():
            done = partial(self._end, batch, monotonic())
            database.write_soon(partial(_carry_out, batch), done)
            return
        self._is_writing = False
        if (rest := self._turns.rest()) is not None:
            if self._rested:
                self._rested.cancel()
            self._rested = asyncio.get_running_loop().call_later(rest, self._begin_soon)
        if not self._turns:
            self._idle.set()

    def _end(self, jobs: Sequence[Job], began: float, written: Future[Batch]) -> None:
        seconds = monotonic() - began
        metrics.write_seconds.observe(seconds)
        batch = _outcome(jobs, written)
        if not batch.was_away:
            self._turns.spent(jobs, seconds)
        for job, result in zip(jobs, batch.results, strict=True):
            _answer(job, result)
        if batch.was_away:
            # What waits behind a database that is away is not made to wait for it once more each.
            for job in self._turns.take_all():
                _answer(job, _unavailable())
        self._begin()


def _outcome(jobs: Sequence[Job], written: Future[Batch]) -> Batch:
    """Whatever happened, each of them is answered."""
    try:
        return written.result()
    except Exception:
        logger.exception("writer_failed count=%d", len(jobs))
        return Batch([_unavailable() for _job in jobs], was_away=True)


def _answer(job: Job, result: Result) -> None:
    for answer in job.answers:
        try:
            answer(result)
        except Exception:  # the others in the batch wait for their answers
            logger.exception("answer_failed task=%s", type(job.task).__name__)


def _carry_out(jobs: Sequence[Job]) -> Batch:
    refused = _too_fast(jobs)
    tasks = [job.task for job in jobs if job not in refused]
    written = _written([task for task in tasks if task is not None])
    results = iter(written.results)
    return Batch([refused.get(job) or next(results) for job in jobs], written.was_away)


def _too_fast(jobs: Sequence[Job]) -> dict[Job, RateLimited]:
    paying = [job for job in jobs if job.cost]
    waits = change_rate.take_all([costs_of(job.person, job.address, job.cost) for job in paying])
    return {job: too_fast(wait) for job, wait in zip(paying, waits, strict=True) if wait}


def _written(tasks: Sequence[Task]) -> Batch:
    results: list[Result] = []
    try:
        for _company_name, group in groupby(tasks, key=_company):
            results += _store(list(group))
    except database.AWAY as error:
        unanswered = len(tasks) - len(results)
        # Its words may quote a row, and with it what somebody said.
        logger.error("write_failed count=%d error=%s", unanswered, type(error).__name__)
        metrics.database_faults.inc()
        database.recover()
        results += [_unavailable() for _task in range(unanswered)]
        return Batch(results, was_away=True)
    return Batch(results, was_away=False)


def _store(together: Sequence[Task]) -> Sequence[Result]:
    try:
        return _TOGETHER.get(_company(together[0]), _alone)(together)
    except database.AWAY:
        raise
    except DatabaseError as error:
        logger.error("write_refused count=%d error=%s", len(together), type(error).__name__)
    except Exception:
        logger.exception("write_crashed count=%d", len(together))
    # One of them is poison: nothing of the batch is stored, and the others may be.
    if len(together) > 1:
        return [result for task in together for result in _store([task])]
    return [_unavailable()]


def _unavailable() -> Unavailable:
    return Unavailable(_("The site cannot store anything just now."))


def _company(task: Task) -> object:
    """Neighbours of one company share a transaction. Any other change locks its room alone."""
    return type(task) if isinstance(task, NewPost | Mark) else id(task)


def _mark_together(marks: Sequence[Mark]) -> list[Result]:
    with transaction.atomic():
        return [_tried(partial(mark_read, mark)) for mark in marks]


def _alone(changes: Sequence[Change]) -> list[Result]:
    return [_tried(change) for change in changes]


def _tried(act: Callable[[], Result]) -> Result:
    try:
        return act()
    except ChatError as error:
        return error


_TOGETHER: dict[object, Callable[[Any], Sequence[Result]]] = {
    NewPost: post_messages,
    Mark: _mark_together,
}


writer = OnePerLoop(Writer)
"""Of the running loop."""
