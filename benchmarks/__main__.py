"""`bin/bench`: see benchmarks/README.md."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Never

from tqdm import tqdm

from benchmarks import growth, growth_report
from benchmarks.contenders import CONTENDERS, Stage
from benchmarks.flames import recorded
from benchmarks.measurements import Arrival, Conversation, Measurement, Result
from benchmarks.plot import draw_all
from benchmarks.report import table, write
from benchmarks.seats import Crowd

RESULTS = Path(__file__).parent / "results"
SCRATCH = Path(__file__).parents[1] / "var" / "benchmarks"

# Members, posts in flight, whether contenders that differ in storage or processes alone take part.
ROOMS = [
    (10, 1, False),
    (10, 10, False),
    (100, 1, False),
    (100, 20, True),
    (900, 1, False),
    (900, 20, False),
]
QUICK_ROOMS = [(100, 1, False), (100, 20, True)]
QUICK = ["floor", "koa", "socketio", "tutorial-memory", "chatsite-daphne", "chatsite-uvicorn"]


def arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("bin/bench", description="What a delivered message costs.")
    parser.add_argument("--quick", action="store_true", help="two minutes: one room, six servers")
    parser.add_argument("--only", type=names, help=f"of: {', '.join(CONTENDERS)}")
    parser.add_argument(
        "--measure", type=lambda text: text.split(","), help="speak,rate,arrive,write"
    )
    parser.add_argument(
        "--growth", action="store_true", help="only what questions cost as a site grows"
    )
    parser.add_argument("--members", type=int, help="a room of this size alone")
    parser.add_argument(
        "--speakers",
        type=int,
        default=20,
        help="with --members: posts in flight; by the clock: a second",
    )
    parser.add_argument("--seconds", type=float, help="length of a round")
    parser.add_argument("--rounds", type=int, help="how many; the medians are reported")
    parser.add_argument("--output", type=Path, help="the JSON file to write")
    parser.add_argument("--profile", type=Path, help="a folder for flame graphs of Python servers")
    return parser.parse_args(given)


def names(text: str) -> list[str]:
    chosen = text.split(",")
    if unknown := set(chosen) - set(CONTENDERS):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return chosen


def installed(wanted: list[str]) -> list[str]:
    found = [name for name in wanted if CONTENDERS[name].is_installed()]
    for name in set(wanted) - set(found):
        sys.stderr.write(f"Skipped, for this machine does not have it: {name}\n")
    return found


def plan(asked: argparse.Namespace) -> list[Measurement]:
    seconds = asked.seconds or (1 if asked.quick else 3)
    rounds = asked.rounds or (3 if asked.quick else 5)
    if asked.members:
        crowd = Crowd(asked.members)
        kinds = asked.measure or ["speak"]
        every: list[Measurement] = [
            Conversation("speak", crowd, asked.speakers, seconds, rounds),
            Conversation("rate", crowd, asked.speakers, seconds, rounds),
            Conversation("write", crowd, asked.speakers, seconds, rounds),
            Arrival(crowd),
        ]
        return [one for one in every if one.name in kinds]
    rooms = QUICK_ROOMS if asked.quick else ROOMS
    everything: list[Measurement] = [
        Arrival(Crowd(rooms[-1][0]), idle_seconds=2 if asked.quick else 5, variants=False),
        *(
            Conversation("speak", Crowd(members), speakers, seconds, rounds, variants=everyone)
            for members, speakers, everyone in rooms
        ),
        Conversation("rate", Crowd(100), 20, seconds, rounds),
        Conversation("write", Crowd(200, 20), 200, seconds, rounds),
    ]
    return [one for one in everything if not asked.measure or one.name in asked.measure]


def run(
    measurements: list[Measurement], chosen: list[str], flames: Path | None
) -> Iterator[list[Result]]:
    """Yields what each measurement found, as soon as it is done."""
    crowds = list(dict.fromkeys(crowd for one in measurements for crowd in one.crowds()))
    steps = sum(one.steps(len(taking_part(one, chosen))) for one in measurements) + len(chosen)
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="chatsite-bench-"))
        bar = stack.enter_context(tqdm(total=steps, unit="step", disable=None))
        stage = Stage(Path(directory), crowds)
        servings = {}
        for name in chosen:
            bar.set_description(f"starting {name}")
            servings[name] = stack.enter_context(CONTENDERS[name].serve(name, stage))
            if flames:
                stack.enter_context(recorded(servings[name], flames))
            bar.update()
        for one in measurements:
            part = [servings[name] for name in taking_part(one, chosen)]
            yield one.run(part, partial(advance, bar))


def advance(bar: "tqdm[Never]", step: str) -> None:
    bar.set_description(step)
    bar.update()


def taking_part(measurement: Measurement, chosen: list[str]) -> list[str]:
    return [name for name in chosen if measurement.admits(CONTENDERS[name])]


def grow(given: list[str], output: Path) -> int:
    """How much more is asked of a large site. Returns the exit status."""
    answers = []
    with tqdm(unit="step", disable=None) as bar:
        for database in growth.DATABASES:
            answers.append(growth.measure(database, partial(advance, bar)))
            tqdm.write(growth_report.table(answers[-1]) + "\n")
    growth_report.write(output, given, answers)
    growth_report.write_plans(answers)
    sys.stdout.write(f"Everything is in {output} and {growth_report.PLANS}\n")
    return int(any(one.ratio > growth.MOST for each in answers for one in each.growths))


def main(given: list[str]) -> int:
    asked = arguments(given)
    if asked.growth:
        return grow(given, asked.output or RESULTS / "growth.json")
    chosen = installed(asked.only or (QUICK if asked.quick else list(CONTENDERS)))
    whole = not (asked.quick or asked.only or asked.members or asked.measure)
    output = asked.output or (RESULTS / "full.json" if whole else SCRATCH / "last.json")
    results: list[Result] = []
    for found in run(plan(asked), chosen, asked.profile):
        results += found
        tqdm.write(table(found) + "\n")
        write(output, given, results)
    sys.stdout.write(f"Everything is in {output}\n")
    status = int(any(any(result.faults.values()) for result in results))
    if whole:
        draw_all(output)
        status |= grow(given, RESULTS / "growth.json")
    return status


if __name__ == "__main__":
    # An orderly end, so that no server is left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    sys.exit(main(sys.argv[1:]))
