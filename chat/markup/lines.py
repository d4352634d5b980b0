"""Lines as people type them in a chat: indented at will, code marked carelessly."""

import re

from chat.markup.hiding import hide

_MAX_LINES = 1000
"""Longer texts are read as plain Markdown."""

_NEEDED = re.compile(r"(?:^|\n)(?:[ \t]|```|~~~)")
_FENCE = re.compile(r"(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})(?P<info>.*)")
_INFO = re.compile(r"[A-Za-z0-9+#._-]{0,32}(?:[ \t]+(?:\{.*|[\w-]+=.*))?[ \t]*")
_ITEM = re.compile(r"(?:[-+*]|\d{1,9}\.)[ \t]")
_BEGINS_A_BLOCK = frozenset("-+*>#`~=|0123456789")
_TAB = "    "


def tidied(body: str) -> str:
    """With what Markdown would swallow kept: the blanks before a line, words beside a fence."""
    body = body.replace("\r\n", "\n").replace("\r", "\n")
    if not _NEEDED.search(body) or body.count("\n") > _MAX_LINES:
        return body
    return "\n".join(_Lines(body.split("\n")).tidied())


class _Lines:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._tidied: list[str] = []
        self._fence = ""
        self._after_blank = True
        self._in_list = self._in_code = False
        self._last_words = max((at for at, line in enumerate(lines) if line.strip()), default=0)
        self._last_waves = max(
            (at for at, line in enumerate(lines) if line.strip().startswith("~~~")), default=0
        )

    def tidied(self) -> list[str]:
        for at, line in enumerate(self._lines):
            if self._fence:
                self._take_code(line)
            elif not self._opens_fence(line, at):
                self._take_words(line)
        return self._tidied

    def _take_code(self, line: str) -> None:
        """The fence may end on the last line of the code."""
        code = line.rstrip()
        if code.strip().startswith(self._fence) and not code.strip().strip(self._fence[0]):
            self._fence = ""
        elif self._fence == "```" and code.endswith("```") and "`" not in code[:-3]:
            self._tidied.append(code[:-3])
            line, self._fence = "```", ""
        self._tidied.append(line)

    def _opens_fence(self, line: str, at: int) -> bool:
        found = _FENCE.fullmatch(line)
        if not found:
            return False
        fence, info = found["fence"], found["info"]
        if fence[0] == "`" and "`" in info:
            return False
        says_more = not _INFO.fullmatch(info) or (info and at == self._last_words)
        if fence[0] == "~" and (says_more or at == self._last_waves):
            self._tidied.append(found["indent"] + hide(fence) + info)
            self._after_blank = False
            return True
        self._tidied += [found["indent"] + fence, info.lstrip()] if says_more else [line]
        self._fence, self._after_blank = fence, True
        return True

    def _take_words(self, line: str) -> None:
        words = line.lstrip(" \t")
        if not words:
            self._tidied.append("")
            self._after_blank = True
            return
        indent = line[: len(line) - len(words)].replace("\t", _TAB)
        self._note(words, indent)
        if not self._in_list and not self._in_code and self._is_kept(words, indent):
            line = hide(indent) + words
        self._tidied.append(line)
        self._after_blank = False

    def _note(self, words: str, indent: str) -> None:
        if _ITEM.match(words):
            self._in_list = True
        elif self._after_blank and not indent:
            self._in_list = False
        if self._after_blank:
            self._in_code = len(indent) >= len(_TAB)

    def _is_kept(self, words: str, indent: str) -> bool:
        return bool(indent) and (len(indent) >= len(_TAB) or words[0] not in _BEGINS_A_BLOCK)
