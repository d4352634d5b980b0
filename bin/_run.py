"""Runs checks of bin/_checks: the quick ones beside the slow ones, which wait more than they work.

What a check says is kept until it ends, as two would be unreadable together.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import FrameType

CHECKS = Path(__file__).with_name("_checks")
NICENESS = 5
"""Of the quick ones: a processor is for those first that measure how long something takes."""
ENDS_WITHIN_SECONDS = 30


class Run:
    """`failed` names the checks that did, in the order of their ends."""

    def __init__(self, checks: list[str], quick: list[str]) -> None:
        self._quick = [check for check in checks if check in quick]
        self._slow = [check for check in checks if check not in quick]
        self._is_crowded = len(checks) > 1
        self._beside = Path(tempfile.mkdtemp()) / "beside"
        self._telling = threading.Lock()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self.passed: list[str] = []
        self.failed: list[str] = []

    def __call__(self) -> None:
        self._beside.touch()
        quick = threading.Thread(target=self._run_quick, daemon=True)
        quick.start()
        for check in self._slow:
            self._check(check)
        quick.join()

    def _run_quick(self) -> None:
        for check in self._quick:
            self._check(check, *(["nice", "-n", str(NICENESS)] if self._slow else []))
        self._beside.unlink()

    def _check(self, check: str, *how: str) -> None:
        began = time.monotonic()
        with tempfile.TemporaryFile() as told:
            process = subprocess.Popen(
                [*how, "bash", "-c", f"set -o pipefail; source {CHECKS}; {check}"],
                env={**os.environ, "BESIDE": str(self._beside)},
                stdin=subprocess.DEVNULL,
                stdout=told if self._is_crowded else None,
                stderr=told if self._is_crowded else None,
                start_new_session=True,
            )
            self._processes.add(process)
            (self.failed if process.wait() else self.passed).append(check)
            self._processes.discard(process)
            told.seek(0)
            with self._telling:
                self._tell(f"{check}, {time.monotonic() - began:.0f} seconds", told.read())

    def _tell(self, title: str, told: bytes) -> None:
        sys.stdout.buffer.write(f"\n== {title} ==\n".encode() + told)
        sys.stdout.buffer.flush()

    def stop(self, number: int, _frame: FrameType | None) -> None:
        """Each check has servers and browsers to see to before it ends."""
        for process in list(self._processes):
            os.killpg(process.pid, signal.SIGINT)
        for process in list(self._processes):
            process.wait(ENDS_WITHIN_SECONDS)
        sys.exit(128 + number)


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--quick", type=str.split, required=True)
    arguments.add_argument("checks", nargs="+")
    given = arguments.parse_args()
    began = time.monotonic()
    run = Run(given.checks, given.quick)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, run.stop)
    run()
    lines = [
        f"\n== bin/test, {time.monotonic() - began:.0f} seconds ==",
        *([f"Failed: {' '.join(run.failed)}"] if run.failed else []),
        f"checks: {len(run.passed)} passed, {len(run.failed)} failed",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
