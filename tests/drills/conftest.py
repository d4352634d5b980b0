"""Faults on purpose, at real servers. Short in `bin/test`; at full length with `bin/drill`."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.drills.crowd import as_line
from tests.live.conftest import (
    postgres,
    postgres_site,
    prepared_postgres,
    prepared_sqlite,
    redis,
    sqlite_site,
    tab,
)

__all__ = [
    "postgres",
    "postgres_site",
    "prepared_postgres",
    "prepared_sqlite",
    "redis",
    "sqlite_site",
    "tab",
]

Report = Callable[..., None]


@dataclass(frozen=True)
class Scale:
    """How long and how many: `scale(short, full)`."""

    full: bool

    def __call__(self, short: Any, full: Any) -> Any:
        return full if self.full else short


FULL = os.environ.get("DRILLS") == "full"


@pytest.fixture(scope="session")
def scale() -> Scale:
    return Scale(FULL)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Those marked `full` are variants of another, and for `bin/drill` alone."""
    left_out = [] if FULL else [item for item in items if item.get_closest_marker("full")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Iterator[Report]:
    """`report(lost=0, …)`: figures that stand under the test's name in the summary."""
    figures: dict[str, Any] = {}
    yield figures.update
    request.node.user_properties.append(("figures", as_line(figures)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("figures")
    for report in (each for kind in terminalreporter.stats.values() for each in kind):
        for name, line in getattr(report, "user_properties", ()):
            if name == "figures" and report.when == "teardown":
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {line}")
