"""One line an event, whatever is logged."""

import logging
import sys

import pytest

from chatsite.logs import LineFormatter


def line(message: str, *args: object, name: str = "chat.test", **more: object) -> str:
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, None)
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


def test_what_a_stranger_may_have_written_is_cut() -> None:
    assert len(line("Not Found: %s", "/" + "a" * 15_000)) < 400
    assert len(line("Not Found: %s", "/" + "a " * 7_500)) < 400
    assert len(line("x" * 15_000)) < 1_200
    host = "Invalid HTTP_HOST header: '" + "e" * 9_000 + "'. You may need to add it."
    assert len(line(host, name="django.security.DisallowedHost", status_code=400)) < 400


def test_a_refused_request_leaves_no_traceback_and_a_failed_one_does() -> None:
    try:
        raise ValueError("no")
    except ValueError:
        found = sys.exc_info()
    for name in ("django.security.DisallowedHost", "django.request"):
        assert "trace=" not in line("Bad", name=name, exc_info=found, status_code=400)
    assert "trace=" in line("Failed", name="django.request", exc_info=found, status_code=500)


@pytest.mark.parametrize(
    "path",
    [
        "/first-run/IndQRk1:1xWa:ygmY/",
        "/accounts/password/reset/key/1-abc-def/",
        "/accounts/confirm-email/MQ:1xWa:ygmY/?next=/",
    ],
)
def test_no_key_of_a_path_stands_in_a_log(path: str) -> None:
    said = line("Not Found: %s", path)
    key = path.strip("/").split("/")[-1 if "?" not in path else -2]
    assert key not in said
    assert "…" in said
