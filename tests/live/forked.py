"""Python programs that start in half the time: what they import is there already.

Only libraries are; what is ours, the settings first, each imports in the environment it is given,
unless many are started that differ in nothing but their database and port.
"""

import functools
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

OWN_TO_A_PROGRAM = ("DATABASE_URL", "PORT")
SELDOM = 3

_one_question = threading.Lock()
_asked_for: Counter[str] = Counter()


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
        self._forker = _forker_for(env)
        pid = _ask(
            self._forker,
            arguments=arguments,
            cwd=str(cwd),
            env=dict(env),
            stdout=str(stdout),
            stderr=str(stderr),
        )
        assert pid
        self.pid = pid

    def poll(self) -> int | None:
        with self._asking:
            if self._status is None:
                self._status = _ask(self._forker, pid=self.pid)
        return self._status

    def wait(self, timeout: float = float("inf")) -> int:
        end = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(self._arguments, timeout)
            time.sleep(0.01)
        return status


def _forker_for(env: Mapping[str, str]) -> subprocess.Popen[str]:
    """A site that is asked for again is kept loaded; a loaded one is dear for a single program."""
    site = json.dumps(
        {name: value for name, value in sorted(env.items()) if name not in OWN_TO_A_PROGRAM}
    )
    _asked_for[site] += 1
    is_sqlite = env.get("DATABASE_URL", "").startswith("sqlite")
    is_kept = is_sqlite and "DJANGO_SETTINGS_MODULE" not in env and _asked_for[site] > SELDOM
    return _forker(site if is_kept else "")


def _ask(forker: subprocess.Popen[str], **question: object) -> int | None:
    with _one_question:
        assert forker.stdin
        assert forker.stdout
        forker.stdin.write(json.dumps(question) + "\n")
        forker.stdin.flush()
        answer: int | None = json.loads(forker.stdout.readline())
    return answer


@functools.cache
def _forker(site: str) -> subprocess.Popen[str]:
    """Ends with this process, and leaves those that it forked."""
    command = [sys.executable, "-m", "tests.live.forker", *([site] if site else [])]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=CHECKOUT, stdin=pipe, stdout=pipe, text=True)
