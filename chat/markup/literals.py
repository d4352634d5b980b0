"""What Markdown would take for its own, though whoever typed it did not mean it so."""

import re
from functools import partial

from chat.markup.hiding import hidden, hide
from chat.markup.numbers import with_numbers_hidden

MAX_FOUND = 400
"""Past so many places the rest is read as plain Markdown: each costs a few microseconds."""

_REST_OF_ADDRESS = r"(?:(?!\*\*)[^\s<>`])*"
_REST_OF_PATH = r"[^\s`|]*"
_DUNDER_NAME = "[a-z]{1,24}(?:_[a-z]{1,24})?__"
_KNOWN_DUNDER = (
    "(?:init|name|main|file|line|func|call|str|repr|dict|doc|all|class|enter|exit|iter|next|len|eq"
    "|hash|new|del|slots|version|future|path|package|module|bool|add|getitem|setitem|getattr|setattr"
    "|FILE|LINE|DATE|TIME|FUNCTION|COUNTER|VERSION)__"
)
_LEADS_SOMEWHERE = r"<?(?:[hH][tT][tT][pP][sS]?:|[mM][aA][iI][lL][tT][oO]:|[wW][wW][wW]\.|/|#)"
_LITERAL = re.compile(
    # Each begins with a character of its own: so `re` passes over all others at once.
    "|".join(
        [
            r"!(?=\[)",  # a picture, which would not be shown
            r"\](?=:)",  # a definition, which would vanish
            rf"\](?=\((?!{_LEADS_SOMEWHERE}))",  # an index and a call
            *(rf"{h}[tT][tT][pP][sS]?://{_REST_OF_ADDRESS}" for h in "hH"),
            *(rf"{w}[wW][wW]\.{_REST_OF_ADDRESS}" for w in "wW"),
            rf":(?<=\b[A-Za-z]:)\\{_REST_OF_PATH}",
            rf"\\\\(?=[\w.?-])(?:(?<=[\s(\"'\u2018\u201c\u00ab\u300c\uff08]\\\\)|(?<=^\\\\)){_REST_OF_PATH}",
            r"\\(?:[^\w\s]|_)?",
            r"¯\\{0,3}_\(ツ\)\\{0,3}_/¯",
            r"~(?<!~~)(?!~)",  # one strikes nothing out: it is a wave, a range or a home
            r"/\*+",
            r"\*(?:(?<=\d\*)\**(?=\d)|(?<!\*\*)\*{0,2}(?=/)|(?<=[(\[]\*)(?=[)\]])|(?=\.\w)|_\*)",
            rf"__(?:(?<=\.__){_DUNDER_NAME}|{_DUNDER_NAME}(?=\.\w|\()|{_KNOWN_DUNDER})",
        ]
    ),
    re.MULTILINE,
)
_AT_LINE_START = re.compile(
    r"""
    ^[ ]{0,3}(?:
      (?:[-+*]|\d{1,9}[.)])[ \t]*$  # an item of nothing
      | \d{1,9}\)(?=[ \t])          # would come out as "1."
      | >>>(?!>)                    # Python's prompt
      | >(?=[_.:;=<])               # a face
    )
    """,
    re.VERBOSE | re.MULTILINE,
)
_MARKER = r"(?:(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])[ \t]{0,3})"
_MAX_DEPTH = 8
"""Quotes and lists within each other on one line; what stands deeper is text."""

_SHALLOW = re.compile(rf"[ ]{{0,3}}{_MARKER}{{{_MAX_DEPTH}}}")
_RULE = r"[ ]{0,3}([-*])[ \t]*(?:\1[ \t]*)*$"
_DEEP = re.compile(rf"^(?!{_RULE})[ ]{{0,3}}{_MARKER}{{{_MAX_DEPTH + 1},}}", re.MULTILINE)

_DELIMITER = re.compile(r"^[ ]{0,3}\|?[ \t]*:?-+:?[ \t]*\|", re.MULTILINE)
_TAG = re.compile(r"<(?!https?://[^\s<>]*>)")
_MARKS = hidden("\\*_~&<!")
_AFTER_AN_ADDRESS = "*_~.,;:!?)]}'\""
_LINE_SO_FAR = re.compile(r"[ ]{0,3}(?:>[ ]?){0,8}(?:\d{1,9})?")


def with_literals_hidden(body: str) -> str:
    body = _AT_LINE_START.sub(lambda found: hide(found[0]), body, count=MAX_FOUND)
    body = with_numbers_hidden(body)
    body = _LITERAL.sub(partial(_hide_found, Whole(body)), body, count=MAX_FOUND)
    body = _DEEP.sub(_hide_deep, body)
    return _TAG.sub(hide("<"), body.replace("&", hide("&")))


class Whole:
    """What is asked of a whole body again and again."""

    def __init__(self, body: str) -> None:
        self.has_table = _DELIMITER.search(body) is not None
        self.has_link = "](" in body
        self.first = {mark: body.find(mark) for mark in "*_"}
        self.last = {mark: body.rfind(mark) for mark in "*_"}


def _hide_found(whole: Whole, found: re.Match[str]) -> str:
    text = found[0]
    if text[0] in "hHwW":
        return _hide_in_address(text)
    if text[0] == ":" or text[:2] == "\\\\":
        return text.translate(_MARKS)
    if text[0] == "\\" and _escapes(whole, found):
        return text
    return hide(text)


def _hide_in_address(address: str) -> str:
    """Its underscores are no emphasis; that of the words around it may end right after it."""
    inside = address.rstrip(_AFTER_AN_ADDRESS)
    return inside.translate(_MARKS) + address[len(inside) :]


def _hide_deep(found: re.Match[str]) -> str:
    shallow = _SHALLOW.match(found[0])
    end = shallow.end() if shallow else 0
    return found[0][:end] + hide(found[0][end:])


def _escapes(whole: Whole, found: re.Match[str]) -> bool:
    """Whether the character after this backslash would else be Markdown."""
    body, at, mark = found.string, found.start(), found[0][1:]
    if mark == "`":
        return True
    if mark in "*_" and mark:
        return _would_emphasise(whole, body, at, mark) or _is_at_line_start(body, at, mark)
    if mark == "~":
        return "~" in body[max(0, at - 1) : at] + body[at + 2 : at + 4]
    if mark == "|":
        return whole.has_table
    if mark in "[]()" and mark:
        return whole.has_link
    return mark in {*"#+->.="} and _is_at_line_start(body, at, mark)


def _would_emphasise(whole: Whole, body: str, at: int, mark: str) -> bool:
    before, after = body[at - 1 : at] or " ", body[at + 2 : at + 3] or " "
    opens = not after.isspace() and (mark == "*" or not (before.isalnum() or before in "¯\\/_"))
    closes = not before.isspace() and (mark == "*" or not after.isalnum())
    return (opens and whole.last[mark] > at + 1) or (closes and 0 <= whole.first[mark] < at)


def _is_at_line_start(body: str, at: int, mark: str) -> bool:
    """Where a heading, a quote, an item or a rule begins."""
    line_so_far = body[max(0, at - 40) : at].rpartition("\n")[2]
    if not _LINE_SO_FAR.fullmatch(line_so_far):
        return False
    after = body[at + 2 : at + 3] or " "
    return line_so_far[-1:].isdigit() if mark == "." else mark == ">" or after in f" \t\n{mark}"
