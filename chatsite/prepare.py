"""What a version needs before it serves: settings that can be read, a migrated database, and the
static files in their place.

A process of its own: a `bin/serve` that lives on prepares what came after it, too.
"""

import re
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection

from chatsite import start, static_files

_QUOTED = re.compile(r"""\"[^"]*\"|'[^']*'""")


def main() -> None:
    start.read_settings()
    django.setup()
    try:
        _reach_database()
        with static_files.one_at_a_time():
            call_command("migrate", interactive=False)
            call_command("collectstatic", interactive=False)
    except (ImproperlyConfigured, PermissionError) as error:
        sys.exit(f"Chatsite cannot serve: {error}")


def _reach_database() -> None:
    """Raises ImproperlyConfigured if it cannot be reached."""
    connection.settings_dict["OPTIONS"].pop("pool", None)  # it would not say why
    try:
        connection.ensure_connection()
        return
    except Exception as error:  # noqa: BLE001 - a driver raises all sorts for what it cannot use
        reason = _without_values(str(error).strip().partition("\n")[0])
    raise ImproperlyConfigured(f"the database does not answer (DATABASE_URL): {reason}")


def _without_values(reason: str) -> str:
    """What stands in quotes there are parts of the setting: a host, a user, whatever was taken for
    one."""
    return _QUOTED.sub("…", reason)


if __name__ == "__main__":
    main()
