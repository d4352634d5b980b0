"""The settings as operators write them, read so that what is wrong is told and never repeated.

A password may stand in any of them, and what is wrong in it is mostly one character: of a setting
that cannot be read only its name is told, and how it should look. Each raises ImproperlyConfigured
alone: what was raised on the way there quotes the value.
"""

import math
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

T = TypeVar("T")

HOW_TO_MAKE_A_KEY = (
    "SECRET_KEY is not set. It signs the sessions: make one, keep it, tell nobody.\n"
    "  export SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_urlsafe(50))')"
)

_ON = frozenset({"1", "true", "on", "ok", "y", "yes"})
_OFF = frozenset({"", "0", "false", "off", "n", "no", "none"})
_MAIL_SERVER = "django.core.mail.backends.smtp.EmailBackend"
_LONGEST_DATABASE_NAME = 63
_ANY = 10**9
_POSTGRES = "postgres://user:password@host/name"
_ESCAPED = "with / as %2F, # as %23, ? as %3F and @ as %40 in the password"


def text(name: str, default: str = "") -> str:
    return os.environ.get(name) or default


def flag(name: str, *, default: bool) -> bool:
    return bool(number_or_flag(name, default=default, most=1))


def number_or_flag(name: str, *, default: bool, most: int) -> int:
    """`on` is 1."""
    given = os.environ.get(name, "1" if default else "0").strip().lower()
    if given in _OFF:
        return 0
    if given in _ON:
        return 1
    form = "1 or 0, on or off" + (f", or a number up to {most}" if most > 1 else "")
    if most == 1:
        _refuse(name, form)
    return whole(name, default=0, most=most)


def whole(name: str, *, default: int, least: int = 0, most: int = _ANY) -> int:
    form = f"a whole number, {least} or more" + (f", up to {most}" if most < _ANY else "")
    return _read(name, default, _between(int, least, most), form)


def decimal(name: str, *, default: float) -> float:
    return _read(name, default, _between(float, 0, _ANY), "a number, 0 or more, such as 5 or 0.5")


def names(name: str) -> list[str]:
    """Of hosts, `*` and `.example.org` among them."""
    form = "names only, such as chat.example.org, with commas between them, without https://"
    return [_checked(name, each, _host_name, form) for each in _listed(name)]


def origins(name: str) -> list[str]:
    form = "addresses such as https://chat.example.org, with commas between them"
    return [_checked(name, each, _origin, form) for each in _listed(name)]


def secrets(name: str) -> list[str]:
    return _listed(name)


def database(name: str, default: str) -> dict[str, Any]:
    form = f"{_POSTGRES}, {_ESCAPED}, or sqlite:////a/file"
    return _checked(name, text(name, default), _database, form)


def redis_url(name: str) -> str:
    """`""` without one."""
    return _read(name, "", _redis, f"of the form redis://:password@host:6379/0, {_ESCAPED}")


def email(name: str, default: str) -> dict[str, Any]:
    form = f"of the form smtp+tls://user:password@host:587, {_ESCAPED}"
    return _checked(name, text(name, default), _email, form)


def mail_reaches_people(name: str) -> bool:
    """Not where it is printed or kept, or goes nowhere."""
    return str(email(name, "consolemail://")["EMAIL_BACKEND"]) == _MAIL_SERVER


def _listed(name: str) -> list[str]:
    return [each for part in text(name).split(",") if (each := part.strip())]


def _read(name: str, default: T, parse: Callable[[str], T], form: str) -> T:
    given = text(name)
    return _checked(name, given, parse, form) if given else default


def _checked(name: str, given: str, parse: Callable[[str], T], form: str) -> T:
    read: list[T] = []
    with suppress(Exception):  # whatever a parser raises quotes what it was given
        read.append(parse(given))
    return read[0] if read else _refuse(name, form)


def _refuse(name: str, form: str) -> NoReturn:
    raise ImproperlyConfigured(f"{name} is not as it should be: {form}.")


def _between(number: type[T], least: float, most: float) -> Callable[[str], T]:
    def parse(given: str) -> T:
        value: Any = number(given)  # type: ignore[call-arg]
        if not (math.isfinite(value) and least <= value <= most):
            raise ValueError
        return value  # type: ignore[no-any-return]

    return parse


def _host_name(given: str) -> str:
    if "/" in given:
        raise ValueError
    return given


def _origin(given: str) -> str:
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in given:
        raise ValueError
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError
    _check_whole(given)
    return given.rstrip("/")


def _database(given: str) -> dict[str, Any]:
    if given.startswith("sqlite:///") or given == "sqlite://:memory:":
        return dict(Env.db_url_config(given))
    if not given.startswith(("postgres://", "postgresql://")):
        raise ValueError
    _check_whole(given)
    found = dict(Env.db_url_config(given))
    if not 1 <= len(found["NAME"]) <= _LONGEST_DATABASE_NAME or "\0" in str(found["PASSWORD"]):
        raise ValueError
    return found


def _redis(given: str) -> str:
    if not given.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError
    if not given.startswith("unix://"):
        _check_whole(given)
    from redis.connection import parse_url  # bin/serve itself needs no Redis

    parse_url(given)  # type: ignore[no-untyped-call]
    return given


def _email(given: str) -> dict[str, Any]:
    if urlsplit(given).netloc:
        _check_whole(given)
    return dict(Env.email_url_config(given))


def _check_whole(url: str) -> None:
    """A `/`, `?` or `#` in a password ends the host, and the rest of it, up to the `@`, becomes a
    path, a name or a port: something else would be looked for, and named in complaints."""
    parts = urlsplit(url)
    rest = parts.path + parts.query + parts.fragment
    if "@" in rest or "#" in url or "\0" in url:
        raise ValueError
    _ = parts.port, parts.hostname
