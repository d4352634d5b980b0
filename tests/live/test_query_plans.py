"""No question reads a log from its start, whatever the database thinks best."""

import re
from pathlib import Path

import pytest

from benchmarks.growth import GrownSiteProcess
from chat.unread import NEARBY
from tests.live.servers import PrivatePostgres

MESSAGES = 20_000
"""In the largest room: enough that reading the whole log would be far more than NEARBY."""

OF_OUR_MAKING = {"SCAN bounded", "SCAN counted", "SCAN theirs", "SCAN CONSTANT ROW"}
ROWS = re.compile(r"(?:actual rows=|Rows Removed by [\w ]+: )(\d+)")

Plans = dict[str, list[str]]
"""The lines of the plans of each question."""


@pytest.fixture
def sqlite_plans(tmp_path: Path) -> Plans:
    return _plans(f"sqlite:///{tmp_path / 'grown.sqlite3'}")


@pytest.fixture
def postgres_plans(postgres: PrivatePostgres) -> Plans:
    return _plans(postgres.create_database())


def _plans(url: str) -> Plans:
    with GrownSiteProcess(url, MESSAGES) as site:
        site.settle()
        found = site.plans()
    return {
        question: [line for plan in plans for line in plan.splitlines()]
        for question, plans in found.items()
    }


def test_sqlite_searches_and_never_scans_or_sorts_messages(sqlite_plans: Plans) -> None:
    assert _where(sqlite_plans, "SEARCH") >= {"page: newest", "sync: the last 500"}
    for question, lines in sqlite_plans.items():
        assert not _scanned(lines), (question, lines)
        # A person's rooms are sorted by their names, at the end.
        sorted_ = [line for line in lines if "TEMP B-TREE" in line]
        allowed = ["USE TEMP B-TREE FOR ORDER BY"] if question.startswith("rooms:") else []
        assert sorted_ == allowed, (question, lines)


def _where(plans: Plans, text: str) -> set[str]:
    return {question for question, lines in plans.items() if text in "\n".join(lines)}


def _scanned(lines: list[str]) -> set[str]:
    return {line.strip() for line in lines if line.strip().startswith("SCAN ")} - OF_OUR_MAKING


# One test, since whichever process runs it has 20,000 messages to write first.
def test_postgresql_finds_messages_by_an_index_in_their_order_and_reads_few_however_long_the_log(
    postgres_plans: Plans,
) -> None:
    assert _where(postgres_plans, "message_place") >= {"page: newest", "unread: nothing read"}
    assert not _where(postgres_plans, "Seq Scan on chat_message")
    for question, lines in postgres_plans.items():
        keys = [line for line in lines if "Sort Key" in line and "seq" in line]
        assert not keys, (question, lines)
        read = [int(rows) for rows in ROWS.findall("\n".join(lines))]
        assert max(read, default=0) <= NEARBY, (question, lines)
