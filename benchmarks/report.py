"""The figures for people, as tables, and for programs, as JSON."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.contenders import CONTENDERS
from benchmarks.measurements import Result
from benchmarks.surroundings import machine, versions

Column = tuple[str, Callable[[Result], str]]


def figure(name: str, form: str = ".1f") -> Callable[[Result], str]:
    return lambda result: format(result.figures[name], form)


def faults(result: Result) -> str:
    found = [f"{count} {name}" for name, count in result.faults.items() if count]
    return ", ".join(found) or "none"


TALK: list[Column] = [
    ("CPU µs/delivery", figure("cpu_us_per_delivery")),
    ("deliveries/s", figure("deliveries_per_second", ",.0f")),
    ("posts/s", figure("posts_per_second", ",.0f")),
    ("p50 ms", figure("each_p50_ms")),
    ("p99 ms", figure("each_p99_ms")),
    ("to all p50 ms", figure("all_p50_ms")),
    ("load's cores", figure("load_cores", ".2f")),
    ("others' cores", figure("others_cores", ".2f")),
    ("faults", faults),
]
COLUMNS: dict[str, list[Column]] = {
    "speak": TALK,
    "rate": TALK,
    "write": [
        ("acknowledged/s", figure("acknowledged_per_second", ",.0f")),
        ("CPU µs/delivery", figure("cpu_us_per_delivery")),
        ("deliveries/s", figure("deliveries_per_second", ",.0f")),
        ("to all p50 ms", figure("all_p50_ms")),
        ("to all p99 ms", figure("all_p99_ms")),
        ("load's cores", figure("load_cores", ".2f")),
        ("others' cores", figure("others_cores", ".2f")),
        ("faults", faults),
    ],
    "arrive": [
        ("CPU µs/arrival", figure("cpu_us_per_arrival", ",.0f")),
        ("CPU µs/return", figure("cpu_us_per_return", ",.0f")),
        ("CPU µs/idle second", figure("cpu_us_per_idle_second")),
        ("memory KiB", figure("memory_kib")),
    ],
}


def table(results: list[Result]) -> str:
    """One measurement's results for a terminal, a line for each contender."""
    return f"{results[0].title}\n{aligned(grid(results))}"


def grid(results: list[Result]) -> list[list[str]]:
    """The head and the lines; a column without a word is left out."""
    columns = COLUMNS[results[0].measurement]
    koa = next((result for result in results if result.contender == "koa"), None)
    lines = [
        [
            CONTENDERS[result.contender].title,
            f"{result.cpu_ratio(koa):.2f}" if koa and koa.rounds else "",
            *(show(result) for _, show in columns),
        ]
        for result in results
    ]
    table = [["", "times Koa", *(name for name, _ in columns)], *lines]
    kept = [column for column in zip(*table, strict=True) if any(column[1:])]
    return [list(line) for line in zip(*kept, strict=True)]


def aligned(lines: list[list[str]]) -> str:
    """The first column to the left, figures to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def write(path: Path, command: list[str], results: list[Result]) -> None:
    """As JSON to `path`, with every round; as Markdown beside it, to be read."""
    found = {**surroundings(command), "results": [asdict(result) for result in results]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1, default=str) + "\n")
    path.with_suffix(".md").write_text(markdown(found, results))


def surroundings(command: list[str]) -> dict[str, Any]:
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(["bin/bench", *command]),
        "machine": machine(),
        "versions": versions(),
    }


def markdown(found: dict[str, Any], results: list[Result]) -> str:
    """What `benchmarks/README.md` explains."""
    where = ", ".join(f"{name} {value}" for name, value in found["machine"].items())
    parts = ", ".join(f"{name} {value}" for name, value in found["versions"].items())
    measured = groupby(results, lambda result: (result.measurement, result.title))
    sections = [f"## {title}\n\n{piped(grid(list(group)))}" for (_, title), group in measured]
    head = f"# Figures of {found['when'][:10]}\n\n`{found['command']}`\n\n{where}\n\n{parts}"
    return "\n\n".join([head, *sections]) + "\n"


def piped(lines: list[list[str]]) -> str:
    rule = ["---", *["---:"] * (len(lines[0]) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [lines[0], rule, *lines[1:]])
