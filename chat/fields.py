"""What is wrong with a field of a frame, in words of our own: pydantic's are for programmers.

Knows neither Django nor Channels.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from chat.errors import Text
from chat.errors import text as _

Bounds = Mapping[str, Any]


def problems_of(error: ValidationError) -> dict[str, Text]:
    """By field, with dots where one lies in another."""
    found = error.errors(include_url=False, include_input=False)
    return {
        ".".join(map(str, each["loc"])): _problem(each["type"], each.get("ctx", {}))
        for each in found
    }


def _problem(kind: str, bounds: Bounds) -> Text:
    if bounded := _BOUNDED.get(kind):
        return bounded(bounds)
    return _PLAIN.get(kind, _("This is not as it should be."))


_NO_INTEGER = _("This is to be a whole number.")
_NO_TEXT = _("This is to be a text.")

_PLAIN = {
    "missing": _("This is missing."),
    "int_type": _NO_INTEGER,
    "int_from_float": _NO_INTEGER,
    "int_parsing_size": _NO_INTEGER,
    "bool_type": _("This is to be true or false."),
    "string_type": _NO_TEXT,
    "string_unicode": _NO_TEXT,
    "list_type": _("This is to be a list."),
    "string_too_short": _("This is too short."),
    "string_pattern_mismatch": _(
        "This holds something that it may not, or is too short or too long."
    ),
}

_BOUNDED: dict[str, Callable[[Bounds], Text]] = {
    "greater_than_equal": lambda bounds: _("This is to be at least %(least)s.", least=bounds["ge"]),
    "less_than_equal": lambda bounds: _("This is to be at most %(most)s.", most=bounds["le"]),
    "string_too_long": lambda bounds: _(
        "This holds at most %(most)s characters.", most=bounds["max_length"]
    ),
    "too_long": lambda bounds: _(
        "This holds at most %(most)s of these.", most=bounds["max_length"]
    ),
}
