"""Where the site stands is not for its visitors to say."""

from collections.abc import Awaitable, Callable
from typing import Any

Application = Callable[[Any, Any, Any], Awaitable[None]]


def at_the_root(application: Application) -> Application:
    """daphne takes `root_path` from a header, Daphne-Root-Path, of whoever asks: links and
    redirects would lead where they please."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await application({**scope, "root_path": ""}, receive, send)

    return answer
