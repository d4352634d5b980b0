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
from chatsite.bodies import announced_bytes, refuse

IS_PACED = bool(settings.CHAT_POST_RATE)
"""No limit is none."""

person_rate = Rate(5 * IS_PACED, "pages.person", burst_seconds=3, shared=False)
"""Of one cookie; it is not asked whose it is, nor whether it is anybody's."""

address_rate = Rate(40 * IS_PACED, "pages.address", burst_seconds=5, shared=False)
"""Of all at one address, an office perhaps."""

stranger_rate = Rate(6 * IS_PACED, "pages.stranger", burst_seconds=2, shared=False)
"""Of those at one address who have no cookie: signing in and up."""

socket_rate = Rate(3 * IS_PACED, "connects.session", burst_seconds=20, shared=False)
"""Of one cookie: some times all of the tabs that a person may have."""

API_COST = 0.25
"""In pages: nothing is drawn for it."""

MAX_WAITING = 100
"""Of one cookie or address. More are refused, and so is what would wait with a long body."""

LONG_BODY_BYTES = 64 * 1024

LONGEST_KNOCK_SECONDS = 4.0
"""daphne keeps nobody longer before the door; who would have to wait longer is refused after it."""

TOO_MANY = b"Too many requests at once. Try again in a minute."

Keys = list[tuple[Rate, str]]


def paced(application: Any) -> Any:
    waiting: Counter[str] = Counter()

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        for rate, key in _keys_of(scope):
            if not await _has_turn(rate, key, waiting, scope):
                await _refuse(scope, receive, send)
                return
        await application(scope, receive, send)

    return answer


async def _has_turn(rate: Rate, key: str, waiting: Counter[str], scope: Any) -> bool:
    """At its turn; False where too many wait for theirs already."""
    place = f"{rate.name}.{key}"
    cost = API_COST if scope["path"].startswith("/api/") else 1.0
    wait = rate.look(key, cost=cost)
    if wait and waiting[place] >= _most_waiting(scope):
        return False
    has_turn = scope["type"] == "http" or wait <= LONGEST_KNOCK_SECONDS
    if has_turn:
        rate.spend(key, cost)
    if wait:
        await _wait(place, wait if has_turn else LONGEST_KNOCK_SECONDS, waiting)
    return has_turn


async def _wait(place: str, seconds: float, waiting: Counter[str]) -> None:
    waiting[place] += 1
    try:
        await asyncio.sleep(seconds)
    finally:
        waiting[place] -= 1
        if not waiting[place]:
            del waiting[place]


def _most_waiting(scope: Any) -> int:
    is_unknown = any(name == b"transfer-encoding" for name, _value in scope["headers"])
    is_long = is_unknown or announced_bytes(scope["headers"]) > LONG_BODY_BYTES
    return 0 if is_long else MAX_WAITING


def _is_free(scope: Any) -> bool:
    path: str = scope["path"]
    return scope["type"] == "http" and (path == "/healthz" or path.startswith(settings.STATIC_URL))


def _keys_of(scope: Any) -> Keys:
    if scope["type"] == "lifespan" or _is_free(scope):
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
    else:
        await refuse(send, 429, TOO_MANY, (b"retry-after", b"60"))
