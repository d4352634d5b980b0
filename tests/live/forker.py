"""Loads the libraries once, and forks off Python programs that find them there: see `Forked`.

A line of JSON asks for a program, and is answered with its process id, or asks for the status of
one, and is answered with that. Started with a site's environment as an argument, it also loads the
site, for programs that differ from it in their database and port alone.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import sys
import types
from typing import Any

# None may look at the environment or at Django's settings, nor choose Twisted's reactor.
LIBRARIES = [
    "autobahn.twisted.websocket",
    "channels.routing",
    "comrak",
    "django.contrib.admin",
    "django.core.asgi",
    "django.core.management",
    "django.db.backends.sqlite3.base",
    "nh3",
    "psycopg_pool",
    "pydantic",
    "redis.asyncio",
    "twisted.internet.asyncioreactor",
    "twisted.internet.endpoints",
    "twisted.web.http",
]


def main() -> None:
    for library in LIBRARIES:
        importlib.import_module(library)
    has_site = len(sys.argv) > 1
    if has_site:
        load_site(json.loads(sys.argv[1]))
    gc.freeze()
    for line in sys.stdin:
        request = json.loads(line)
        if "pid" in request:
            answer(status_of(request["pid"]))
        elif pid := os.fork():
            answer(pid)
        else:
            return become(**request, has_site=has_site)
    return None


def load_site(env: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(env, DJANGO_SETTINGS_MODULE="chatsite.settings")
    import django

    # As an app, daphne has it choose the reactor, which opens files that no two may share.
    sys.modules["daphne.server"] = types.ModuleType("daphne.server")
    django.setup()
    del sys.modules["daphne.server"]
    from django.template.loader import get_template
    from django.urls import get_resolver

    for module in ("chat.consumers", "chat.routing", "chat.follower", "chat.shutdown"):
        importlib.import_module(module)
    _ = get_resolver().url_patterns
    for template in ("chat/room.html", "chat/rooms/list.html", "account/login.html"):
        get_template(template)


def answer(number: int | None) -> None:
    sys.stdout.write(json.dumps(number) + "\n")
    sys.stdout.flush()


def status_of(pid: int) -> int | None:
    """None while it runs."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def become(
    arguments: list[str],
    cwd: str,
    env: dict[str, str],
    stdout: str,
    stderr: str,
    *,
    has_site: bool,
) -> None:
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    replace(0, os.devnull, os.O_RDONLY)
    replace(1, stdout, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    replace(2, stderr, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    if has_site:
        move_site()
    run(arguments)


def move_site() -> None:
    """To the database and the port of this process's environment."""
    from django.conf import settings
    from django.db import connections

    from chatsite import environment
    from chatsite.settings import _database

    settings.DATABASES = {"default": _database()}
    handler: Any = connections
    settings.PORT = environment.whole("PORT", default=settings.PORT, most=65_535)
    handler._settings = None
    vars(handler).pop("settings", None)
    with contextlib.suppress(AttributeError):  # nobody has looked at it yet
        del handler["default"]


def replace(descriptor: int, path: str, flags: int) -> None:
    opened = os.open(path, flags, 0o644)
    os.dup2(opened, descriptor)
    os.close(opened)


def run(arguments: list[str]) -> Any:
    if arguments[0] != "-m":
        sys.argv = arguments
        return runpy.run_path(arguments[0], run_name="__main__")
    sys.argv = arguments[1:]
    return runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
