"""Whose turn it is to be written: one job of each person after another, in the order of each."""

from collections import deque
from collections.abc import Callable, Sequence

from chat.actions.messages import NewPost, Outcome, Stored
from chat.actions.rates import Rate
from chat.actions.reading import Mark

MAX_TOGETHER = 500
"""Posts, and marks, of one batch: each of the two kinds shares a transaction."""

MAX_ALONE = 4
"""Changes of one batch that have a transaction each, at most one a person: whoever posts meanwhile
waits for them all."""

MAX_WAITING = 20_000
MAX_WAITING_EACH = 50

TIME_SHARE = 0.05
"""Of the writer's time, what the changes of one person may take, but for half a second at once: who
posts meanwhile hardly ever waits for them."""

MOST_SECONDS_OF_A_CHANGE = 0.05
"""More is a database that is slow, and no fault of theirs."""

KINDS: tuple[type | None, ...] = (NewPost, Mark, NewPost, None)
"""In turn: nobody's post waits for more than one batch of another kind. None: what is alone."""

Change = Callable[[], Stored | None]
Task = NewPost | Mark | Change
Result = Outcome | dict[str, int] | None
Answer = Callable[[Result], None]


class Job:
    """Something to be written, and whom to tell how it went.

    `task` is None as long as its body is drawn. `cost` is what it takes of the budget of `person`
    and `address`; a post pays by itself.
    """

    __slots__ = ("address", "answers", "cost", "person", "task")

    def __init__(
        self,
        task: Task | None,
        answer: Answer,
        person: int = 0,
        address: str = "",
        cost: float = 0.0,
    ) -> None:
        self.task = task
        self.answers = [answer]
        self.person = person
        self.address = address
        self.cost = cost


Line = deque[Job]


class Turns:
    """Jobs by person, in the order of their turns. With `is_bounded` nobody has more than
    MAX_WAITING_EACH in it, nor more than their share of the writer's time; whoever has most makes
    room when there are MAX_WAITING."""

    def __init__(self, *, is_bounded: bool) -> None:
        self._is_bounded = is_bounded
        self._lines: dict[int, Line] = {}
        self._marks: dict[tuple[int, int], Job] = {}
        self._waiting = 0
        self._kinds = deque(KINDS)
        self._time = Rate(TIME_SHARE * is_bounded, burst_seconds=0.5 / TIME_SHARE, shared=False)

    def __len__(self) -> int:
        """Answers that somebody waits for."""
        return self._waiting

    def waiting_of(self, person: int) -> int:
        return len(self._lines.get(person, ()))

    def add(self, job: Job) -> Job | None:
        """Returns which job has no place, if one has not, and is not to be carried out."""
        if isinstance(job.task, Mark) and self._gathered(job, job.task):
            return None
        line = self._lines.get(job.person)
        if line is None:
            line = self._lines[job.person] = deque()
        elif self._is_bounded and len(line) >= MAX_WAITING_EACH:
            return job
        line.append(job)
        self._waiting += 1
        if isinstance(job.task, Mark):
            self._marks[job.person, job.task.room_id] = job
        return self._dropped(line) if self._waiting > MAX_WAITING else None

    def _gathered(self, job: Job, mark: Mark) -> bool:
        """Of a person's marks in a room the last one tells what the others would."""
        waiting = self._marks.get((job.person, mark.room_id))
        if waiting is None or len(waiting.answers) >= MAX_WAITING_EACH:
            return False
        if isinstance(waiting.task, Mark) and waiting.task.seq < mark.seq:
            waiting.task = mark
        waiting.answers += job.answers
        waiting.cost += job.cost
        self._waiting += 1
        return True

    def _dropped(self, line: Line) -> Job:
        """The last of whoever has most: nobody else is to suffer from it."""
        longest = max(self._lines.values(), key=len)
        job = (longest if len(longest) > len(line) else line).pop()
        self._left(job)
        if not self._lines[job.person]:
            del self._lines[job.person]
        return job

    def take(self) -> list[Job]:
        """A batch of one kind, in each person's order."""
        batch: list[Job] = []
        for _turn in KINDS if self._lines else ():
            kind = self._kinds[0]
            self._kinds.rotate(-1)
            if batch := self._together(kind) if kind else self._alone():
                break
        for job in batch:
            self._left(job)
        # Whoever had a turn now comes after those who had none.
        for person in dict.fromkeys(job.person for job in batch):
            if line := self._lines.pop(person):
                self._lines[person] = line
        return batch

    def _together(self, kind: type) -> list[Job]:
        taken: list[Job] = []
        lines = [line for line in self._lines.values() if _is_first(kind, line)]
        while lines and len(taken) < MAX_TOGETHER:
            taken += [line.popleft() for line in lines[: MAX_TOGETHER - len(taken)]]
            lines = [line for line in lines if _is_first(kind, line)]
        return taken

    def _alone(self) -> list[Job]:
        lines = [line for line in self._alone_first() if not self._rest_of(line)]
        return [line.popleft() for line in lines[:MAX_ALONE]]

    def _alone_first(self) -> list[Line]:
        return [line for line in self._lines.values() if line and _is_alone(line[0])]

    def _rest_of(self, line: Line) -> float:
        return self._time.look(str(line[0].person), cost=0)

    def rest(self) -> float | None:
        """Seconds until somebody's share lets them go on; None if nobody waits for that."""
        return min(map(self._rest_of, self._alone_first()), default=None)

    def spent(self, batch: Sequence[Job], seconds: float) -> None:
        """So long it took to write them, whoever's fault that was."""
        each = min(seconds / len(batch), MOST_SECONDS_OF_A_CHANGE)
        for job in batch:
            if _is_alone(job):
                self._time.spend(str(job.person), each)

    def hurry(self) -> None:
        """Nobody has a share any more: what waits is the last."""
        self._time = Rate(0, shared=False)

    def _left(self, job: Job) -> None:
        self._waiting -= len(job.answers)
        if isinstance(job.task, Mark):
            key = job.person, job.task.room_id
            if self._marks.get(key) is job:
                del self._marks[key]

    def take_all(self) -> list[Job]:
        """Whatever waits, drawn or not."""
        jobs = [job for line in self._lines.values() for job in line]
        self._lines.clear()
        self._marks.clear()
        self._waiting = 0
        return jobs


def _is_first(kind: type, line: Line) -> bool:
    return bool(line) and type(line[0].task) is kind


def _is_alone(job: Job) -> bool:
    return job.task is not None and not isinstance(job.task, NewPost | Mark)
