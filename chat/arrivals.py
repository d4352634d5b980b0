"""Who comes in, by what their socket's request says, and what they are told first."""

import re
from typing import Any, NamedTuple

from django.conf import settings
from django.http import parse_cookie

from chat import access, database, history, renames
from chat.actions import sessions
from chat.actions.rates import Rate, too_fast
from chat.models import User
from chat.session_store import SessionStore, stored_key

_PEOPLE = re.compile(rb"(?:^|&)people=([0-9]{1,15})(?:&|$)")

connect_rate = Rate(20, "connect", burst_seconds=50)
"""Of an address, which may be that of an office that all comes back at once. A person has half."""

ROOMS_OF_A_CONNECT = 25
"""To enter so many takes as long again as to connect."""


def session_key_of(scope: dict[str, Any]) -> str:
    """The cookie's, or nothing."""
    headers = [value.decode("latin1") for name, value in scope["headers"] if name == b"cookie"]
    # Not the standard library's parser: it gives up at the first cookie that it finds odd.
    return str(parse_cookie("; ".join(headers)).get(settings.SESSION_COOKIE_NAME, ""))


def known_names(scope: dict[str, Any]) -> int | None:
    """Up to which number the page knows what people are called, if it says so."""
    known = _PEOPLE.search(scope.get("query_string", b""))
    return int(known[1]) if known else None


class Entry(NamedTuple):
    """Who comes in, and the site's numbers at which this was true or truer."""

    user: User
    rooms: dict[int, tuple[str, str]]
    versions: renames.Versions
    is_old: bool
    """Whether their session is to be prolonged."""


def who(session_key: str, address: str) -> Entry:
    """Raises RateLimited for who comes too often, before the database is asked for an address and
    before their rooms are entered for a person."""
    if address:
        _count_connect(f"address.{address}", 1)
    versions = renames.versions()
    session = SessionStore(session_key)
    user = access.user_of(session)
    rooms = access.rooms_of(user.pk)
    _count_connect(f"person.{user.pk}", 2 * (1 + len(rooms) / ROOMS_OF_A_CONNECT))
    is_old = sessions.is_due(session) and sessions.is_stored_due(stored_key(session_key))
    return Entry(user, rooms, versions, is_old)


def _count_connect(key: str, cost: float) -> None:
    if wait := connect_rate.take(key, cost=cost):
        raise too_fast(wait)


def greeting(user_id: int) -> tuple[list[dict[str, Any]], str]:
    with database.snapshot():
        return history.rooms_of(user_id), history.epoch()
