"""By which scheme a request left its browser."""

from typing import Any

from django.conf import settings

_SECURE = frozenset({"https", "wss"})


def scheme_of(scope: Any) -> str:
    """`http` or `https`, of an ASGI scope of a page or of a socket.

    Proxies differ in what they write: `wss` for a socket (Traefik), a list where one stands before
    another (`https, http`), the header twice. In a list the first value is the browser's; those
    after it tell of the ways between the proxies. A visitor may have written that first value, if
    the proxy only appends, and deceives by it nobody else: no page can have a browser send this
    header along with a form or a socket, and the host is compared as well.
    """
    told = _forwarded(scope["headers"]) if settings.TRUST_PROXY else str(scope.get("scheme", ""))
    return "https" if told in _SECURE else "http"


def _forwarded(headers: list[tuple[bytes, bytes]]) -> str:
    """The first that is told; nothing, if nothing is."""
    lines = [value.decode("latin1") for name, value in headers if name == b"x-forwarded-proto"]
    values = (value.strip(' \t"').lower() for value in ",".join(lines).split(","))
    return next(filter(None, values), "")
