"""The machine and the versions under which figures were taken."""

import json
import platform
import re
import shutil
import sqlite3
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.contenders import PEERS
from benchmarks.ejabberd import installation
from tests.live.servers import NotInstalled, postgres_program

PACKAGES = ("django", "channels", "channels-redis", "daphne", "uvicorn", "uvloop", "websockets")
NPM_PACKAGES = (("koa", "koa-websocket"), ("koa", "ws"), ("socketio", "socket.io"))
PROGRAMS = ("node", "redis-server", "postgres", "cc")


def machine() -> dict[str, Any]:
    cpu_info = Path("/proc/cpuinfo").read_text()
    memory_info = Path("/proc/meminfo").read_text()
    return {
        "processor": re.findall(r"model name\s*: (.*)", cpu_info)[0],
        "cores": len(re.findall(r"^processor", cpu_info, re.MULTILINE)),
        "memory_gib": round(int(memory_info.split()[1]) / 2**20),
        "kernel": platform.release(),
    }


def versions() -> dict[str, str]:
    """Of what is installed, by name."""
    found = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    found |= {name: package_version(name) for name in PACKAGES}
    found |= {name: npm_version(peer, name) for peer, name in NPM_PACKAGES}
    found |= {name: program_version(name) for name in PROGRAMS}
    found["ejabberd"] = "".join(path.name.partition("-")[2] for path in installation()[-1:])
    return {name: number for name, number in found.items() if number}


def package_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def npm_version(peer: str, name: str) -> str:
    package = PEERS / peer / "node_modules" / name / "package.json"
    return str(json.loads(package.read_text())["version"]) if package.exists() else ""


def program_version(name: str) -> str:
    try:
        program = postgres_program(name) if name == "postgres" else shutil.which(name)
    except NotInstalled:
        program = None
    if program is None:
        return ""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"\d+\.\d[\d.]*", said.stdout)
    return found[0] if found else ""
