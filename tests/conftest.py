"""What all tests share."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings

VAR = Path(__file__).resolve().parents[1] / "var"
FEW_EXAMPLES = 30
ON_CI = os.environ.get("CI") == "true"


def pytest_configure() -> None:
    VAR.mkdir(exist_ok=True)  # Django's test database lies there
    # How long an example takes says more about what else the machine does.
    hypothesis_settings.register_profile("full", deadline=None)
    hypothesis_settings.register_profile("short", deadline=None, max_examples=FEW_EXAMPLES)
    hypothesis_settings.load_profile("full" if os.environ.get("DRILLS") == "full" else "short")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On CI a skipped test is a failed one: what was not run was not shown to work."""
    report = yield
    if ON_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Nor may a whole module be skipped."""
    report = yield
    if ON_CI and report.skipped:
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,  # noqa: ARG001 - databases on a server
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A database of this run's own: of one that was cut off, SQLite would find the log."""
    if connection.vendor == "sqlite":
        path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(path)


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _nobody_has_spoken() -> None:
    """The next test's people and messages may have the ids of this one's, and are others."""
    from chat import shaped
    from chat.actions import rates

    for rate in rates.known:
        rate._due.clear()
    shaped.kept.clear()
