"""What is measured, in rounds that the contenders take in turn."""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.contenders import Contender, Serving
from benchmarks.load_generator import LoadGenerator, Outcome, RefusedError
from benchmarks.processes import machine_seconds
from benchmarks.seats import Crowd

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Round:
    """What one contender did in one round.

    `cpu` is seconds of server CPU by kind of process; `others_cores` is how many cores programs
    that have nothing to do with the measurement kept busy meanwhile.
    """

    outcome: Outcome
    cpu: dict[str, float]
    others_cores: float
    ended_at: float

    @property
    def cpu_us_per_delivery(self) -> float:
        return sum(self.cpu.values()) * 1e6 / max(self.outcome.deliveries, 1)


@dataclass(frozen=True)
class Result:
    """One contender's figures in one measurement: medians where it went in rounds."""

    measurement: str
    title: str
    contender: str
    crowd: Crowd
    speakers: float
    figures: dict[str, float]
    faults: dict[str, int] = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)

    def cpu_ratio(self, other: "Result") -> float:
        """CPU per delivery as a multiple of the other's: the median over the pairs of rounds."""
        pairs = zip(self.rounds, other.rounds, strict=True)
        return statistics.median(a.cpu_us_per_delivery / b.cpu_us_per_delivery for a, b in pairs)


class Measurement(Protocol):
    @property
    def name(self) -> str: ...

    def steps(self, contenders: int) -> int: ...

    def crowds(self) -> list[Crowd]: ...

    def admits(self, contender: Contender) -> bool: ...

    def run(self, servings: list[Serving], progress: Progress) -> list[Result]: ...


@dataclass(frozen=True)
class Conversation:
    """Members speak in rounds. `name` is one of `speak`, `write`, `rate`.

    `variants`: contenders that differ from another in storage or processes alone take part too.
    """

    name: str
    crowd: Crowd
    speakers: float
    seconds: float
    rounds: int
    variants: bool = True

    def __str__(self) -> str:
        rooms = f" in {self.crowd.rooms} rooms" if self.crowd.rooms > 1 else ""
        how = {
            "speak": f"{self.speakers:g} speaking at once",
            "write": f"{self.speakers:g} writing, each on from its last acknowledgement",
            "rate": f"{self.speakers:g} posts a second",
        }
        return f"{self.crowd.members} members{rooms}, {how[self.name]}"

    def steps(self, contenders: int) -> int:
        return contenders * (self.rounds + 1)

    def crowds(self) -> list[Crowd]:
        return [self.crowd]

    def admits(self, contender: Contender) -> bool:
        one_room = self.crowd.rooms == 1
        return (one_room or contender.many_rooms) and (self.variants or not contender.variant)

    def run(self, servings: list[Serving], progress: Progress) -> list[Result]:
        """The contenders take turns within each round, so that a drift of the machine hits all."""
        rounds: list[tuple[Serving, LoadGenerator, list[Round]]] = []
        with ExitStack() as stack:
            for serving in servings:
                progress(f"{self}: {serving.name} warms up")
                with left_out_if_it_refuses(serving):
                    rounds.append((serving, self._warm_up(stack, serving), []))
            for _ in range(self.rounds):
                for serving, members, done in rounds:
                    progress(f"{self}: {serving.name}")
                    self._rest(serving, done)
                    done.append(self._round(serving, members))
        return [self._result(serving, done) for serving, _members, done in rounds]

    def _warm_up(self, stack: ExitStack, serving: Serving) -> LoadGenerator:
        members = stack.enter_context(serving.members(self.crowd))
        members.open(self.crowd.members)
        self._speak(members, seconds=min(self.seconds, 1))
        return members

    def _rest(self, serving: Serving, done: list[Round]) -> None:
        """Who has just said very much is taken for a flood if they go on at once."""
        if serving.dialect == "chatsite" and done:
            posts_each = done[-1].outcome.posts / self.crowd.members
            if posts_each > CALM_POSTS_EACH:
                time.sleep(max(0, done[-1].ended_at + FLOOD_SECONDS - time.monotonic()))

    def _round(self, serving: Serving, members: LoadGenerator) -> Round:
        began, busy, before = time.monotonic(), machine_seconds(), serving.cpu_seconds()
        outcome = self._speak(members, self.seconds)
        after, busy = serving.cpu_seconds(), machine_seconds() - busy
        cpu = {kind: after[kind] - before[kind] for kind in after}
        others = busy - sum(cpu.values()) - outcome.load_cpu_seconds
        ended = time.monotonic()
        return Round(outcome, cpu, max(others, 0) / (ended - began), ended)

    def _speak(self, members: LoadGenerator, seconds: float) -> Outcome:
        if self.name == "speak":
            return members.speak(int(self.speakers), seconds)
        if self.name == "write":
            return members.write(int(self.speakers), seconds)
        return members.speak_by_the_clock(self.speakers, seconds)

    def _result(self, serving: Serving, rounds: list[Round]) -> Result:
        medians = {name: statistics.median(values) for name, values in figures(rounds).items()}
        faults = {name: sum(getattr(done.outcome, name) for done in rounds) for name in FAULTS}
        return Result(
            measurement=self.name,
            title=str(self),
            contender=serving.name,
            crowd=self.crowd,
            speakers=self.speakers,
            figures=medians,
            faults=faults,
            rounds=rounds,
        )


FLOOD_SECONDS = 10
CALM_POSTS_EACH = 300
IDLE_SHARE = 0.1  # of a core
SETTLES_WITHIN = 40  # half seconds
FAULTS = ("lost", "repeated", "jumps", "errors", "closed")


def figures(rounds: list[Round]) -> dict[str, list[float]]:
    """Each figure of each round. CPU in microseconds, latency in milliseconds."""
    outcomes = [done.outcome for done in rounds]
    return {
        "cpu_us_per_delivery": [done.cpu_us_per_delivery for done in rounds],
        "deliveries_per_second": [seen.deliveries / seen.seconds for seen in outcomes],
        "posts_per_second": [seen.posts / seen.seconds for seen in outcomes],
        "acknowledged_per_second": [seen.acknowledged / seen.seconds for seen in outcomes],
        "deliveries_per_frame": [seen.deliveries / max(seen.frames, 1) for seen in outcomes],
        "each_p50_ms": [seen.each_ms[0] for seen in outcomes],
        "each_p99_ms": [seen.each_ms[1] for seen in outcomes],
        "all_p50_ms": [seen.all_ms[0] for seen in outcomes],
        "all_p99_ms": [seen.all_ms[1] for seen in outcomes],
        "others_cores": [done.others_cores for done in rounds],
        "load_cores": [seen.load_cpu_seconds / seen.seconds for seen in outcomes],
    }


@dataclass(frozen=True)
class Arrival:
    """Everybody comes in, stays in silence, leaves, and comes back asking what they missed."""

    crowd: Crowd
    idle_seconds: float = 5
    missed: int = 20
    variants: bool = True
    name: str = "arrive"

    def __str__(self) -> str:
        return (
            f"{self.crowd.members} members arrive, idle, and come back missing {self.missed} posts"
        )

    def steps(self, contenders: int) -> int:
        return contenders

    def crowds(self) -> list[Crowd]:
        return [self.crowd]

    def admits(self, contender: Contender) -> bool:
        return self.variants or not contender.variant

    def run(self, servings: list[Serving], progress: Progress) -> list[Result]:
        results = []
        for serving in servings:
            with left_out_if_it_refuses(serving):
                results.append(self._visit(serving, progress))
        return results

    def _visit(self, serving: Serving, progress: Progress) -> Result:
        progress(f"{self}: {serving.name}")
        with serving.members(self.crowd) as members:
            self._warm_up(serving, members)
            memory_before = serving.memory_bytes()
            arriving = cpu_spent(serving, lambda: members.open(self.crowd.members))
            settle(serving)
            idling = cpu_spent(serving, lambda: time.sleep(self.idle_seconds))
            memory = serving.memory_bytes() - memory_before
            members.close()
            settle(serving)
            returning = cpu_spent(serving, lambda: members.open(self.crowd.members, self.missed))
        per_member = {
            "cpu_us_per_arrival": arriving * 1e6,
            "cpu_us_per_return": returning * 1e6,
            "cpu_us_per_idle_second": idling * 1e6 / self.idle_seconds,
            "memory_kib": memory / 1024,
        }
        figures = {name: value / self.crowd.members for name, value in per_member.items()}
        return Result(self.name, str(self), serving.name, self.crowd, 0, figures)

    def _warm_up(self, serving: Serving, members: LoadGenerator) -> None:
        """Code is loaded, pools are filled, and the room has posts that can be missed."""
        members.open(min(10, self.crowd.members))
        members.speak(5, 1.0)
        members.close()
        settle(serving)


@contextmanager
def left_out_if_it_refuses(serving: Serving) -> Iterator[None]:
    """A peer that lets not everybody in is missing from the table; for Chatsite it is a fault."""
    try:
        yield
    except RefusedError as error:
        if serving.dialect == "chatsite":
            raise
        sys.stderr.write(f"Left out of one measurement: {error}\n")


def cpu_spent(serving: Serving, act: Callable[[], object]) -> float:
    """Seconds of server CPU while `act` ran."""
    before = sum(serving.cpu_seconds().values())
    act()
    return sum(serving.cpu_seconds().values()) - before


def settle(serving: Serving) -> None:
    """Wait until the server has done what is left of the last step, such as its goodbyes."""
    for _ in range(SETTLES_WITHIN):
        if cpu_spent(serving, lambda: time.sleep(0.5)) < IDLE_SHARE * 0.5:
            return
    raise TimeoutError(f"{serving.name} is still busy after {SETTLES_WITHIN / 2:g} s of silence")
