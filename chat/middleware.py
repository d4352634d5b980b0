"""What every answer over HTTP gets."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

Answer = HttpResponseBase | Awaitable[HttpResponseBase]


@sync_and_async_middleware
def secure_cookies(get_response: Callable[[HttpRequest], Answer]) -> Callable[..., Answer]:
    """Cookies that were given out over HTTPS are never sent over HTTP: without a setting that a
    site without HTTPS would have to turn off."""
    if iscoroutinefunction(get_response):

        async def answer_later(request: HttpRequest) -> HttpResponseBase:
            return _secured(
                request, await cast("Awaitable[HttpResponseBase]", get_response(request))
            )

        return answer_later

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = cast("HttpResponseBase", get_response(request))
        return _secured(request, response)

    return answer


def _secured(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if request.is_secure():
        for cookie in response.cookies.values():
            cookie["secure"] = True
    return response
