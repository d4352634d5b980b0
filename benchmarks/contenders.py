"""The servers under test, and how each is started."""

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.ejabberd import Ejabberd, is_installed
from benchmarks.listening import Listening
from benchmarks.load_generator import LoadGenerator, compile_c
from benchmarks.processes import cpu_seconds, memory_bytes
from benchmarks.seats import Crowd
from tests.live.servers import CHECKOUT, PrivatePostgres, PrivateRedis, Server
from tests.live.site import environment, run_python

PEERS = Path(__file__).parent / "peers"


class Stage:
    """What one run's contenders share: a directory for files, and the crowds that will come."""

    def __init__(self, directory: Path, crowds: list[Crowd]) -> None:
        self.directory = directory
        self.crowds = crowds
        self._prepared: Path | None = None

    def sqlite_copy(self, name: str) -> str:
        """A database of its own with everybody seated. Returns its URL."""
        if self._prepared is None:
            self._prepared = self.directory / "prepared.sqlite3"
            self.prepare(f"sqlite:///{self._prepared}", "prepared")
        copy = self.directory / f"{name}.sqlite3"
        shutil.copy(self._prepared, copy)
        shutil.copytree(self.seats("prepared"), self.seats(name))
        return f"sqlite:///{copy}"

    def prepare(self, database_url: str, name: str) -> None:
        """Migrate, and seat everybody."""
        env = environment(database_url)
        run_python("manage.py", "migrate", "--verbosity", "0", env=env)
        seated = run_python("-m", "benchmarks.seats", *map(str, self.crowds), env=env)
        self.seats(name).mkdir()
        for crowd, seats in json.loads(seated).items():
            lines = "".join(f"{room} {session}\n" for room, session in seats)
            (self.seats(name) / crowd).write_text(lines)

    def seats(self, name: str) -> Path:
        return self.directory / f"{name}-seats"


@dataclass
class Serving:
    """A contender that is up: the processes that members connect to, and those behind them."""

    name: str
    dialect: str
    fronts: list[Server]
    behind: list[Server] = field(default_factory=list)
    seats: Path | None = None

    def members(self, crowd: Crowd) -> LoadGenerator:
        seats = self.seats / str(crowd) if self.seats else None
        return LoadGenerator(self.dialect, [server.port for server in self.fronts], seats)

    def cpu_seconds(self) -> dict[str, float]:
        """So far, by the kind of process."""
        kinds = {"front": self.fronts} | {type(server).__name__: [server] for server in self.behind}
        return {kind: cpu_seconds(server.pid for server in kinds[kind]) for kind in kinds}

    def memory_bytes(self) -> int:
        return memory_bytes(server.pid for server in [*self.fronts, *self.behind])


Start = Callable[[str, Stage, contextlib.ExitStack], Serving]


@dataclass(frozen=True)
class Contender:
    """`variant`: differs from another in storage or number of processes alone."""

    title: str
    start: Start
    many_rooms: bool = False
    variant: bool = False
    is_installed: Callable[[], bool] = lambda: True

    @contextlib.contextmanager
    def serve(self, name: str, stage: Stage) -> Iterator[Serving]:
        with contextlib.ExitStack() as stack:
            yield self.start(name, stage, stack)


# ---- the peers ----


class Floor(Listening):
    def command(self) -> list[str]:
        return [str(compile_c("floor", [PEERS / "floor" / "floor.c"])), str(self.port)]


class Koa(Listening):
    def command(self) -> list[str]:
        return ["node", str(PEERS / "koa" / "server.js"), str(self.port)]


class SocketIO(Listening):
    def command(self) -> list[str]:
        return ["node", str(PEERS / "socketio" / "server.js"), str(self.port)]


class Daphne(Listening):
    """Any ASGI application, with `env` as its whole environment."""

    def __init__(self, directory: Path, application: str, env: dict[str, str]) -> None:
        super().__init__(directory)
        self.application = application
        self.env = env

    def command(self) -> list[str]:
        where = ["-b", "127.0.0.1", "-p", str(self.port)]
        return [sys.executable, "-m", "daphne", *where, self.application]

    def options(self) -> dict[str, Any]:
        return {"cwd": CHECKOUT, "env": {**self.env, "PORT": str(self.port)}}


class Uvicorn(Daphne):
    """With the loop that its documentation recommends."""

    def command(self) -> list[str]:
        where = ["--host", "127.0.0.1", "--port", str(self.port)]
        how = ["--loop", "uvloop", "--ws", "websockets-sansio", "--lifespan", "off"]
        return [sys.executable, "-m", "uvicorn", *where, *how, self.application]


def single(server: type[Server], dialect: str) -> Start:
    def start(name: str, stage: Stage, stack: contextlib.ExitStack) -> Serving:
        return Serving(name, dialect, [stack.enter_context(server(stage.directory))])

    return start


def tutorial(processes: int = 1, *, redis: bool) -> Start:
    def start(name: str, stage: Stage, stack: contextlib.ExitStack) -> Serving:
        behind: list[Server] = []
        env = {"PATH": os.environ["PATH"]}
        if redis:
            behind.append(private := stack.enter_context(PrivateRedis(stage.directory)))
            env["REDIS_URL"] = private.url
        application = "benchmarks.peers.tutorial.asgi:application"
        fronts: list[Server] = [
            stack.enter_context(Daphne(stage.directory, application, env)) for _ in range(processes)
        ]
        return Serving(name, "tutorial", fronts, behind)

    return start


def ejabberd(name: str, stage: Stage, stack: contextlib.ExitStack) -> Serving:
    server = stack.enter_context(Ejabberd(stage.directory, stage.crowds))
    return Serving(name, "xmpp", [server], seats=server.home)


# ---- Chatsite ----


def chatsite(
    server: type[Daphne], processes: int = 1, *, redis: bool = False, postgres: bool = False
) -> Start:
    def start(name: str, stage: Stage, stack: contextlib.ExitStack) -> Serving:
        behind: list[Server] = []
        settings: dict[str, str] = {}
        if redis:
            behind.append(private := stack.enter_context(PrivateRedis(stage.directory)))
            settings["REDIS_URL"] = private.url
        if postgres:
            behind.append(cluster := stack.enter_context(PrivatePostgres(stage.directory)))
            stage.prepare(database_url := cluster.create_database(), name)
        else:
            database_url = stage.sqlite_copy(name)
        env = environment(database_url, **settings)
        application = "chatsite.asgi:application"
        fronts: list[Server] = [
            stack.enter_context(server(stage.directory, application, env)) for _ in range(processes)
        ]
        return Serving(name, "chatsite", fronts, behind, stage.seats(name))

    return start


def chatsite_contender(
    title: str, server: type[Daphne], processes: int = 1, **parts: bool
) -> Contender:
    start = chatsite(server, processes, **parts)
    return Contender(title, start, many_rooms=True, variant=bool(parts))


CONTENDERS = {
    "floor": Contender("floor: one send() a delivery, C", single(Floor, "plain")),
    "koa": Contender("Koa, koa-websocket", single(Koa, "plain")),
    "socketio": Contender("Socket.IO room", single(SocketIO, "socketio")),
    "tutorial-memory": Contender("Channels tutorial, in memory", tutorial(redis=False)),
    "tutorial-redis": Contender("Channels tutorial, Redis", tutorial(redis=True)),
    "tutorial-redis-4": Contender(
        "Channels tutorial, Redis, 4", tutorial(4, redis=True), variant=True
    ),
    "ejabberd": Contender("ejabberd, SQLite", ejabberd, is_installed=is_installed),
    "chatsite-daphne": chatsite_contender("Chatsite, daphne, SQLite", Daphne),
    "chatsite-uvicorn": chatsite_contender("Chatsite, uvicorn, SQLite", Uvicorn),
    "chatsite-daphne-postgres": chatsite_contender(
        "Chatsite, daphne, PostgreSQL", Daphne, postgres=True
    ),
    "chatsite-uvicorn-postgres": chatsite_contender(
        "Chatsite, uvicorn, PostgreSQL", Uvicorn, postgres=True
    ),
    "chatsite-daphne-redis": chatsite_contender(
        "Chatsite, daphne, SQLite, Redis", Daphne, redis=True
    ),
    "chatsite-daphne-4": chatsite_contender(
        "Chatsite, 4 daphnes, PostgreSQL, Redis", Daphne, 4, redis=True, postgres=True
    ),
    "chatsite-uvicorn-4": chatsite_contender(
        "Chatsite, 4 uvicorns, PostgreSQL, Redis", Uvicorn, 4, redis=True, postgres=True
    ),
}
