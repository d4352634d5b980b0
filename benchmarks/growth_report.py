"""What growth costs, as tables and as JSON; and the plans that the databases follow."""

import json
import re
import statistics
from dataclasses import asdict
from pathlib import Path

from benchmarks.growth import DATABASES, MOST, Answers, Cost, Growth
from benchmarks.report import aligned, piped, surroundings

PLANS = Path(__file__).parents[1] / "docs" / "query-plans.md"
TOLD = (
    "page: newest",
    "page: before a tenth",
    "rooms: a bit behind",
    "unread: nothing read",
    "unread: own or deleted",
    "sync: the last 500",
    "changes between",
)
"""Of these the plans are shown; the others' are alike."""

MANY_KEYS = re.compile(r"\{(\d+)(?:,\d+)+\}")


def table(answers: Answers) -> str:
    """For a terminal."""
    return f"{_title(answers)}\n{aligned(_grid(answers.growths))}"


def write(path: Path, command: list[str], answers: list[Answers]) -> None:
    """As JSON to `path`, with every round; as Markdown beside it."""
    found = surroundings(command)
    measured = [{**asdict(one), "ratio": one.ratio} for each in answers for one in each.growths]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**found, "growth": measured}, indent=1) + "\n")
    sections = [f"## {_title(each)}\n\n{piped(_grid(each.growths))}" for each in answers]
    head = f"# As a site grows, {found['when'][:10]}\n\n`{found['command']}`"
    path.with_suffix(".md").write_text("\n\n".join([head, *sections]) + "\n")


def _title(answers: Answers) -> str:
    return f"{_database(answers)}: CPU µs by the number of messages"


def _database(answers: Answers) -> str:
    return DATABASES[answers.growths[0].database]


def _grid(found: list[Growth]) -> list[list[str]]:
    sizes = list(found[0].rounds)
    largest = sizes[-1]
    head = ["", *(f"{size:,}" for size in sizes), "ratio", f"wall, {largest:,}"]
    lines = [
        [
            one.question,
            *(_median(one.rounds[size], "cpu_us") for size in sizes),
            f"{one.ratio:.2f}{' !' if one.ratio > MOST else ''}",
            _median(one.rounds[largest], "wall_us"),
        ]
        for one in found
    ]
    if any(one.fresh for one in found):
        head.append(f"no statistics, {largest:,}")
        for line, one in zip(lines, found, strict=True):
            line.append(_median(one.fresh[largest], "cpu_us") if one.fresh else "")
    return [head, *lines]


def _median(rounds: list[Cost], figure: str) -> str:
    return f"{statistics.median(getattr(each, figure) for each in rounds):,.0f}"


def write_plans(answers: list[Answers]) -> None:
    """Of the largest site, into the documentation."""
    largest = max(answers[0].growths[0].rounds)
    versions = surroundings([])["versions"]
    head = (
        "# Query plans\n\nWritten by `bin/bench --growth`: how the two databases go about what is"
        f" asked most, in a site with a room of {largest:,} messages"
        f" (SQLite {versions['sqlite']}, PostgreSQL {versions['postgres']} after `ANALYZE`)."
        " `message_place` is the index on room and seq, `message_change` on room and changed_seq;"
        " SQLite calls them `sqlite_autoindex_chat_message_1` and `…_2`."
    )
    sections = [
        "\n\n".join([f"## {question}", *(_told(each, question) for each in answers)])
        for question in TOLD
    ]
    PLANS.write_text("\n\n".join([head, *sections]) + "\n")


def _told(answers: Answers, question: str) -> str:
    plans = "\n\n".join(dict.fromkeys(answers.plans[question]))
    plans = MANY_KEYS.sub(r"{\1, …}", plans)
    return f"{_database(answers)}:\n\n```text\n{plans}\n```"
