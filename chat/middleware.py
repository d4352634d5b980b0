"""What every answer over HTTP gets."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import cast

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.middleware import common
from django.utils.decorators import sync_and_async_middleware

from chat.actions import sessions
from chat.views.metrics import bears_token

Answer = HttpResponseBase | Awaitable[HttpResponseBase]
GetResponse = Callable[[HttpRequest], Answer]
Step = Callable[[HttpRequest, HttpResponseBase], None]


@sync_and_async_middleware
def secure_cookies(get_response: GetResponse) -> Callable[..., Answer]:
    """Cookies that were given out over HTTPS are never sent over HTTP: without a setting that a
    site without HTTPS would have to turn off."""
    return _followed_by(_secure, get_response)


@sync_and_async_middleware
def for_this_site_alone(get_response: GetResponse) -> Callable[..., Answer]:
    """No other site's page loads what is answered here."""
    return _followed_by(_close_to_others, get_response)


@sync_and_async_middleware
def lasting_sessions(get_response: GetResponse) -> Callable[..., Answer]:
    """Who uses the site stays signed in, at one write a day."""
    return _followed_by(_prolong, get_response)


def _followed_by(step: Step, get_response: GetResponse) -> Callable[..., Answer]:
    if iscoroutinefunction(get_response):

        async def answer_later(request: HttpRequest) -> HttpResponseBase:
            response = await cast("Awaitable[HttpResponseBase]", get_response(request))
            step(request, response)
            return response

        return answer_later

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = cast("HttpResponseBase", get_response(request))
        step(request, response)
        return response

    return answer


def _secure(request: HttpRequest, response: HttpResponseBase) -> None:
    if request.is_secure():
        for cookie in response.cookies.values():
            cookie["secure"] = True


def _close_to_others(_request: HttpRequest, response: HttpResponseBase) -> None:
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")


def _prolong(request: HttpRequest, response: HttpResponseBase) -> None:
    # Only one that was read anyway: an answer that asks nobody's name costs no query. Where the
    # answer failed, its reading may have; and Django would store nothing.
    read = request.session.accessed and response.status_code < 500
    if read and sessions.is_due(request.session):
        sessions.prolong(request.session)


class CommonMiddleware(common.CommonMiddleware):
    """Django's, which refuses who asks under a name that is not this site's; but a probe and a
    collector of figures come by address, each machine by its own, and get nothing that has a name
    of ours in it."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        return None if _needs_no_name(request) else super().process_request(request)


def _needs_no_name(request: HttpRequest) -> bool:
    if request.method not in ("GET", "HEAD"):
        return False
    return request.path == "/healthz" or (request.path == "/metrics" and bears_token(request))
