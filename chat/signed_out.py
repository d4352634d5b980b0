"""The page hears by a cookie who has signed out: what they had written, and not sent, goes from the
browser with them. Whoever's session merely ended keeps it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from inspect import iscoroutinefunction
from typing import Any, cast

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from chat.models import User

COOKIE = "signed-out"
KEPT_FOR = timedelta(days=30)
"""As long as a browser keeps what was not sent."""

Answer = HttpResponseBase | Awaitable[HttpResponseBase]


@receiver(user_logged_out)
def note(request: HttpRequest, user: User | None, **_further: Any) -> None:
    if user is not None:
        request.META[COOKIE] = str(user.pk)


@sync_and_async_middleware
def tell_the_browser(get_response: Callable[[HttpRequest], Answer]) -> Callable[..., Answer]:
    if iscoroutinefunction(get_response):

        async def answer_later(request: HttpRequest) -> HttpResponseBase:
            return _told(request, await cast("Awaitable[HttpResponseBase]", get_response(request)))

        return answer_later

    def answer(request: HttpRequest) -> HttpResponseBase:
        return _told(request, cast("HttpResponseBase", get_response(request)))

    return answer


def _told(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if person := request.META.get(COOKIE):
        # Scripts read it, and end it; it opens nothing.
        response.set_cookie(COOKIE, person, max_age=KEPT_FOR, samesite="Lax")
    return response
