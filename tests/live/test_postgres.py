"""What is stored, on PostgreSQL: it locks otherwise than SQLite, and refuses other things."""

from tests.live.servers import PrivatePostgres
from tests.live.site import environment, run_python

WHAT_DIFFERS = (
    "tests/actions",
    "tests/commands",
    "tests/test_history.py",
    "tests/views/test_first_run.py",
    "tests/views/test_rooms.py",
)


def test_what_writes_and_what_counts_holds_on_postgresql_too(postgres: PrivatePostgres) -> None:
    url = postgres.create_database()
    quietly = ("-q", "--no-header", "-p", "no:cacheprovider")
    told = run_python("-m", "pytest", *quietly, *WHAT_DIFFERS, env=environment(url, DEBUG="1"))
    assert " passed" in told
