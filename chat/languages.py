"""In which language somebody is told something."""

from types import SimpleNamespace
from typing import Any

from django.http import parse_cookie
from django.utils.translation import get_language_from_request, gettext, override

from chat import protocol
from chat.errors import ChatError


def language_of(scope: Any) -> str:
    """Of a socket: what LocaleMiddleware would take for the request that opened it."""
    headers = dict(scope["headers"])
    request: Any = SimpleNamespace(
        COOKIES=parse_cookie(headers.get(b"cookie", b"").decode("latin1")),
        META={"HTTP_ACCEPT_LANGUAGE": headers.get(b"accept-language", b"").decode("latin1")},
    )
    return get_language_from_request(request)


def error_event(refusal: ChatError, language: str) -> str:
    """The `error` as this person reads it. It was made in a thread that serves everybody."""
    with override(language):
        return protocol.error(refusal, gettext)


def sentence_of(refusal: ChatError) -> str:
    """In the language of the request that is being answered."""
    return refusal.detail.told(gettext)
