"""Whose turn it is to be written."""

from typing import Any

import pytest

from chat.actions import turns
from chat.actions.messages import NewPost
from chat.actions.reading import Mark
from chat.actions.turns import MAX_ALONE, MAX_TOGETHER, MAX_WAITING_EACH, Job, Task, Turns
from chat.models import User


def people(count: int) -> list[User]:
    return [User(pk=number + 1) for number in range(count)]


def job(task: Task | None, person: User) -> Job:
    return Job(task, lambda _result: None, person.pk)


def post(person: User, name: str = "c") -> Job:
    return job(NewPost(person, 1, name, "hello"), person)


def change(person: User) -> Job:
    return job(lambda: None, person)


def mark(person: User, seq: int, room: int = 1) -> Job:
    return job(Mark(person, room, seq), person)


def all_of(waiting: Turns) -> list[list[Job]]:
    """Batch by batch."""
    batches = []
    while batch := waiting.take():
        batches.append(batch)
    return batches


def filled(*jobs: Job, is_bounded: bool = True) -> Turns:
    waiting = Turns(is_bounded=is_bounded)
    assert not any(waiting.add(each) for each in jobs)
    return waiting


def test_one_post_of_each_person_after_another() -> None:
    ada, bob, cy = people(3)
    adas, bobs, cys = [post(ada) for _ in range(3)], [post(bob) for _ in range(2)], [post(cy)]
    (batch,) = all_of(filled(*adas, *bobs, *cys))
    assert batch == [adas[0], bobs[0], cys[0], adas[1], bobs[1], adas[2]]


def test_whoever_was_left_out_of_a_batch_comes_first_in_the_next() -> None:
    crowd = people(MAX_TOGETHER + 1)
    jobs = [post(person) for _ in range(2) for person in crowd]
    first, second, third = all_of(filled(*jobs))
    assert first == jobs[:MAX_TOGETHER]
    assert second[0] == jobs[MAX_TOGETHER]
    assert len(first) == len(second) == MAX_TOGETHER
    assert len(third) == 2


def test_what_has_a_transaction_of_its_own_comes_once_a_person_and_seldom() -> None:
    crowd = people(MAX_ALONE + 4)
    jobs = [change(person) for _ in range(2) for person in crowd]
    said = post(crowd[0])
    first, second, *_others, last = batches = all_of(filled(*jobs, said))
    assert first == jobs[:MAX_ALONE]
    assert second[:4] == jobs[MAX_ALONE : MAX_ALONE + 4]
    assert all(len({each.person for each in batch}) == len(batch) for batch in batches)
    assert last[-1] == jobs[-1]
    assert [said] in batches


def test_a_post_waits_for_one_batch_of_another_kind_at_most() -> None:
    ada, bob, cy = people(3)
    waiting = filled(*[change(ada) for _ in range(3)], *[mark(bob, 1, room) for room in range(3)])
    waiting.take()
    for number in range(3):
        said = post(cy, str(number))
        waiting.add(said)
        waiting.add(change(ada))
        waiting.add(mark(bob, 1, 10 + number))
        assert [said] in (waiting.take(), waiting.take())


def test_who_has_taken_more_than_their_share_of_the_time_waits_alone() -> None:
    ada, bob = people(2)
    changes, said, other = [change(ada) for _ in range(3)], post(ada), change(bob)
    waiting = filled(*changes, other, said)
    assert waiting.take() == [changes[0], other]
    for _ in range(12):
        waiting.spent([changes[0]], 0.05)
    waiting.spent([other], 60)
    waiting.add(again := change(bob))
    assert waiting.take() == [again]
    assert waiting.take() == []
    assert waiting.rest() == pytest.approx(2, abs=0.5)
    waiting.hurry()
    assert waiting.rest() == 0
    assert all_of(waiting) == [[changes[1]], [changes[2]], [said]]
    assert waiting.rest() is None


def test_posts_and_marks_take_of_nobodys_share() -> None:
    (ada,) = people(1)
    waiting = filled(change(ada))
    waiting.spent([post(ada), mark(ada, 1)], 100)
    assert len(waiting.take()) == 1


def test_a_persons_jobs_keep_their_order_whatever_they_are() -> None:
    (ada,) = people(1)
    jobs = [post(ada, "1"), change(ada), post(ada, "2"), mark(ada, 1), change(ada), post(ada, "3")]
    assert [each for batch in all_of(filled(*jobs)) for each in batch] == jobs


def test_what_is_still_drawn_keeps_its_place_and_holds_up_its_author_alone() -> None:
    ada, bob = people(2)
    long, short, other = job(None, ada), post(ada), post(bob)
    waiting = filled(long, short, other)
    assert waiting.take() == [other]
    assert waiting.take() == []
    assert len(waiting) == 2
    long.task = post(ada).task
    assert waiting.take() == [long, short]
    assert not waiting


def test_of_the_marks_of_a_person_in_a_room_the_highest_is_written() -> None:
    ada, bob = people(2)
    marks = [mark(ada, 3), mark(ada, 9), mark(ada, 4), mark(ada, 1, room=2), mark(bob, 2)]
    waiting = filled(*marks)
    assert len(waiting) == 5
    (batch,) = all_of(waiting)
    assert batch == [marks[0], marks[4], marks[3]]
    assert batch[0].task == Mark(ada, 1, 9)
    assert [len(each.answers) for each in batch] == [3, 1, 1]
    assert len(waiting) == 0
    later = mark(ada, 5)
    assert waiting.add(later) is None
    assert waiting.take() == [later]


def test_marks_that_are_gathered_cost_as_much_as_one_after_another() -> None:
    (ada,) = people(1)
    marks = [mark(ada, seq) for seq in range(3)]
    for each in marks:
        each.cost = 0.1
    (batch,) = all_of(filled(*marks))
    assert batch[0].cost == pytest.approx(0.3)


@pytest.mark.parametrize("kind", [post, change, lambda person: mark(person, 1)])
def test_nobody_has_more_waiting_than_fifty(kind: Any) -> None:
    ada, bob = people(2)
    waiting = filled(*(kind(ada) for _ in range(MAX_WAITING_EACH)))
    if kind in (post, change):
        assert waiting.add(one_more := kind(ada)) is one_more
    else:  # fifty are gathered in one, then another begins
        assert not any(waiting.add(kind(ada)) for _ in range(MAX_WAITING_EACH))
    assert waiting.add(kind(bob)) is None


def test_when_all_is_full_whoever_has_most_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MAX_WAITING", 100)
    ada, bob, *others = people(52)
    waiting = filled(*(post(ada) for _ in range(49)), last := post(ada), is_bounded=False)
    assert not any(waiting.add(post(person)) for person in others)
    assert waiting.add(post(bob)) is last
    assert waiting.add(one_more := post(ada)) is one_more
    assert len(waiting) == 100


def test_when_all_is_full_of_people_with_one_each_the_last_is_turned_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "MAX_WAITING", 3)
    *crowd, last = people(4)
    waiting = filled(*map(post, crowd))
    assert waiting.add(one_more := post(last)) is one_more
    assert waiting.waiting_of(last.pk) == 0
    (batch,) = all_of(waiting)
    assert len(batch) == 3
