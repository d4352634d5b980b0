"""With DEBUG off, pages name their files by hashes that only `collectstatic` knows."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.core.management import call_command
from django.http import HttpRequest, HttpResponseNotFound
from django.http.response import HttpResponseBase
from servestatic.middleware import ServeStaticMiddleware
from servestatic.responders import MissingFileError


def collect_if_never_done() -> None:
    """So that plain daphne serves a fresh checkout too. `bin/serve` collects at every start."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if settings.DEBUG or manifest.exists():
        return
    with one_at_a_time():
        if not manifest.exists():
            call_command("collectstatic", interactive=False, verbosity=0)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two processes would trip over each other's files."""
    lock = Path(settings.STATIC_LOCK)
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


class StaticFilesMiddleware(ServeStaticMiddleware):  # type: ignore[misc]
    """What is not there is not found, with DEBUG too: a word, as files do not count as pages."""

    def __init__(self, get_response: Any) -> None:
        async def beyond(request: HttpRequest) -> HttpResponseBase:
            if request.path_info.startswith(settings.STATIC_URL):
                return HttpResponseNotFound("There is no such file.", content_type="text/plain")
            answer: HttpResponseBase = await get_response(request)
            return answer

        super().__init__(markcoroutinefunction(beyond))

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer: HttpResponseBase
        try:
            answer = await super().__call__(request)
        except MissingFileError:
            answer = await self.get_response(request)
        return answer
