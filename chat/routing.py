"""Where WebSockets lead, and from which pages they may come."""

import logging
from typing import Any
from urllib.parse import urlsplit

from channels.routing import URLRouter
from channels.security.websocket import OriginValidator, WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.urls import path, re_path

from chat.consumers import ChatConsumer
from chat.proxies import scheme_of

logger = logging.getLogger(__name__)


class SameOrigin(OriginValidator):  # type: ignore[misc]
    """Admits pages of this very site, and of CSRF_TRUSTED_ORIGINS; others get a 403.

    The scheme, host and port must all be those at which the request came: the cookie comes along
    from any page, and would let it speak in its reader's name.
    """

    def __init__(self, application: Any) -> None:
        trusted = [origin.replace("://*.", "://.") for origin in settings.CSRF_TRUSTED_ORIGINS]
        super().__init__(application, trusted)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        headers = {name: value.decode("latin1") for name, value in scope["headers"]}
        origin = headers.get(b"origin", "")
        here = f"{scheme_of(scope)}://{headers.get(b'host', '').lower()}"
        try:
            admitted = self._admits(origin, here)
        except ValueError:
            admitted = False
        if admitted:
            return await self.application(scope, receive, send)
        logger.warning("origin_refused origin=%.200r here=%.200r", origin, here)
        return await WebsocketDenier()(scope, receive, send)

    def _admits(self, origin: str, here: str) -> bool:
        """Raises ValueError for an origin that does not parse."""
        parsed = urlsplit(origin.lower())
        if self.valid_origin(parsed):
            return True
        host, _port = split_domain_port(urlsplit(here).netloc)
        return (
            bool(host)
            and validate_host(host, settings.ALLOWED_HOSTS)
            and bool(origin)
            and self.match_allowed_origin(parsed, here)
        )


websocket_application = SameOrigin(
    URLRouter(
        [
            path("ws/chat/", ChatConsumer.as_asgi()),
            # Else the router raises, and a stranger fills the log with its tracebacks.
            re_path("", WebsocketDenier.as_asgi()),
        ]
    )
)
