"""How fast anybody may do anything."""

import pytest

from chat.actions import rates
from chat.actions.rates import ADDRESS_SHARE, Rate, costs_of, too_fast
from chat.errors import RateLimited


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rates, "monotonic", clock)
    return clock


def take(rate: Rate, person: int) -> None:
    """Raises RateLimited."""
    if wait := rate.take(f"person.{person}"):
        raise too_fast(wait)


def taken(rate: Rate, person: int = 1, most: int = 1_000) -> int:
    """How many this person may take right now."""
    for count in range(most):
        try:
            take(rate, person)
        except RateLimited:
            return count
    return most


def test_a_burst_of_thirty_passes_and_then_five_a_second(clock: Clock) -> None:
    rate = Rate(5)
    assert taken(rate) == 30
    clock.now += 1
    assert taken(rate) == 5
    clock.now += 3
    assert taken(rate) == 15
    clock.now += 3_600
    assert taken(rate) == 30


def test_who_is_too_fast_hears_when_to_try_again(clock: Clock) -> None:
    rate = Rate(5)
    taken(rate)
    with pytest.raises(RateLimited) as caught:
        take(rate, 1)
    wait = caught.value.extra["retry_after"]
    assert wait == pytest.approx(0.2)
    assert isinstance(wait, float)
    clock.now += wait
    take(rate, 1)


@pytest.mark.usefixtures("clock")
def test_a_refusal_counts_for_nothing(clock: Clock) -> None:
    rate = Rate(5)
    taken(rate)
    for _ in range(100):
        assert taken(rate) == 0
    clock.now += 0.2
    assert taken(rate) == 1


def test_one_person_does_not_slow_another(clock: Clock) -> None:
    rate = Rate(5)
    assert taken(rate, person=1) == 30
    assert taken(rate, person=2) == 30
    assert clock.now == 1_000


def test_a_rate_of_zero_is_no_limit(clock: Clock) -> None:
    assert taken(Rate(0), most=5_000) == 5_000
    assert clock.now == 1_000


def test_those_who_fell_silent_are_forgotten(clock: Clock) -> None:
    rate = Rate(5)
    for person in range(10_000):
        take(rate, person)
    clock.now += 60
    take(rate, 10_001)
    assert len(rate._due) == 1


def test_a_slow_rate_lets_one_speak_too(clock: Clock) -> None:
    rate = Rate(1 / 60)
    assert taken(rate) == 1
    clock.now += 59
    assert taken(rate) == 0
    clock.now += 1
    assert taken(rate) == 1


def test_a_crowd_that_goes_on_speaking_is_not_looked_through_at_every_take(clock: Clock) -> None:
    rate = Rate(5)
    for person in range(10_001):
        take(rate, person)
    assert rate._look_for_silent_at == 2 * len(rate._due) == 20_002
    clock.now += 60
    for person in range(10_002):
        take(rate, person + 20_000)
    assert rate._look_for_silent_at == 2 * len(rate._due) == 20_004


def test_each_of_a_batch_is_counted_in_its_order(clock: Clock) -> None:
    rate = Rate(5)
    waits = rate.take_all([costs_of(person) for person in [1] * 31 + [2] * 2 + [1]])
    assert waits == [0.0] * 30 + [pytest.approx(0.2)] + [0.0] * 2 + [pytest.approx(0.2)]
    assert rate.take_all([]) == []
    assert clock.now == 1_000


@pytest.mark.usefixtures("clock")
def test_what_costs_less_passes_more_often() -> None:
    rate = Rate(5)
    assert rate.take_all([{"one": 0.2}] * 151)[149:] == [0.0, pytest.approx(0.04)]
    assert rate.take("one", cost=0.1)
    assert not rate.take("other", cost=30)
    assert rate.take("other", cost=0.1)


def test_what_costs_more_than_a_burst_passes_after_a_silence_and_is_paid_for(clock: Clock) -> None:
    rate = Rate(5)
    assert not rate.take("one", cost=50)
    clock.now += 9.9
    assert rate.take("one", cost=50)
    clock.now += 0.1
    assert not rate.take("one", cost=50)


def test_a_burst_may_be_longer(clock: Clock) -> None:
    rate = Rate(5 / 3_600, burst_seconds=3_600)
    assert taken(rate) == 5
    clock.now += 720
    assert taken(rate) == 1


@pytest.mark.usefixtures("clock")
def test_a_take_counts_for_all_of_its_keys_or_for_none() -> None:
    rate = Rate(5)
    assert taken(rate, person=1) == 30
    assert rate.take("person.1", "address.a") == pytest.approx(0.2)
    assert rate.take_all([{"address.a": 1}] * 31).count(0.0) == 30


@pytest.mark.usefixtures("clock")
def test_an_address_may_do_what_forty_people_may() -> None:
    rate = Rate(5)
    passed = [
        not rate.take_all([costs_of(person, "198.51.100.7")])[0]
        for _ in range(30)
        for person in range(ADDRESS_SHARE + 1)
    ]
    assert sum(passed) == 30 * ADDRESS_SHARE
    assert not rate.take_all([costs_of(99, "198.51.100.8")])[0]
    assert not rate.take_all([costs_of(99)])[0]


@pytest.mark.usefixtures("clock")
def test_to_look_counts_nothing() -> None:
    rate = Rate(5)
    assert rate.look("person.1", cost=30) == rate.look("person.1", cost=30) == 0
    assert taken(rate) == 30
    assert rate.look("person.1") == pytest.approx(0.2)
