"""What serves the site itself."""

import http.client
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.live.scenery import Person
from tests.live.servers.server import Server

CHECKOUT = Path(__file__).resolve().parents[3]


class Daphne(Server):
    """`daphne chatsite.asgi:application`, as an operator would start it, with `env` as settings.

    `people`, by username, are those who have a session at this site.
    """

    def __init__(
        self, directory: Path, env: Mapping[str, str], people: Mapping[str, Person]
    ) -> None:
        super().__init__(directory)
        self.env = dict(env)
        self.people = people

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(self.port)),
            "chatsite.asgi:application",
        ]

    def options(self) -> dict[str, Any]:
        return {"cwd": CHECKOUT, "env": {**self.env, "PORT": str(self.port)}}

    def is_ready(self) -> bool:
        return self.health() == 200

    def health(self) -> int | None:
        """The status of /healthz; None while nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
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
