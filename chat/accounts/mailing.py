"""Mail that nobody waits for: how long an answer takes tells nobody whether a mail was sent."""

import logging
from concurrent.futures import ThreadPoolExecutor

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend

logger = logging.getLogger(__name__)

_LATER = ThreadPoolExecutor(1, "mail")


def send(message: EmailMessage) -> None:
    """At once where it stays on this machine, after the answer where another has to take it."""
    if isinstance(get_connection(), EmailBackend):
        _LATER.submit(_send, message)
    else:
        message.send()


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception as error:  # noqa: BLE001 - nobody else would hear of it
        logger.warning("mail_failed error=%s", type(error).__name__)
