"""Tables that several tests run through, some of them in two languages."""

import json
from pathlib import Path
from typing import Any


def cases(name: str) -> list[dict[str, Any]]:
    table: list[dict[str, Any]] = json.loads((Path(__file__).parent / f"{name}.json").read_text())
    return table
