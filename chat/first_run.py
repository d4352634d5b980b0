"""Whether the site waits for its first account, and the one-time link that may make it."""

import sys
from threading import Thread

from django.conf import settings
from django.core import signing
from django.db import Error, connection
from django.urls import reverse

from chat.models import Site, User

_SALT = "chat.first-run"


def is_needed() -> bool:
    return not User.objects.filter(is_superuser=True).exists()


def link() -> str:
    """The address that makes the first account; worthless once there is one."""
    return _origin() + reverse("first-run", args=[_token()])


def opens(token: str) -> bool:
    try:
        return bool(signing.loads(token, salt=_SALT) == _site().epoch)
    except signing.BadSignature:
        return False


def announce() -> None:
    """Tell the link at the start. Never raises, and never holds up the start."""
    Thread(target=_announce, name="first-run", daemon=True).start()


def _announce() -> None:
    try:
        tell_the_link()
    finally:
        connection.close()


def tell_the_link() -> None:
    """Print the link, if it is needed and there is a database to ask."""
    try:
        if is_needed():
            sys.stderr.write(f"\nThis chat is empty. Set it up at {link()}\n\n")
    except Error:
        # Not there yet, or not migrated: whoever needs it will say so more clearly.
        return


def _token() -> str:
    return signing.dumps(_site().epoch, salt=_SALT)


def _site() -> Site:
    site, _made = Site.objects.get_or_create(pk=1)
    return site


def _origin() -> str:
    if known := [origin for origin in settings.CSRF_TRUSTED_ORIGINS if "*" not in origin]:
        return str(known[0]).rstrip("/")
    hosts = [host for host in settings.ALLOWED_HOSTS if host[0] not in "*."]
    if hosts and settings.TRUST_PROXY:
        return f"https://{hosts[0]}"
    return f"http://{hosts[0] if hosts else '127.0.0.1'}:{settings.PORT}"
