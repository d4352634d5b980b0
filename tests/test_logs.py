"""One line an event, whatever is logged."""

import logging
import sys

from chatsite.logs import LineFormatter


def line(message: str, *args: object, **more: object) -> str:
    record = logging.LogRecord("chat.test", logging.WARNING, __file__, 1, message, args, None)
    record.__dict__.update(more)
    return LineFormatter().format(record)


def test_an_event_of_ours_stands_as_it_is() -> None:
    written = line("log_filled room=%d after=%d", 7, 3)
    assert written.endswith(" event=log_filled room=7 after=3")
    assert " level=warning logger=chat.test pid=" in written
    assert written.split(" ")[0].endswith("Z")


def test_an_event_without_more_is_one_too() -> None:
    assert line("log_unreadable").endswith(" event=log_unreadable")


def test_what_others_say_is_quoted() -> None:
    assert line('Not "Found": %s', "/x").endswith('event=log message="Not \\"Found\\": /x"')


def test_nobody_begins_a_line_of_their_own() -> None:
    for message in ("origin_refused origin=%s", "Not Found: %s"):
        assert "\n" not in line(message, "a\nlevel=error event=forged")
        assert "\r" not in line(message, "a\rb")


def test_a_traceback_stands_on_the_same_line() -> None:
    try:
        raise ValueError("no")
    except ValueError:
        written = line("write_crashed count=1", exc_info=sys.exc_info())
    assert "\n" not in written
    assert 'trace="Traceback' in written
    assert "ValueError: no" in written
