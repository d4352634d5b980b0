"""Who begins requests and does not end them holds up nobody but themselves."""

from collections.abc import Callable

import pytest

from chatsite import unfinished_requests
from chatsite.unfinished_requests import (
    MAX_UNFINISHED,
    MAX_UNFINISHED_BYTES,
    REQUEST_SECONDS,
    UnfinishedRequests,
)

MEBIBYTE = 1024 * 1024


class Connections:
    """By number; `cut` tells of each that was cut whether any of its request had come."""

    def __init__(self) -> None:
        self.requests = UnfinishedRequests()
        self.cut: dict[int, bool] = {}

    def begin(self, number: int, size: int = 0) -> None:
        def cut(begun: bool) -> None:
            self.cut[number] = begun

        self.requests.begin(number, cut)
        self.requests.hear(number, size)


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    now = 0.0
    monkeypatch.setattr(unfinished_requests, "monotonic", lambda: now)

    def pass_time(seconds: float) -> None:
        nonlocal now
        now += seconds

    return pass_time


async def test_of_too_many_the_oldest_go(pass_time: Callable[[float], None]) -> None:
    connections = Connections()
    for number in range(MAX_UNFINISHED):
        connections.begin(number)
    pass_time(1.1)
    for number in range(MAX_UNFINISHED, MAX_UNFINISHED + 3):
        connections.begin(number)
    assert connections.cut == {0: False, 1: False, 2: False}


async def test_a_crowd_that_comes_at_once_is_let_in(pass_time: Callable[[float], None]) -> None:
    connections = Connections()
    for number in range(3 * MAX_UNFINISHED):
        connections.begin(number)
    assert connections.cut == {}
    for number in range(2 * MAX_UNFINISHED):
        connections.requests.end(number)
    pass_time(1.1)
    connections.requests._look()
    assert connections.cut == {}


async def test_of_too_much_the_biggest_goes_and_small_ones_stay() -> None:
    connections = Connections()
    for number in range(100):
        connections.begin(number, 300)
    for number in range(100, 200):
        connections.begin(number, MEBIBYTE)
    assert len(connections.cut) == 100 - MAX_UNFINISHED_BYTES // MEBIBYTE + 1
    assert all(number >= 100 for number in connections.cut)


async def test_what_is_whole_counts_no_longer() -> None:
    connections = Connections()
    for number in range(100):
        connections.begin(number, MEBIBYTE)
        connections.requests.end(number)
    assert connections.cut == {}


async def test_a_request_is_cut_however_it_trickles_and_a_whole_one_is_not(
    pass_time: Callable[[float], None],
) -> None:
    connections = Connections()
    for number in range(3):
        connections.begin(number)
    connections.requests.end(0)
    for _ in range(int(REQUEST_SECONDS) + 1):
        connections.requests.hear(1, 1)
        connections.requests._look()
        pass_time(1)
    connections.requests._look()
    assert connections.cut == {1: True, 2: False}


async def test_the_next_request_on_a_connection_has_a_time_of_its_own(
    pass_time: Callable[[float], None],
) -> None:
    connections = Connections()
    for _ in range(3):
        connections.begin(1)
        pass_time(REQUEST_SECONDS - 1)
        connections.requests._look()
    assert connections.cut == {}
