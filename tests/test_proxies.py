"""By which scheme and from where somebody came, as pages and sockets see it behind any proxy."""

from io import BytesIO
from typing import Any

import pytest
from channels.testing import HttpCommunicator, WebsocketCommunicator
from django.core.handlers.asgi import ASGIRequest
from pytest_django import Settings

from chat.proxies import address_of, scheme_of
from chat.routing import SameOrigin
from chatsite.front_door import front_door

Headers = list[tuple[bytes, bytes]]
HOST = (b"host", b"chat.example.org")

SECURE = [
    [b"https"],
    [b"wss"],
    [b"HTTPS"],
    [b" Wss\t"],
    [b"https, http"],
    [b"https,http,http"],
    [b"wss, ws"],
    [b"https", b"http"],
    [b"", b"https"],
    [b",https"],
    [b'"https"'],
]
PLAIN = [
    [b"http"],
    [b"ws"],
    [b"http, https"],
    [b"http", b"https"],
    [b"httpss"],
    [b""],
    [b"\xff"],
    [],
]


def told(values: list[bytes]) -> Headers:
    return [HOST, *((b"x-forwarded-proto", value) for value in values)]


async def scheme_of_the_page(headers: Headers) -> str:
    """As Django has it, which gives out cookies by it and compares forms' origins."""
    seen: list[str] = []

    async def page(scope: Any, _receive: Any, send: Any) -> None:
        seen.append(str(ASGIRequest(scope, BytesIO()).scheme))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    await HttpCommunicator(front_door(page), "GET", "/", headers=headers).get_response()
    return seen[0]


async def admits(headers: Headers, origin: str) -> bool:
    async def greeter(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})

    site = front_door(SameOrigin(greeter))
    headers = [*headers, (b"origin", origin.encode())]
    admitted, _protocol = await WebsocketCommunicator(site, "/ws/chat/", headers).connect()
    return bool(admitted)


@pytest.mark.parametrize("values", SECURE)
async def test_behind_a_trusted_proxy_pages_and_sockets_are_secure_alike(
    settings: Settings, values: list[bytes]
) -> None:
    settings.TRUST_PROXY, settings.ALLOWED_HOSTS = 1, ["chat.example.org"]
    assert await scheme_of_the_page(told(values)) == "https"
    assert await admits(told(values), "https://chat.example.org")
    assert not await admits(told(values), "http://chat.example.org")


@pytest.mark.parametrize("values", PLAIN)
async def test_what_does_not_say_so_is_not_secure(settings: Settings, values: list[bytes]) -> None:
    settings.TRUST_PROXY, settings.ALLOWED_HOSTS = 1, ["chat.example.org"]
    assert await scheme_of_the_page(told(values)) == "http"
    assert await admits(told(values), "http://chat.example.org")
    assert not await admits(told(values), "https://chat.example.org")


@pytest.mark.parametrize("values", SECURE + PLAIN)
async def test_without_a_trusted_proxy_nobody_is_asked(
    settings: Settings, values: list[bytes]
) -> None:
    settings.TRUST_PROXY, settings.ALLOWED_HOSTS = 0, ["chat.example.org"]
    assert await scheme_of_the_page(told(values)) == "http"
    assert await admits(told(values), "http://chat.example.org")
    assert not await admits(told(values), "https://chat.example.org")


@pytest.mark.parametrize("scheme", ["https", "wss"])
async def test_a_server_that_ends_tls_itself_is_believed(settings: Settings, scheme: str) -> None:
    settings.TRUST_PROXY = 0
    assert scheme_of({"headers": [], "scheme": scheme}) == "https"


@pytest.mark.parametrize(
    ("peer", "told", "proxies", "counted"),
    [
        ("198.51.100.7", [], 0, "198.51.100.7"),
        ("198.51.100.7", [b"203.0.113.9"], 0, "198.51.100.7"),
        ("127.0.0.1", [], 0, ""),
        ("::1", [], 0, ""),
        ("::ffff:127.0.0.1", [], 0, ""),
        ("::ffff:198.51.100.7", [], 0, "198.51.100.7"),
        (None, [], 0, ""),
        ("", [], 0, ""),
        ("/run/chat.sock", [], 0, ""),
        ("127.0.0.1", [b"198.51.100.7"], 1, "198.51.100.7"),
        ("127.0.0.1", [b"1.2.3.4, 198.51.100.7"], 1, "198.51.100.7"),
        ("127.0.0.1", [b"1.2.3.4", b"198.51.100.7"], 1, "198.51.100.7"),
        ("127.0.0.1", [b"1.2.3.4, 198.51.100.7, 10.0.0.1"], 2, "198.51.100.7"),
        ("127.0.0.1", [b"198.51.100.7"], 2, "198.51.100.7"),
        ("127.0.0.1", [b"198.51.100.7:4711"], 1, "198.51.100.7"),
        ("127.0.0.1", [b"nonsense"], 1, ""),
        ("127.0.0.1", [], 1, ""),
        ("2001:db8:1:2:3:4:5:6", [], 0, "2001:db8:1:2::/64"),
        ("127.0.0.1", [b"[2001:db8:1:2::9]:4711"], 1, "2001:db8:1:2::/64"),
    ],
)
def test_an_address_is_what_the_trusted_proxies_say_it_is_and_this_machines_is_nobodys(
    peer: str | None, told: list[bytes], proxies: int, counted: str, settings: Settings
) -> None:
    settings.TRUST_PROXY = proxies
    headers = [(b"x-forwarded-for", value) for value in told]
    scope = {"client": peer if peer is None else [peer, 4711], "headers": headers}
    assert address_of(scope) == counted
