"""What is stored, on PostgreSQL: it locks otherwise than SQLite, and refuses other things."""

import pytest

from tests.live.servers import PrivatePostgres
from tests.live.site import environment, run_python

WHAT_DIFFERS = {
    "posting": ("tests/actions/test_messages.py", "tests/actions/test_authority.py"),
    "other actions": (
        "tests/actions",
        "tests/commands",
        "tests/views/test_first_run.py",
        "--ignore=tests/actions/test_messages.py",
        "--ignore=tests/actions/test_authority.py",
    ),
    "reading": (
        "tests/test_history.py",
        "tests/views/test_first_run.py",
        "tests/views/test_rooms.py",
    ),
}
"""In parts of about the same length, so that none is waited for alone."""


@pytest.mark.parametrize("part", WHAT_DIFFERS.values(), ids=WHAT_DIFFERS.keys())
def test_what_writes_and_what_counts_holds_on_postgresql_too(
    postgres: PrivatePostgres, part: tuple[str, ...]
) -> None:
    url = postgres.create_database()
    quietly = ("-q", "--no-header", "-p", "no:cacheprovider")
    told = run_python("-m", "pytest", *quietly, *part, env=environment(url, DEBUG="1"))
    assert " passed" in told
