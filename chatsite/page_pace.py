"""How fast pages and sockets are taken up: who asks for more waits, and nearly nothing is refused.

What a page costs is the same whatever it answers, a refusal too, and a socket costs most before it
is open. Files and `/healthz` cost next to nothing and do not count.
"""

import asyncio
from collections import Counter
from typing import Any

from django.conf import settings

from chat import arrivals
from chat.actions.rates import Rate
from chat.proxies import address_of
from chat.session_store import stored_key
from chatsite.bodies import announced_bytes

IS_PACED = bool(settings.CHAT_POST_RATE)
"""No limit is none."""

person_rate = Rate(10 * IS_PACED, "pages.person", burst_seconds=3, shared=False)
"""Of one cookie; it is not asked whose it is, nor whether it is anybody's."""

address_rate = Rate(40 * IS_PACED, "pages.address", burst_seconds=5, shared=False)
"""Of all at one address, an office perhaps."""

stranger_rate = Rate(10 * IS_PACED, "pages.stranger", burst_seconds=3, shared=False)
"""Of those at one address who have no cookie: signing in and up."""

socket_rate = Rate(3 * IS_PACED, "connects.session", burst_seconds=20, shared=False)
"""Of one cookie: some times all of the tabs that a person may have."""

MAX_WAITING = 100
"""Of one cookie or address. More are refused, and so is what would wait with a long body."""

LONG_BODY_BYTES = 64 * 1024

FREE_OF_CHARGE = (settings.STATIC_URL, "/healthz", "/metrics")

TOO_MANY = b"Too many requests at once. Try again in a minute."

Keys = list[tuple[Rate, str]]


def paced(application: Any) -> Any:
    waiting: Counter[str] = Counter()

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        for rate, key in _keys_of(scope):
            if not await _has_turn(rate, key, waiting, _most_waiting(scope)):
                await _refuse(scope, receive, send)
                return
        await application(scope, receive, send)

    return answer


async def _has_turn(rate: Rate, key: str, waiting: Counter[str], most: int) -> bool:
    """False where too many wait for it already."""
    if waiting[key] >= most and rate.look(key):
        return False
    waiting[key] += 1
    try:
        while wait := rate.take(key):  # noqa: ASYNC110 - time is what is waited for
            await asyncio.sleep(wait)
    finally:
        waiting[key] -= 1
        if not waiting[key]:
            del waiting[key]
    return True


def _most_waiting(scope: Any) -> int:
    return MAX_WAITING if announced_bytes(scope["headers"]) <= LONG_BODY_BYTES else 0


def _keys_of(scope: Any) -> Keys:
    if scope["type"] == "lifespan" or scope["path"].startswith(FREE_OF_CHARGE):
        return []
    address, session = address_of(scope), arrivals.session_key_of(scope)
    if scope["type"] == "websocket" and session:
        keys = [(socket_rate, stored_key(session))]
    elif session:
        keys = [(person_rate, stored_key(session)), (address_rate, address)]
    else:
        keys = [(stranger_rate, address)]
    return [(rate, key) for rate, key in keys if key]


async def _refuse(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close"})
        return
    headers = [
        (b"content-type", b"text/plain"),
        (b"content-length", str(len(TOO_MANY)).encode()),
        (b"retry-after", b"60"),
    ]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": TOO_MANY})
