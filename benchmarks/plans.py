"""How a database goes about a question: the plan of each of its queries."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection

EXPLAIN = {
    "sqlite": "EXPLAIN QUERY PLAN",
    "postgresql": "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF)",
}


@dataclass(frozen=True)
class Plan:
    query: str
    lines: list[str]

    def __str__(self) -> str:
        return "\n".join(self.lines)


def plans(ask: Callable[[], object]) -> list[Plan]:
    """Of all queries about messages that `ask` makes, with the values that it gave them."""
    return [_explained(query, values) for query, values in _queries(ask) if _is_told(query)]


def _queries(ask: Callable[[], object]) -> list[tuple[str, Any]]:
    seen: list[tuple[str, Any]] = []

    def keep(execute: Any, query: str, values: Any, many: bool, context: Any) -> Any:
        seen.append((query, values))
        return execute(query, values, many, context)

    with connection.execute_wrapper(keep):
        ask()
    return seen


def _is_told(query: str) -> bool:
    return "chat_message" in query and query.lstrip().startswith(("SELECT", "WITH"))


def _explained(query: str, values: Any) -> Plan:
    with connection.cursor() as cursor:
        cursor.execute(f"{EXPLAIN[connection.vendor]} {query}", values)
        rows = cursor.fetchall()
    if connection.vendor == "postgresql":
        return Plan(query, [line for (line,) in rows])
    return Plan(query, _indented(rows))


def _indented(rows: list[tuple[int, int, int, str]]) -> list[str]:
    """SQLite names each step's parent."""
    depth = {0: -1}
    lines = []
    for step, parent, _, what in rows:
        depth[step] = depth[parent] + 1
        lines.append("  " * depth[step] + what)
    return lines
