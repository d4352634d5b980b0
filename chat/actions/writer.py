"""The one queue through which connections write: what arrives together is committed together."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import transaction

from chat import database
from chat.actions.messages import NewPost, Outcome, Stored, post_messages
from chat.actions.reading import Mark, mark_read
from chat.errors import ChatError, Unavailable

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
        self._working: asyncio.Task[None] | None = None

    def put(self, job: Job) -> None:
        if len(self._jobs) >= MAX_QUEUE:
            job.answer(Unavailable("The site has too much to write just now."))
            return
        self._jobs.append(job)
        if self._working is None:
            self._working = asyncio.create_task(self._work())

    async def drain(self) -> None:
        """Until everything that was put in is answered."""
        while self._working:
            await asyncio.shield(self._working)

    async def _work(self) -> None:
        try:
            while self._jobs:
                batch, self._jobs = self._jobs[:MAX_BATCH], self._jobs[MAX_BATCH:]
                outcomes = await database.write(_carry_out, [job.task for job in batch])
                for job, outcome in zip(batch, outcomes, strict=True):
                    _answer(job, outcome)
        finally:
            self._working = None


def _answer(job: Job, result: Result) -> None:
    try:
        job.answer(result)
    except Exception:  # the others in the batch wait for their answers
        logger.exception("answer_failed task=%s", type(job.task).__name__)


def _carry_out(tasks: Sequence[Task]) -> list[Result]:
    results: list[Result] = []
    for _company_name, group in groupby(tasks, key=_company):
        results += _store(list(group))
    return results


def _store(together: Sequence[Task]) -> Sequence[Result]:
    try:
        return _TOGETHER.get(_company(together[0]), _alone)(together)
    except database.FAULTS:
        logger.exception("write_failed count=%d", len(together))
        database.recover()
    except Exception:
        # A fault of ours in one of them; nothing of the batch is stored, and the others may be.
        logger.exception("write_crashed count=%d", len(together))
        if len(together) > 1:
            return [result for task in together for result in _store([task])]
    return [Unavailable("The site cannot store anything just now.") for _ in together]


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


_writers: WeakKeyDictionary[asyncio.AbstractEventLoop, Writer] = WeakKeyDictionary()


def writer() -> Writer:
    """Of the running loop."""
    return _writers.setdefault(asyncio.get_running_loop(), Writer())
