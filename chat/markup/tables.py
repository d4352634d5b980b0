"""Whether what looks like tables can be drawn as such without losing a word or filling the page."""

import re

MAX_CELLS = 2_000
MAX_COLUMNS = 40

_DELIMITERS = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")


def has_whole_tables(body: str) -> bool:
    """A row that is too short is filled with cells: a few characters would make hundreds. Of one
    that is too long, the last words would be dropped."""
    lines = body.split("\n")
    columns = max(line.count("|") for line in lines) + 1
    if columns > MAX_COLUMNS or columns * len(lines) > MAX_CELLS:
        return False
    width = 0
    for line, above in zip(lines, ["", *lines], strict=False):
        if not line.strip():
            width = 0
        elif width and _cells(line) > width:
            return False
        elif "-" in line and _DELIMITERS.fullmatch(line):
            if "|" not in line and "|" in above:
                return False
            width = _cells(line) if above.strip() else 0
    return True


def _cells(line: str) -> int:
    row = line.strip()
    pipes = row.count("|") - row.count("\\|")
    return pipes + 1 - row.startswith("|") - (row.endswith("|") and not row.endswith("\\|"))
