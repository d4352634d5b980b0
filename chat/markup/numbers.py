"""Numbers before lines: those that do not count on are text, as a list would count them anew."""

import itertools
import re

from chat.markup.hiding import hide

_NUMBER = re.compile(r"^(\d{1,9})\.(?=[ \t])", re.MULTILINE)
_BETWEEN = re.compile(r"\n(?=\S)")
MAX_NUMBERS = 400


def with_numbers_hidden(body: str) -> str:
    """`1.` `3.` `7.` are shown as they stand; `1.` `2.` `3.` and `1.` `1.` `1.` are lists."""
    numbers = list(_NUMBER.finditer(body)) if "." in body else []
    if not 1 < len(numbers) <= MAX_NUMBERS:
        return body
    pieces, end = [], 0
    for run in _runs(body, numbers):
        if _counts_on([int(each[1]) for each in run]):
            continue
        for each in run:
            pieces += [body[end : each.start()], hide(each[0])]
            end = each.end()
    return "".join([*pieces, body[end:]])


def _runs(body: str, numbers: list[re.Match[str]]) -> list[list[re.Match[str]]]:
    """Those between which no line begins at the margin."""
    runs = [[numbers[0]]]
    for before, number in itertools.pairwise(numbers):
        if _BETWEEN.search(body, before.end(), number.start() - 1):
            runs.append([])
        runs[-1].append(number)
    return runs


def _counts_on(numbers: list[int]) -> bool:
    steps = {after - before for before, after in itertools.pairwise(numbers)}
    return steps <= {1} or steps == {0}
