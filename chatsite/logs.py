"""Logs for people and programs: one line an event, `key=value`, in UTC."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

_EVENT = re.compile(r"[a-z][a-z0-9_]*( [a-z_]+=\S.*)?\Z", re.DOTALL)
"""As this project's own code writes it."""

LONGEST_VALUE = 200
"""Characters of what a stranger may have written: a path, a host, a header."""

LONGEST_MESSAGE = 1_000

_KEY = re.compile(r"(/(?:first-run|password/reset/key|confirm-email)/)[^/?#\s\"']+")
"""What opens something for whoever has it, in a path."""


class LineFormatter(logging.Formatter):
    """`2026-01-31T12:00:00.000Z level=warning logger=chat.fanout pid=7 event=layer_send_failed …`

    What others say in free words stands in `message`, a traceback in `trace`, on the same line.
    """

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        parts = [
            moment.replace("+00:00", "Z"),
            f"level={record.levelname.lower()}",
            f"logger={record.name}",
            f"pid={record.process}",
            _said(_message_of(record)),
        ]
        if record.exc_info and not _is_by_a_stranger(record):
            parts.append(f"trace={json.dumps(self.formatException(record.exc_info))}")
        return " ".join(parts)


def shorten_values_of(name: str) -> None:
    """Of a logger that has handlers of its own."""

    def shorten(record: logging.LogRecord) -> bool:
        record.args = _shown_values(record.args)
        return True

    logging.getLogger(name).addFilter(shorten)


def shown(value: str) -> str:
    """As much of it as a log needs, and no key."""
    value = _KEY.sub(r"\1…", value)
    return value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"


def _message_of(record: logging.LogRecord) -> str:
    values = _shown_values(record.args)
    message = str(record.msg) % values if values else str(record.msg)
    # What is said of a stranger's request mostly quotes it.
    longest = LONGEST_VALUE if _is_by_a_stranger(record) and not values else LONGEST_MESSAGE
    return message if len(message) <= longest else message[:longest] + "…"


def _shown_values(values: Any) -> Any:
    if isinstance(values, tuple):
        return tuple(shown(value) if isinstance(value, str) else value for value in values)
    return values


def _is_by_a_stranger(record: logging.LogRecord) -> bool:
    """Whether Django refused a request: where that was found in the code tells nobody anything."""
    refused = getattr(record, "status_code", 500) < 500
    return refused and record.name.startswith("django.")


def _said(message: str) -> str:
    if _EVENT.match(message):
        return "event=" + message.replace("\n", "\\n").replace("\r", "\\r")
    return f"event=log message={json.dumps(message, ensure_ascii=False)}"
