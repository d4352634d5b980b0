"""The first step of whatever runs this site: settings that can be read, or a line that says why."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def read_settings() -> None:
    """Ends the process with status 1 where they cannot be read; no value is told, nor a traceback
    that would quote one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    try:
        _ = settings.INSTALLED_APPS
    except ImproperlyConfigured as error:
        sys.exit(f"Chatsite cannot start: {error}")
