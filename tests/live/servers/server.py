"""A program that serves a port, for as long as a test needs it."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

from tests.live.forked import Forked

Process = subprocess.Popen[bytes] | Forked

STARTS_WITHIN = 60.0
STOPS_WITHIN = 15.0


class NotInstalled(Exception):
    """The machine has no such program."""


class Server:
    """A program that serves a port, in a process group of its own, its output in `log_path`.

    As a context manager it is started, waited for, and stopped.
    """

    def __init__(self, directory: Path, port: int | None = None) -> None:
        self.port = port or free_port()
        self.log_path = directory / f"{type(self).__name__.lower()}-{self.port}.log"
        self.process: Process | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def is_ready(self) -> bool:
        raise NotImplementedError

    def options(self) -> dict[str, Any]:
        """What `Popen` needs beyond the command."""
        return {}

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self.process = self.launch()
        self.until_ready()

    def launch(self) -> Process:
        with self.log_path.open("ab") as log:
            return subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.options(),
            )

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
