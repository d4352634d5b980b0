"""By which scheme a request left its browser, and from which address."""

from ipaddress import IPv6Address, ip_address, ip_network
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


def address_of(scope: Any) -> str:
    """From which address it came, of an ASGI scope of a page or of a socket, as it is counted."""
    lines = [
        value.decode("latin1") for name, value in scope["headers"] if name == b"x-forwarded-for"
    ]
    peer = (scope.get("client") or [""])[0]
    return counted_address(peer, ",".join(lines))


def counted_address(peer: str, forwarded_for: str) -> str:
    """As budgets count it: `peer` as the connection has it (`REMOTE_ADDR`), `forwarded_for` as the
    proxies wrote it (`HTTP_X_FORWARDED_FOR`).

    Nothing for one that is nobody's: of a proxy or an operator on this machine. Of IPv6 the
    network, as whoever has one address there has them all.
    """
    if settings.TRUST_PROXY and forwarded_for:
        # Those before were written by whoever came.
        peer = forwarded_for.split(",")[-int(settings.TRUST_PROXY) :][0]
    try:
        address = ip_address(_without_port(peer.strip(' \t"')))
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if address.is_loopback:
        return ""
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), 64), strict=False))
    return str(address)


def _without_port(address: str) -> str:
    if address.startswith("["):
        return address[1:].partition("]")[0]
    host, _colon, port = address.partition(":")
    return address if ":" in port else host
