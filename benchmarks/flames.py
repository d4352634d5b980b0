"""Flame graphs of Python servers at work, by py-spy."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.contenders import Daphne, Serving

SAMPLES_PER_SECOND = 250


@contextmanager
def recorded(serving: Serving, directory: Path) -> Iterator[None]:
    """Writes one picture a process when it ends. Sampling costs: take no figures meanwhile."""
    directory.mkdir(parents=True, exist_ok=True)
    recorders = [
        record(server.pid, directory / f"{serving.name}-{number}.svg")
        for number, server in enumerate(serving.fronts)
        if isinstance(server, Daphne)
    ]
    try:
        yield
    finally:
        for recorder in recorders:
            recorder.send_signal(signal.SIGINT)
            recorder.wait()


def record(pid: int, picture: Path) -> "subprocess.Popen[bytes]":
    rate = ["--rate", str(SAMPLES_PER_SECOND)]
    py_spy = Path(sys.executable).with_name("py-spy")
    command = [str(py_spy), "record", "--pid", str(pid), *rate, "--output", str(picture)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
