"""What a version needs before it serves: settings that can be read, a migrated database, and the
static files in their place.

A process of its own: a `bin/serve` that lives on prepares what came after it, too.
"""

import fcntl
import os
import sys
import traceback

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError, connection


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    try:
        _set_up()
        _reach_database()
        _migrate_and_collect()
    except (ImproperlyConfigured, PermissionError) as error:
        sys.exit(f"Chatsite cannot serve: {error}")


def _set_up() -> None:
    """Raises ImproperlyConfigured for settings that cannot be read."""
    try:
        django.setup()
    except ValueError as error:
        place = traceback.extract_tb(error.__traceback__)
        lines = [frame.line for frame in place if frame.filename.endswith("/chatsite/settings.py")]
        if not lines:
            raise
        raise ImproperlyConfigured(f"{lines[-1]}: {error}") from error


def _reach_database() -> None:
    """Raises ImproperlyConfigured if it cannot be reached."""
    connection.settings_dict["OPTIONS"].pop("pool", None)  # it would not say why
    try:
        connection.ensure_connection()
    except OperationalError as error:
        reason = str(error).strip().partition("\n")[0]
        raise ImproperlyConfigured(f"the database does not answer: {reason}") from error


def _migrate_and_collect() -> None:
    settings.STATIC_LOCK.parent.mkdir(exist_ok=True)
    with settings.STATIC_LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two would trip over each other's files
        call_command("migrate", interactive=False)
        call_command("collectstatic", interactive=False)


if __name__ == "__main__":
    main()
