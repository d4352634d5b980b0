"""From which pages a WebSocket may come."""

from collections.abc import Callable
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from pytest_django import Settings

from chat.routing import SameOrigin, websocket_application

HERE = "chat.example.com"


async def greeter(scope: Any, receive: Any, send: Any) -> None:
    """Admits everybody."""
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})


Knock = Callable[..., Any]


@pytest.fixture
def knock(settings: Settings) -> Knock:
    """Whether a socket with these headers is admitted."""
    settings.ALLOWED_HOSTS = [HERE, ".wild.example.com", "[::1]", "127.0.0.1"]

    async def knock(origin: str | None, host: str | None = HERE, **further: str) -> bool:
        headers = [(name.replace("_", "-"), value) for name, value in further.items()]
        headers += [("origin", origin)] if origin is not None else []
        headers += [("host", host)] if host is not None else []
        encoded = [(name.encode(), value.encode("latin1")) for name, value in headers]
        communicator = WebsocketCommunicator(SameOrigin(greeter), "/ws/chat/", encoded)
        admitted, _protocol = await communicator.connect()
        return bool(admitted)

    return knock


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://chat.example.com", HERE),
        ("http://chat.example.com:80", HERE),
        ("http://chat.example.com", "chat.example.com:80"),
        ("http://chat.example.com:8000", "chat.example.com:8000"),
        ("HTTP://Chat.Example.COM", "CHAT.example.com"),
        ("http://a.wild.example.com", "a.wild.example.com"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
    ],
)
async def test_a_page_of_this_site_is_admitted(knock: Knock, origin: str, host: str) -> None:
    assert await knock(origin, host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://evil.example", HERE),
        ("http://chat.example.com.evil.example", HERE),
        ("http://evil-chat.example.com", HERE),
        ("http://sub.chat.example.com", HERE),
        ("http://chat.example.com:8000", HERE),
        ("http://chat.example.com", "chat.example.com:8000"),
        ("http://chat.example.com:8001", "chat.example.com:8000"),
        ("https://chat.example.com", HERE),
        ("https://chat.example.com", "chat.example.com:443"),
        ("ws://chat.example.com", HERE),
        ("file://chat.example.com", HERE),
        ("chat.example.com", HERE),
        ("//chat.example.com", HERE),
        ("null", HERE),
        ("", HERE),
        (None, HERE),
        ("http://", HERE),
        ("http://[", HERE),
        ("http://[::1", "[::1]:8000"),
        ("http://chat.example.com:port", HERE),
        ("http://chat.example.com:99999", HERE),
        ("http://chat.example.com@evil.example", HERE),
        ("http://other.example.com", "other.example.com"),
        ("http://chat.example.com", "other.example.com"),
        ("http://chat.example.com", None),
        ("http://chat.example.com", ""),
        ("http://chat.example.com", "["),
        ("http://chat.example.com", "chat.example.com:port"),
        ("\xe9", HERE),
    ],
)
async def test_any_other_page_is_not(knock: Knock, origin: str | None, host: str | None) -> None:
    assert not await knock(origin, host)


async def test_a_trusted_origin_is_admitted_at_any_host(knock: Knock, settings: Settings) -> None:
    assert not await knock("https://front.example.org")
    settings.CSRF_TRUSTED_ORIGINS = ["https://front.example.org", "https://*.example.net:8443"]
    assert await knock("https://front.example.org")
    assert await knock("https://front.example.org", "inner.local")
    assert await knock("https://a.example.net:8443")
    assert await knock("https://a.b.example.net:8443")


@pytest.mark.parametrize(
    "origin",
    [
        "http://front.example.org",
        "https://front.example.org:444",
        "https://sub.front.example.org",
        "https://a.example.net",
        "http://a.example.net:8443",
        "https://evilexample.net:8443",
        "https://example.net.evil.example:8443",
        "null",
    ],
)
async def test_trust_is_for_exactly_what_is_named(
    knock: Knock, settings: Settings, origin: str
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://front.example.org", "https://*.example.net:8443"]
    assert not await knock(origin)


async def test_a_trusted_proxy_tells_the_scheme(knock: Knock, settings: Settings) -> None:
    settings.TRUST_PROXY = True
    assert await knock("https://chat.example.com", x_forwarded_proto="https")
    assert await knock("https://chat.example.com:443", x_forwarded_proto="HTTPS")
    assert await knock("http://chat.example.com", x_forwarded_proto="http")
    assert not await knock("http://chat.example.com", x_forwarded_proto="https")
    assert not await knock("https://chat.example.com")


async def test_nobody_else_tells_the_scheme(knock: Knock) -> None:
    assert not await knock("https://chat.example.com", x_forwarded_proto="https")
    assert await knock("http://chat.example.com", x_forwarded_proto="https")


async def test_who_is_refused_is_logged_with_both_addresses(
    knock: Knock, caplog: pytest.LogCaptureFixture
) -> None:
    await knock("http://evil.example\u00e9")
    assert "evil.example" in caplog.text
    assert "http://chat.example.com" in caplog.text


@pytest.mark.parametrize("path", ["/", "/ws/", "/ws/chat", "/ws/chat/x/", "/ws/other/", "/a\nb"])
async def test_a_socket_at_any_other_path_is_denied(settings: Settings, path: str) -> None:
    settings.ALLOWED_HOSTS = [HERE]
    headers = [(b"origin", f"http://{HERE}".encode()), (b"host", HERE.encode())]
    communicator = WebsocketCommunicator(websocket_application, path, headers)
    admitted, _code = await communicator.connect()
    assert not admitted
