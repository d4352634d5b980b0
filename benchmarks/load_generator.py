"""The members of the rooms: one lean C program for each server, obeying commands."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self, cast

SOURCES = Path(__file__).parent / "load"
BUILT = Path(__file__).parents[1] / "var" / "benchmarks"


def compile_c(name: str, sources: list[Path]) -> Path:
    """Returns the program, made anew when a source is newer. Raises CalledProcessError."""
    program = BUILT / name
    made_of = [*sources, *sources[0].parent.glob("*.h")]
    if not program.exists() or program.stat().st_mtime < max(
        path.stat().st_mtime for path in made_of
    ):
        BUILT.mkdir(parents=True, exist_ok=True)
        fresh = program.with_suffix(".new")
        options = ["-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-o", str(fresh)]
        subprocess.run(["cc", *options, *map(str, sources), "-lm"], check=True)  # noqa: S603, S607
        fresh.rename(program)
    return program


class RefusedError(Exception):
    """The server did not let every member in."""


@dataclass(frozen=True)
class Outcome:
    """What the members of one phase saw. Times come as [median, 99th percentile], in milliseconds.

    `each_ms`: from sending a post to one listener's getting it; `all_ms`: to the last one's.
    """

    seconds: float
    posts: int
    acknowledged: int
    deliveries: int
    lost: int
    repeated: int
    jumps: int
    errors: int
    closed: int
    frames: int
    bytes: int
    load_cpu_seconds: float
    each_ms: tuple[float, float]
    all_ms: tuple[float, float]
    acknowledged_ms: tuple[float, float]


class LoadGenerator:
    """Members for the server at `ports`, who take the seats of the file `seats`, if any."""

    def __init__(self, dialect: str, ports: list[int], seats: Path | None = None) -> None:
        self._dialect = dialect
        program = compile_c("load", sorted(SOURCES.glob("*.c")))
        arguments = [str(program), dialect, ",".join(map(str, ports)), str(seats or "-")]
        self._process = subprocess.Popen(  # noqa: S603
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._commands = cast("IO[str]", self._process.stdin)
        self._answers = cast("IO[str]", self._process.stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def open(self, members: int, replay: int | None = None) -> float:
        """Let them in; with `replay`, each asks back that many changes. Returns the seconds taken.

        Raises RefusedError if not all get in.
        """
        opened = self._command(f"open {members} {-1 if replay is None else replay}")
        if opened["ready"] != members:
            raise RefusedError(f"{self._dialect}: {opened['ready']} of {members} got in")
        return float(opened["seconds"])

    def speak(self, speakers: int, seconds: float) -> Outcome:
        """That many posts in flight; the next goes out when everybody has heard one."""
        return Outcome(**self._command(f"speak {speakers} {seconds}"))

    def write(self, speakers: int, seconds: float) -> Outcome:
        """That many posts in flight; the next goes out when one is acknowledged."""
        return Outcome(**self._command(f"write {speakers} {seconds}"))

    def speak_by_the_clock(self, posts_per_second: float, seconds: float) -> Outcome:
        """Whatever comes back."""
        return Outcome(**self._command(f"rate {posts_per_second} {seconds}"))

    def close(self) -> None:
        self._command("close")

    def _command(self, command: str) -> dict[str, Any]:
        self._commands.write(command + "\n")
        self._commands.flush()
        answer = self._answers.readline()
        if not answer:
            raise RefusedError(f"the load generator ended during: {command}")
        return dict(json.loads(answer))
