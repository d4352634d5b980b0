"""Loads the libraries once, and forks off Python programs that find them there: see `Forked`.

A line of JSON asks for a program, and is answered with its process id, or asks for the status of
one, and is answered with that.
"""

import gc
import importlib
import json
import os
import runpy
import sys
from typing import Any

# None may look at the environment or at Django's settings, nor choose Twisted's reactor.
LIBRARIES = [
    "autobahn.twisted.websocket",
    "channels.routing",
    "django.contrib.admin",
    "django.core.asgi",
    "django.core.management",
    "django.db.backends.sqlite3.base",
    "markdown_it",
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
    gc.freeze()
    for line in sys.stdin:
        request = json.loads(line)
        if "pid" in request:
            answer(status_of(request["pid"]))
        elif pid := os.fork():
            answer(pid)
        else:
            return become(**request)
    return None


def answer(number: int | None) -> None:
    sys.stdout.write(json.dumps(number) + "\n")
    sys.stdout.flush()


def status_of(pid: int) -> int | None:
    """None while it runs."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def become(arguments: list[str], cwd: str, env: dict[str, str], stdout: str, stderr: str) -> None:
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    replace(0, os.devnull, os.O_RDONLY)
    replace(1, stdout, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    replace(2, stderr, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    run(arguments)


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
