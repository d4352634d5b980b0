"""A query about many rows at once."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import connection
from pydantic_core import to_json

Row = Sequence[object]


def ask(types: Mapping[str, str], rows: Collection[Row], query: str) -> list[tuple[Any, ...]]:
    """What a query answers that knows these rows as the table `asked`, its columns of these types.

    CROSS JOIN from it makes SQLite look into an index once a row, where it would scan the index
    for `(a, b) IN (VALUES …)`.
    """
    if not rows:
        return []
    asked, parameters = _OF_VENDOR[connection.vendor](types, rows)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {asked}{query}", parameters)
        return list(cursor.fetchall())


def _of_sqlite(types: Mapping[str, str], rows: Collection[Row]) -> tuple[str, list[Any]]:
    places = ", ".join(["%s"] * len(types))
    values = ", ".join([f"({places})"] * len(rows))
    return f"asked({', '.join(types)}) AS (VALUES {values})", [x for row in rows for x in row]


def _of_postgresql(types: Mapping[str, str], rows: Collection[Row]) -> tuple[str, list[Any]]:
    """As one parameter: psycopg takes longer over many than PostgreSQL over all the rest."""
    columns = ", ".join(f"{column} {kind}" for column, kind in types.items())
    records = to_json([dict(zip(types, row, strict=True)) for row in rows]).decode()
    asked = f"asked AS (SELECT * FROM json_to_recordset(%s) AS t({columns}))"  # noqa: S608 - our own
    return asked, [records]


_OF_VENDOR = {"sqlite": _of_sqlite, "postgresql": _of_postgresql}
