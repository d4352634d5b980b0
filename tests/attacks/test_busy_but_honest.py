"""What holds attackers back never meets who is merely busy."""

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction

from chat.actions import rates
from chat.actions.messages import NewPost, drawing, react
from chat.actions.populate import add_members, add_people, add_rooms
from chat.actions.reading import Mark
from chat.actions.turns import Job, Result
from chat.actions.writer import Writer
from chat.errors import ChatError, RateLimited
from chat.models import Room, User
from tests.scene import make_person, make_room, say

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 500
LIVELY_SECONDS = 8
POSTS_A_SECOND = 50
REACTIONS_A_SECOND = 15
MARKS_A_SECOND = 100
A_SECOND = POSTS_A_SECOND + REACTIONS_A_SECOND + MARKS_A_SECOND
ADDRESS = "198.51.100.7"


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rates, "monotonic", clock)
    return clock


class Office:
    """All that its people do goes to one writer, from one address."""

    def __init__(self) -> None:
        self.writer = Writer()
        self.drawer = drawing.Drawer()
        self.answers: list[Result] = []
        self.are_answered, self.wanted = asyncio.Event(), 0
        self.refusals: Counter[str] = Counter()
        self._names = iter(range(1_000_000))

    def say(self, person: User, room: Room, body: str, told: Callable[[Result], None]) -> None:
        post = partial(NewPost, person, room.pk, f"c{next(self._names)}", body, address=ADDRESS)
        job = Job(None, told, person.pk, ADDRESS)
        if self.writer.put(job):
            is_drawn = lambda drawn: self.writer.draw(job, post(drawn=drawn))  # noqa: E731
            self.drawer.draw(body, person.pk, ADDRESS, is_drawn)

    def put(self, task: Callable[[], object] | Mark, person: User, cost: float) -> None:
        self.writer.put(Job(task, self.take, person.pk, ADDRESS, cost))  # type: ignore[arg-type]

    async def all_answered(self, count: int) -> None:
        self.wanted = count
        self.are_answered.clear()
        if len(self.answers) < count:
            await self.are_answered.wait()

    def take(self, result: Result) -> None:
        self.answers.append(result)
        if len(self.answers) == self.wanted:
            self.are_answered.set()
        if isinstance(result, ChatError):
            self.refusals[result.code] += 1


@pytest.fixture
def chance() -> Random:
    return Random(12)


@sync_to_async
def company() -> tuple[list[User], list[Room], list[int]]:
    """People, rooms, and a message in each."""
    with transaction.atomic():
        people, rooms = add_people(PEOPLE, "a long enough secret"), add_rooms(5)
        add_members(rooms, people)
    return people, rooms, [say(people[0], room).pk for room in rooms]


async def test_five_hundred_people_on_a_lively_day_are_never_refused(
    clock: Clock, chance: Random
) -> None:
    people, rooms, messages = await company()
    office = Office()
    for second in range(LIVELY_SECONDS):
        for person in chance.choices(people, k=POSTS_A_SECOND):
            words = "some *words* " * chance.choice([1, 1, 1, 1, 3, 3, 10, 80])
            office.say(person, chance.choice(rooms), words, office.take)
        for person in chance.choices(people, k=REACTIONS_A_SECOND):
            room = chance.randrange(5)
            on = partial(react, person, rooms[room].pk, messages[room], "👍", True)
            office.put(on, person, 0.2)
        for person in chance.choices(people, k=MARKS_A_SECOND):
            office.put(Mark(person, chance.choice(rooms).pk, second), person, 0.1)
        async with asyncio.timeout(60):
            await office.all_answered((second + 1) * A_SECOND)
        clock.now += 1
    assert office.refusals == {}


async def test_fifty_posts_of_an_hour_offline_are_all_stored_as_a_page_sends_them(
    clock: Clock,
) -> None:
    """One after another, each again when it is told to wait."""
    ada = await sync_to_async(make_person)("ada")
    room = await sync_to_async(make_room)(ada)
    office, waited = Office(), 0.0
    for number in range(50):
        while True:
            told: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
            office.say(ada, room, f"*word* {number} " * 30, told.set_result)
            result = await asyncio.wait_for(told, 10)
            if not isinstance(result, ChatError):
                break
            assert isinstance(result, RateLimited)
            wait = float(str(result.extra["retry_after"]))
            clock.now, waited = clock.now + wait, waited + wait
    assert await room.messages.acount() == 50
    assert waited <= 5
