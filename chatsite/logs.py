"""Logs for people and programs: one line an event, `key=value`, in UTC."""

import json
import logging
import re
from datetime import UTC, datetime

_EVENT = re.compile(r"[a-z][a-z0-9_]*( [a-z_]+=\S.*)?\Z", re.DOTALL)
"""As this project's own code writes it."""


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
            _said(record.getMessage()),
        ]
        if record.exc_info:
            parts.append(f"trace={json.dumps(self.formatException(record.exc_info))}")
        return " ".join(parts)


def _said(message: str) -> str:
    if _EVENT.match(message):
        return "event=" + message.replace("\n", "\\n").replace("\r", "\\r")
    return f"event=log message={json.dumps(message, ensure_ascii=False)}"
