"""What growth costs, as tables and as JSON; and the plans that the databases follow."""

import json
from dataclasses import asdict
from pathlib import Path

from benchmarks.growth import DATABASES, MOST, Answers, Growth, growths
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


def table(answers: list[Answers]) -> str:
    """For a terminal."""
    return "\n\n".join(f"{title}\n{aligned(lines)}" for title, lines in _grids(answers))


def write(path: Path, command: list[str], answers: list[Answers]) -> None:
    """As JSON to `path`, and as Markdown beside it."""
    found = surroundings(command)
    measured = [{**asdict(one), "ratio": one.ratio} for one in growths(answers)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**found, "growth": measured}, indent=1) + "\n")
    sections = [f"## {title}\n\n{piped(lines)}" for title, lines in _grids(answers)]
    head = f"# As a site grows, {found['when'][:10]}\n\n`{found['command']}`"
    path.with_suffix(".md").write_text("\n\n".join([head, *sections]) + "\n")


def _grids(answers: list[Answers]) -> list[tuple[str, list[list[str]]]]:
    found = growths(answers)
    return [
        (
            f"{title}: CPU µs by the number of messages",
            _grid([one for one in found if one.database == database]),
        )
        for database, title in DATABASES.items()
    ]


def _grid(found: list[Growth]) -> list[list[str]]:
    sizes = list(found[0].costs)
    last = sizes[-1]
    head = ["", *(f"{size:,}" for size in sizes), "ratio", f"wall, {last:,}"]
    lines = [
        [
            one.question,
            *(f"{one.costs[size].cpu_us:,.0f}" for size in sizes),
            f"{one.ratio:.2f}{' !' if one.ratio > MOST else ''}",
            f"{one.costs[last].wall_us:,.0f}",
        ]
        for one in found
    ]
    if any(one.fresh for one in found):
        head.append(f"no statistics, {last:,}")
        for line, one in zip(lines, found, strict=True):
            line.append(f"{one.fresh[last].cpu_us:,.0f}" if one.fresh else "")
    return [head, *lines]


def write_plans(answers: list[Answers]) -> None:
    """Of the largest site, into the documentation."""
    largest = max(one.messages for one in answers)
    sites = [one for one in answers if one.messages == largest]
    versions = surroundings([])["versions"]
    head = (
        "# Query plans\n\nWritten by `bin/bench --growth`: how the two databases go about what is"
        f" asked most, in a site with a room of {largest:,} messages"
        f" (SQLite {versions['sqlite']}, PostgreSQL {versions['postgres']}, after `ANALYZE`)."
        " `message_place` is the index on room and seq, `message_change` on room and changed_seq;"
        " SQLite calls them `sqlite_autoindex_chat_message_1` and `…_2`."
    )
    sections = [
        "\n\n".join([f"## {question}", *(_told(site, question) for site in sites)])
        for question in TOLD
    ]
    PLANS.write_text("\n\n".join([head, *sections]) + "\n")


def _told(site: Answers, question: str) -> str:
    plans = "\n\n".join(dict.fromkeys(site.plans[question]))
    return f"{DATABASES[site.database]}:\n\n```text\n{plans}\n```"
