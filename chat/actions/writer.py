"""The one queue through which connections write: what arrives together is committed together."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from itertools import groupby
from time import monotonic
from typing import Any, NamedTuple

from django.db import DatabaseError, transaction

from chat import database, metrics
from chat.actions.messages import NewPost, Outcome, Stored, post_messages
from chat.actions.reading import Mark, mark_read
from chat.errors import ChatError, Unavailable
from chat.errors import text as _
from chat.loops import OnePerLoop

logger = logging.getLogger(__name__)

MAX_BATCH = 500
MAX_QUEUE = 20_000

Change = Callable[[], Stored]
Task = NewPost | Mark | Change
Result = Outcome | dict[str, int]
Answer = Callable[[Result], None]


class Job(NamedTuple):
    """Something to be written, and whom to tell how it went."""

    task: Task
    answer: Answer


class Writer:
    """Jobs are carried out in the order in which they came; each is answered on the loop."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, job: Job) -> None:
        if len(self._jobs) >= MAX_QUEUE:
            job.answer(Unavailable(_("The site has too much to write just now.")))
            return
        self._jobs.append(job)
        if self._idle.is_set():
            self._idle.clear()
            # What else arrives in this turn of the loop goes with it.
            asyncio.get_running_loop().call_soon(self._begin)

    async def drain(self) -> None:
        """Until everything that was put in is answered."""
        await self._idle.wait()

    def _begin(self) -> None:
        batch, self._jobs = self._jobs[:MAX_BATCH], self._jobs[MAX_BATCH:]
        tasks = [job.task for job in batch]
        database.write_soon(partial(_carry_out, tasks), partial(self._end, batch, monotonic()))

    def _end(self, batch: Sequence[Job], began: float, written: Future[list[Result]]) -> None:
        metrics.write_seconds.observe(monotonic() - began)
        for job, outcome in zip(batch, _outcomes(batch, written), strict=True):
            _answer(job, outcome)
        if self._jobs:
            self._begin()
        else:
            self._idle.set()


def _outcomes(batch: Sequence[Job], written: Future[list[Result]]) -> Sequence[Result]:
    """Whatever happened, each of them is answered."""
    try:
        return written.result()
    except Exception:
        logger.exception("writer_failed count=%d", len(batch))
        return [_unavailable() for _job in batch]


def _answer(job: Job, result: Result) -> None:
    try:
        job.answer(result)
    except Exception:  # the others in the batch wait for their answers
        logger.exception("answer_failed task=%s", type(job.task).__name__)


def _carry_out(tasks: Sequence[Task]) -> list[Result]:
    """What waits behind a database that is away is not made to wait for it once more each."""
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
    return results


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
