"""The figures for people, as tables, and for programs, as JSON."""

import json
import platform
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.contenders import CONTENDERS, PEERS
from benchmarks.measurements import Result
from tests.live.servers import NotInstalled, postgres_program

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
    """One measurement's results, a line for each contender."""
    columns = COLUMNS[results[0].measurement]
    head = ["", "times Koa", *(name for name, _ in columns)]
    koa = next((result for result in results if result.contender == "koa"), None)
    lines = [
        [
            CONTENDERS[result.contender].title,
            f"{result.cpu_ratio(koa):.2f}" if koa and koa.rounds else "",
            *(show(result) for _, show in columns),
        ]
        for result in results
    ]
    return f"{results[0].title}\n{aligned([head, *lines])}"


def aligned(lines: list[list[str]]) -> str:
    """The first column to the left, figures to the right; a column without a word is left out."""
    columns = [column for column in zip(*lines, strict=True) if any(column[1:])]
    widths = [max(map(len, column)) for column in columns]
    padded = [
        [cell.rjust(width) if i else cell.ljust(width) for cell in column]
        for i, (column, width) in enumerate(zip(columns, widths, strict=True))
    ]
    return "\n".join("  ".join(cells) for cells in zip(*padded, strict=True))


def write_json(path: Path, command: list[str], results: list[Result]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    found = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(["bin/bench", *command]),
        "machine": machine(),
        "versions": versions(),
        "results": [asdict(result) for result in results],
    }
    path.write_text(json.dumps(found, indent=1, default=str) + "\n")


def machine() -> dict[str, Any]:
    cpu_info = Path("/proc/cpuinfo").read_text()
    memory_info = Path("/proc/meminfo").read_text()
    return {
        "processor": re.findall(r"model name\s*: (.*)", cpu_info)[0],
        "cores": len(re.findall(r"^processor", cpu_info, re.MULTILINE)),
        "memory_gib": round(int(memory_info.split()[1]) / 2**20),
        "kernel": platform.release(),
    }


def versions() -> dict[str, str]:
    packages = ["django", "channels", "channels-redis", "daphne", "uvicorn", "uvloop", "websockets"]
    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: found for name in packages if (found := package_version(name))},
        **{name: found for name in ("koa", "koa-websocket", "ws") if (found := npm("koa", name))},
        **{name: found for name in ("socket.io",) if (found := npm("socketio", name))},
        **{name: found for name in PROGRAMS if (found := program_version(name))},
    }


PROGRAMS = ("node", "redis-server", "postgres", "cc")


def package_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def npm(peer: str, name: str) -> str:
    package = PEERS / peer / "node_modules" / name / "package.json"
    return str(json.loads(package.read_text())["version"]) if package.exists() else ""


def program_version(name: str) -> str:
    try:
        program = postgres_program(name) if name == "postgres" else shutil.which(name)
    except NotInstalled:
        program = None
    if program is None:
        return ""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    return said.stdout.partition("\n")[0]
