"""Production in one command: several daphne processes behind one listening socket.

The socket is opened once and inherited by all: while one of them is replaced, whoever comes waits a
moment in its queue or is taken by another, and nobody is refused. SIGTERM and SIGINT stop all of
them; SIGHUP prepares what is new and replaces them one after another; one that dies is started
again.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic

from django.core.exceptions import ImproperlyConfigured

from chatsite import environment, start
from chatsite.listening import listen
from chatsite.logs import LineFormatter

logger = logging.getLogger("chatsite.serve")

READY_WITHIN = 60.0
STOPPED_WITHIN = 15.0
"""A process says goodbye to its clients for some ten seconds at most; then it is killed."""

LONGEST_PAUSE = 30.0
STEADY_AFTER = 10.0
"""Seconds after which a process that dies is started again at once."""


class Worker:
    """One place among the processes, and whichever of them holds it."""

    def __init__(self, number: int, listening: socket.socket, directory: Path) -> None:
        self.number = number
        self._listening = listening
        self._directory = directory
        self._process: Process | None = None
        self._stopping = False
        self._failures = 0
        self._generation = 0

    async def run(self) -> None:
        """Until it is stopped: keeps a process alive here."""
        while not self._stopping:
            started = monotonic()
            process = self._process or await self._start()
            self._process = process
            status = await process.wait()
            _forget_gauges(self._directory, process.pid)
            if self._process is not process:  # it was replaced
                continue
            self._process = None
            if not self._stopping:
                logger.error("worker_died worker=%d status=%s", self.number, status)
                await asyncio.sleep(self._pause(monotonic() - started))

    async def replace(self) -> None:
        """Starts the next process, waits until it listens, and only then stops the present one."""
        before = self._process
        after = await self._start()
        if not await self._is_ready(after):
            logger.error("worker_not_ready worker=%d pid=%d", self.number, after.pid)
            await _stop(after)
            return
        self._process = after
        if before:
            await _stop(before)
        logger.info("worker_replaced worker=%d pid=%d", self.number, after.pid)

    async def stop(self) -> None:
        self._stopping = True
        if self._process:
            await _stop(self._process)

    async def _start(self) -> Process:
        self._generation += 1
        arguments = ["--fd", str(self._listening.fileno()), "-u", str(self._door)]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "daphne", "--verbosity", "0", "--no-server-name"),
            *arguments,
            "chatsite.asgi:application",
            pass_fds=[self._listening.fileno()],
        )
        logger.info("worker_started worker=%d pid=%d", self.number, process.pid)
        return process

    @property
    def _door(self) -> Path:
        """A socket of the process alone, by which it is seen to be ready."""
        return self._directory / f"{self.number}-{self._generation}.sock"

    async def _is_ready(self, process: Process) -> bool:
        for _ in range(int(READY_WITHIN / 0.1)):
            if process.returncode is not None:
                return False
            with contextlib.suppress(OSError):
                _reader, writer = await asyncio.open_unix_connection(self._door)
                writer.close()
                return True
            await asyncio.sleep(0.1)
        return False

    def _pause(self, lived: float) -> float:
        self._failures = 0 if lived > STEADY_AFTER else self._failures + 1
        return min(LONGEST_PAUSE, 0.5 * 2**self._failures) if self._failures else 0


def _forget_gauges(directory: Path, pid: int) -> None:
    """What a dead process counted stays; what it was holding does not."""
    for file in directory.glob(f"gauge_live*_{pid}.db"):
        file.unlink(missing_ok=True)


async def _stop(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOPPED_WITHIN)
    except TimeoutError:
        logger.error("worker_killed pid=%d", process.pid)
        process.kill()
        await process.wait()


async def supervise(listening: socket.socket, count: int, directory: Path) -> None:
    """Returns when all have been stopped."""
    workers = [Worker(number, listening, directory) for number in range(1, count + 1)]
    stop, replace = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, replace.set)
    running = [asyncio.create_task(worker.run()) for worker in workers]
    replacing = asyncio.create_task(_replace_on_demand(workers, replace))
    await stop.wait()
    logger.info("stopping workers=%d", count)
    replacing.cancel()
    await asyncio.gather(*(worker.stop() for worker in workers))
    for task in running:
        task.cancel()


async def _replace_on_demand(workers: Sequence[Worker], wanted: asyncio.Event) -> None:
    while True:
        await wanted.wait()
        wanted.clear()
        try:
            await asyncio.to_thread(prepare)
        except subprocess.CalledProcessError:
            logger.error("not_replaced reason=not_prepared")
            continue
        for worker in workers:
            await worker.replace()


def prepare() -> None:
    """What a new version needs before it serves. Raises CalledProcessError."""
    subprocess.run([sys.executable, "-m", "chatsite.prepare"], check=True)


def missing_settings() -> Iterator[str]:
    """What only the operator knows, in words."""
    if not environment.text("SECRET_KEY"):
        yield environment.HOW_TO_MAKE_A_KEY
    if not environment.text("ALLOWED_HOSTS"):
        yield (
            "ALLOWED_HOSTS is not set: the names at which people reach this site.\n"
            "  export ALLOWED_HOSTS=chat.example.org"
        )


def _arguments() -> argparse.Namespace:
    """Raises ImproperlyConfigured."""
    several = (os.cpu_count() or 1) if environment.text("REDIS_URL") else 1
    processes = environment.whole("WEB_CONCURRENCY", default=several, least=1)
    port = environment.whole("PORT", default=8000, most=65_535)
    parser = argparse.ArgumentParser(prog="bin/serve", description=__doc__)
    parser.add_argument(
        "--processes",
        type=int,
        default=processes,
        help="how many; WEB_CONCURRENCY, else one a core with REDIS_URL set, else one",
    )
    bind = environment.text("BIND", "127.0.0.1")
    parser.add_argument("--host", default=bind, help="or BIND")
    parser.add_argument("--port", type=int, default=port, help="or PORT")
    return parser.parse_args()


def _allow_many_connections() -> None:
    """Each is a file to the kernel, and what a shell gives is some thousand."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _tell_of_the_start(arguments: argparse.Namespace) -> None:
    if not environment.mail_reaches_people("EMAIL_URL"):
        logger.warning("mail_off reason=no_email_url")
    logger.info("serving url=http://%s:%d", arguments.host, arguments.port)


def main() -> None:
    os.umask(start.PRIVATE)
    lines = logging.StreamHandler()
    lines.setFormatter(LineFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[lines])
    os.environ.setdefault("DEBUG", "0")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    if missing := list(missing_settings()):
        sys.exit("\n".join(["Chatsite cannot start yet.", *missing]))
    try:
        arguments = _arguments()
    except ImproperlyConfigured as error:
        sys.exit(f"Chatsite cannot start: {error}")
    _allow_many_connections()
    with (
        listen(arguments.host, arguments.port) as listening,
        tempfile.TemporaryDirectory(prefix="chatsite-") as directory,
    ):
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
        try:
            prepare()
        except subprocess.CalledProcessError:
            sys.exit(1)  # it has said why
        _tell_of_the_start(arguments)
        asyncio.run(supervise(listening, max(1, arguments.processes), Path(directory)))


if __name__ == "__main__":
    main()
