"""How fast anybody may do anything, when several processes ask one Redis."""

from time import monotonic

import pytest
from pytest_django import Settings

from chat.actions.rates import Rate, costs_of
from tests.live.servers import PrivateRedis

A_SECOND = 0.5
BURST = 3


def passed(rate: Rate, person: int, tries: int = 20) -> int:
    return rate.take_all([costs_of(person)] * tries).count(0.0)


def test_a_rate_holds_across_processes(redis: PrivateRedis, settings: Settings) -> None:
    settings.REDIS_URL = redis.url
    started = monotonic()
    one, other = Rate(A_SECOND), Rate(A_SECOND)
    together = passed(one, 1) + passed(other, 1) + passed(one, 1)
    assert BURST <= together <= BURST + A_SECOND * (monotonic() - started) + 1
    assert passed(other, 2) >= BURST
    assert one._due == {}


def test_without_its_redis_each_process_counts_for_itself_and_nobody_waits_long(
    redis: PrivateRedis, settings: Settings
) -> None:
    settings.REDIS_URL = redis.url
    rate = Rate(A_SECOND)
    assert passed(rate, 1)
    redis.freeze()
    started = monotonic()
    assert passed(rate, 1) >= BURST
    for _ in range(20):
        passed(rate, 1)
    assert monotonic() - started < 3
    redis.thaw()


def test_a_redis_that_came_back_is_asked_again(redis: PrivateRedis, settings: Settings) -> None:
    settings.REDIS_URL = redis.url
    rate = Rate(A_SECOND)
    redis.terminate()
    assert passed(rate, 1)
    redis.start()
    rate._script.lost_until = 0.0
    assert passed(rate, 2)
    assert list(rate._due) == ["person.1"]


def test_a_slow_rate_lets_one_speak_too(redis: PrivateRedis, settings: Settings) -> None:
    settings.REDIS_URL = redis.url
    assert passed(Rate(1 / 600), 1) == 1


def test_costs_keys_and_looks_are_as_without_a_redis(
    redis: PrivateRedis, settings: Settings
) -> None:
    settings.REDIS_URL = redis.url
    rate = Rate(1 / 60, burst_seconds=300)
    takes = [{"a": 2.0, "b": 1.0}, {"a": 2.0, "b": 1.0}, {"a": 2.0, "b": 1.0}, {}, {"b": 3.0}]
    waits = rate.take_all(takes)
    assert [round(wait) for wait in waits] == [0, 0, 60, 0, 0]
    assert rate.look("a") == 0
    assert rate.look("a", "b", cost=1.0) == pytest.approx(60, abs=1)
    assert not rate.take("a")
    assert rate.take("a") == pytest.approx(60, abs=1)
    assert not rate.take("dear", cost=20)
    assert rate.look("dear") == pytest.approx(16 * 60, abs=1)


def test_rates_of_other_names_count_for_themselves(redis: PrivateRedis, settings: Settings) -> None:
    settings.REDIS_URL = redis.url
    assert not Rate(1 / 60, "one").take("a")
    assert not Rate(1 / 60, "other").take("a")
    assert Rate(1 / 60, "one").take("a")


@pytest.mark.parametrize("with_redis", [True, False])
def test_what_is_given_back_may_be_spent_again(
    redis: PrivateRedis, settings: Settings, with_redis: bool
) -> None:
    settings.REDIS_URL = redis.url if with_redis else ""
    rate = Rate(1 / 60, burst_seconds=300)
    for _ in range(20):
        assert not rate.take("a")
        rate.take("a", cost=-1)
    assert [bool(rate.take("a")) for _ in range(6)] == [False] * 5 + [True]
    rate.take("a", cost=-5)
    assert not rate.look("a", cost=5)
