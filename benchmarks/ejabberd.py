"""Debian's ejabberd: one room, its archive in SQLite, everybody with a password of their own."""

import base64
import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

from benchmarks.listening import Listening
from benchmarks.seats import Crowd

SCHEMA = Path("/usr/share/ejabberd/sql/lite.sql")
CONFIGURATION = Path(__file__).parent / "peers" / "ejabberd" / "ejabberd.yml"
ROOM = "hall-{crowd}@conference.localhost"


def installation() -> list[Path]:
    """The package's folder among the Erlang libraries, if it is there."""
    return sorted(Path("/usr/lib").glob("*/ejabberd-*"))


def is_installed() -> bool:
    driver = any(Path("/usr/lib/erlang/lib").glob("p1_sqlite3-*"))
    return driver and bool(installation()) and shutil.which("erl") is not None


class Ejabberd(Listening):
    """Started without Debian's wrapper, which insists on another user and the system's folders."""

    def __init__(self, directory: Path, crowds: list[Crowd]) -> None:
        super().__init__(directory)
        self.home = directory / "ejabberd"
        self.home.mkdir()
        self._configure()
        self._register(max(crowd.members for crowd in crowds))
        for crowd in crowds:
            lines = [f"{ROOM.format(crowd=crowd)} {plain(i)}\n" for i in range(crowd.members)]
            (self.home / str(crowd)).write_text("".join(lines))

    def _configure(self) -> None:
        template = CONFIGURATION.read_text()
        filled = template.replace("@PORT@", str(self.port)).replace("@DIRECTORY@", str(self.home))
        (self.home / "ejabberd.yml").write_text(filled)

    def _register(self, members: int) -> None:
        accounts = [(f"member{i}", password(i)) for i in range(members)]
        with sqlite3.connect(self.home / "ejabberd.sqlite3") as database:
            database.executescript(SCHEMA.read_text())
            database.executemany("INSERT INTO users (username, password) VALUES (?, ?)", accounts)

    def command(self) -> list[str]:
        mnesia = ["-mnesia", "dir", f'"{self.home}/mnesia"']
        return ["erl", "-noinput", "+K", "true", "+P", "250000", *mnesia, "-s", "ejabberd"]

    def options(self) -> dict[str, Any]:
        libraries = installation()[-1].parent
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "ERL_LIBS": str(libraries),
            "EJABBERD_CONFIG_PATH": str(self.home / "ejabberd.yml"),
            "EJABBERD_LOG_PATH": str(self.home / "ejabberd.log"),
        }
        return {"cwd": self.home, "env": env}


def password(member: int) -> str:
    return f"password-{member}"


def plain(member: int) -> str:
    """What SASL PLAIN sends."""
    return base64.b64encode(f"\0member{member}\0{password(member)}".encode()).decode()
