"""Who uses the site stays signed in: a session ends two weeks after its last use."""

from datetime import datetime, timedelta
from time import time
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

PROLONGED_EVERY_SECONDS = 24 * 60 * 60
_PROLONGED_AT = "prolonged_at"


def is_due(session: SessionBase) -> bool:
    """Whether somebody is signed in by it, and its cookie was given out more than a day ago."""
    age_seconds = time() - session.get(_PROLONGED_AT, 0)
    return SESSION_KEY in session and age_seconds > PROLONGED_EVERY_SECONDS


def prolong(session: SessionBase) -> None:
    """Of a request: Django stores it with the answer, and sends its cookie again."""
    session[_PROLONGED_AT] = int(time())


def prolong_stored(session_key: str) -> None:
    """Of a socket: the row alone, since no cookie can be sent. It is written once a day at most.

    `session_key` is a `stored_key`.
    """
    _old(session_key).update(expire_date=_end())


def is_stored_due(session_key: str) -> bool:
    """Read first: whoever writes stands before everybody's words."""
    return _old(session_key).exists()


def _old(session_key: str) -> QuerySet[Session]:
    old = _end() - timedelta(seconds=PROLONGED_EVERY_SECONDS)
    return Session.objects.filter(session_key=session_key, expire_date__lt=old)


def _end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, **_: Any) -> None:
    prolong(request.session)
