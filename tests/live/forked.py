"""Python programs that start in half the time: what they import is there already.

Only libraries are; what is ours, the settings first, each imports in the environment it is given.
"""

import functools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

_one_question = threading.Lock()


class Forked:
    """`python arguments…`, in a process group of its own; tells of it what `Popen` would.

    `arguments` are `-m module …` or `script …`. What it says is appended to the files.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        stdout: Path,
        stderr: Path,
    ) -> None:
        self._arguments = arguments
        self._status: int | None = None
        self._asking = threading.Lock()
        pid = _ask(
            arguments=arguments, cwd=str(cwd), env=dict(env), stdout=str(stdout), stderr=str(stderr)
        )
        assert pid
        self.pid = pid

    def poll(self) -> int | None:
        with self._asking:
            if self._status is None:
                self._status = _ask(pid=self.pid)
        return self._status

    def wait(self, timeout: float = float("inf")) -> int:
        end = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(self._arguments, timeout)
            time.sleep(0.01)
        return status


def _ask(**question: object) -> int | None:
    with _one_question:
        forker = _forker()
        assert forker.stdin
        assert forker.stdout
        forker.stdin.write(json.dumps(question) + "\n")
        forker.stdin.flush()
        answer: int | None = json.loads(forker.stdout.readline())
    return answer


@functools.cache
def _forker() -> subprocess.Popen[str]:
    """Ends with this process, and leaves those that it forked."""
    command = [sys.executable, "-m", "tests.live.forker"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=CHECKOUT, stdin=pipe, stdout=pipe, text=True)
