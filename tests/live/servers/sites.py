"""What serves the site itself."""

import http.client
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.live.forked import CHECKOUT, Forked
from tests.live.scenery import Person
from tests.live.servers.server import Process, Server

if TYPE_CHECKING:
    import ssl


class Daphne(Server):
    """`daphne chatsite.asgi:application`, as an operator would start it, with `env` as settings.

    Forked off a process that has the libraries loaded, it is there in a third of the time.
    `people`, by username, are those who have a session at this site.
    """

    def __init__(
        self, directory: Path, env: Mapping[str, str], people: Mapping[str, Person]
    ) -> None:
        super().__init__(directory, int(env.get("PORT", 0)))
        self.env = dict(env)
        self.people = people
        self.tls: ssl.SSLContext | None = None

    @property
    def origin(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def connection(self) -> http.client.HTTPConnection:
        """Nothing is sent yet."""
        if self.tls:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(self.port)),
            "chatsite.asgi:application",
        ]

    def launch(self) -> Process:
        _program, *arguments = self.command()
        if arguments[0] != "-m":  # a program of another making
            return super().launch()
        log = self.log_path
        return Forked(arguments, stdout=log, stderr=log, **self.options())

    def options(self) -> dict[str, Any]:
        return {"cwd": CHECKOUT, "env": {**self.env, "PORT": str(self.port)}}

    def is_ready(self) -> bool:
        return self.health() == 200

    def health(self) -> int | None:
        """The status of /healthz; None while nobody answers."""
        connection = self.connection()
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


class Uvicorn(Daphne):
    """The same site under another server."""

    def command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--port", str(self.port)),
            *("--log-level", "info", "--lifespan", "off", "chatsite.asgi:application"),
        ]
