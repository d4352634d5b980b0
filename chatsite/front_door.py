"""Where the site stands, and how it was reached, is not for its visitors to say."""

from collections.abc import Awaitable, Callable
from typing import Any

from chat.proxies import scheme_of

Application = Callable[[Any, Any, Any], Awaitable[None]]


def front_door(application: Application) -> Application:
    """daphne takes `root_path` from a header, Daphne-Root-Path, of whoever asks: links and
    redirects would lead where they please. And pages and sockets take the scheme from one place.
    """

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        place = {} if scope["type"] == "lifespan" else {"root_path": "", "scheme": scheme_of(scope)}
        await application({**scope, **place}, receive, send)

    return answer
