"""The one queue through which connections write."""

import asyncio
import threading
from functools import partial
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from chat import markup
from chat.actions import reading
from chat.actions import writer as module
from chat.actions.messages import NewPost, Stored, edit_message, posting
from chat.actions.reading import Mark
from chat.actions.writer import Job, Result, Writer
from chat.errors import Invalid, NotFound, Unavailable
from chat.models import Message, Room, User
from tests.scene import make_person, make_room

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anna(transactional_db: None) -> User:  # noqa: ARG001 - rows for every thread to see
    return make_person("anna")


@pytest.fixture
def room(anna: User) -> Room:
    return make_room(anna)


@pytest.fixture(autouse=True)
def _no_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting.post_rate, "per_second", 0)


def post(user: User, room: Room, number: int, body: str = "hello") -> NewPost:
    return NewPost(user=user, room_id=room.pk, client_id=f"c{number}", body=body)


def stored(result: Result) -> Stored:
    assert isinstance(result, Stored), result
    return result


class Answers:
    """What each job was answered, in the order of the answers."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.results: list[tuple[int, Result]] = []

    def put(self, *tasks: Any) -> None:
        first = len(self.results)
        for place, task in enumerate(tasks, first):
            self._writer.put(Job(task, partial(self._keep, place)))

    def _keep(self, place: int, result: Result) -> None:
        self.results.append((place, result))

    async def all(self) -> list[Result]:
        async with asyncio.timeout(20):
            await self._writer.drain()
        assert [place for place, _ in self.results] == list(range(len(self.results)))
        return [result for _, result in self.results]


@pytest.fixture
async def answers() -> Answers:
    return Answers(Writer())


async def test_what_comes_together_is_stored_together_in_its_order(
    anna: User, room: Room, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []
    together = module._TOGETHER[NewPost]

    def counted(posts: Any) -> Any:
        batches.append(len(posts))
        return together(posts)

    monkeypatch.setitem(module._TOGETHER, NewPost, counted)
    answers.put(*(post(anna, room, number) for number in range(1_200)))
    results = await answers.all()
    assert [result.message.seq for result in results if isinstance(result, Stored)] == list(
        range(1, 1_201)
    )
    assert batches == [500, 500, 200]


async def test_posts_and_other_changes_keep_their_order(
    anna: User, room: Room, answers: Answers
) -> None:
    def edit_the_first() -> Stored:
        return edit_message(anna, room.pk, Message.objects.get(client_id="c0").pk, "edited")

    tasks = [post(anna, room, 0), edit_the_first, post(anna, room, 1), Mark(anna, room.pk, 9)]
    answers.put(*tasks, edit_the_first, post(anna, room, 0))
    first, edited, second, mark, same, again = await answers.all()
    assert stored(first).message.seq == 1
    assert stored(edited).message.changed_seq == 2
    assert stored(second).message.seq == 3
    assert mark == {"read_seq": 3, "unread": 0, "mentions": 0}
    assert not stored(same).new
    assert not stored(again).new


async def test_each_job_has_its_own_outcome(anna: User, room: Room, answers: Answers) -> None:
    stranger = await sync_to_async(make_person)("stranger")
    answers.put(
        post(anna, room, 1),
        post(anna, room, 2, " "),
        Mark(stranger, room.pk, 1),
        Mark(anna, room.pk, 1),
        lambda: edit_message(stranger, room.pk, 1, "x"),
        post(anna, room, 3),
    )
    kinds = [type(result) for result in await answers.all()]
    assert kinds == [Stored, Invalid, NotFound, dict, NotFound, Stored]


async def test_when_the_database_fails_each_is_told_and_the_next_are_stored(
    anna: User, room: Room, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, tries = posting._store, iter([True])

    def fail_once(*args: Any) -> None:
        store(*args)
        if next(tries, False):
            raise OperationalError("disk I/O error")

    monkeypatch.setattr(posting, "_store", fail_once)
    answers.put(post(anna, room, 1), post(anna, room, 2))
    assert [type(result) for result in await answers.all()] == [Unavailable, Unavailable]
    assert not await Message.objects.aexists()
    answers.results.clear()
    answers.put(post(anna, room, 1))
    (result,) = await answers.all()
    assert stored(result).message.seq == 1


async def test_a_post_that_breaks_us_costs_the_others_nothing(
    anna: User, room: Room, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = markup.render
    monkeypatch.setattr(markup, "render", lambda body: render(body) if body != "poison" else 1 / 0)
    answers.put(post(anna, room, 1), post(anna, room, 2, "poison"), post(anna, room, 3))
    first, poison, second = await answers.all()
    assert isinstance(poison, Unavailable)
    assert stored(first).message.seq == 1
    assert stored(second).message.seq == 2


async def test_a_mark_that_breaks_us_costs_the_others_nothing(
    anna: User, room: Room, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_read = reading.mark_read
    monkeypatch.setattr(
        module, "mark_read", lambda mark: mark_read(mark) if mark.seq != 13 else 1 / 0
    )
    answers.put(Mark(anna, room.pk, 1), Mark(anna, room.pk, 13), Mark(anna, room.pk, 2))
    assert [type(result) for result in await answers.all()] == [dict, Unavailable, dict]


async def test_an_answer_that_raises_costs_the_others_nothing(anna: User, room: Room) -> None:
    writer = Writer()
    told: list[Result] = []

    def raise_it(result: Result) -> None:
        raise RuntimeError(result)

    writer.put(Job(post(anna, room, 1), raise_it))
    writer.put(Job(post(anna, room, 2), told.append))
    await writer.drain()
    assert isinstance(told[0], Stored)


async def test_what_is_put_in_meanwhile_is_stored_as_well(
    anna: User, room: Room, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, go_on = asyncio.Event(), threading.Event()
    loop, store = asyncio.get_running_loop(), posting._store

    def wait(*args: Any) -> None:
        loop.call_soon_threadsafe(started.set)
        go_on.wait(10)
        store(*args)

    monkeypatch.setattr(posting, "_store", wait)
    answers.put(post(anna, room, 1))
    await started.wait()
    writer = answers._writer
    writer.put(Job(post(anna, room, 2), partial(answers._keep, 1)))
    go_on.set()
    assert len(await answers.all()) == 2
    assert await Message.objects.acount() == 2


async def test_past_its_bound_the_queue_takes_no_more(
    anna: User, room: Room, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_QUEUE", 3)
    told: list[Result] = []
    answers.put(*(post(anna, room, number) for number in range(3)))
    answers._writer.put(Job(post(anna, room, 9), told.append))
    assert isinstance(told[0], Unavailable)
    assert all(isinstance(result, Stored) for result in await answers.all())


async def test_each_loop_has_one_writer() -> None:
    assert module.writer() is module.writer()
