"""The first steps of whatever runs this site: files that are nobody else's, and settings that can
be read, or a line that says why not."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

PRIVATE = 0o077
"""What others of the machine may not: words, sessions and secrets lie in these files."""


def read_settings() -> None:
    """Ends the process with status 1 where they cannot be read; no value is told, nor a traceback
    that would quote one."""
    os.umask(PRIVATE)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    try:
        _ = settings.INSTALLED_APPS
    except ImproperlyConfigured as error:
        sys.exit(f"Chatsite cannot start: {error}")
    for path in _private_files():
        _close(path)


def _private_files() -> Iterator[Path]:
    """They may have been made before, by another version or by hand."""
    yield settings.BASE_DIR / ".secret-key"
    yield Path(settings.STATIC_ROOT).parent
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        for beside in ("", "-wal", "-shm", "-journal"):
            yield Path(f"{database['NAME']}{beside}")


def _close(path: Path) -> None:
    try:
        mode = path.stat().st_mode
        if mode & PRIVATE:
            path.chmod(mode & ~PRIVATE & 0o7777)
    except FileNotFoundError:
        pass
    except OSError:
        sys.stderr.write(f"Others may read {path}, and it is not ours to close.\n")
