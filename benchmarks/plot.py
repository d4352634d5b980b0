"""Draws the figures of a whole run: `python -m benchmarks.plot benchmarks/results/full.json`."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.contenders import CONTENDERS

INK = "#1f2328"
FAINT = "#d8dee4"
COLOURS = {
    "chatsite-daphne": "#0b6e4f",
    "chatsite-uvicorn": "#25a18e",
    "koa": "#d1495b",
    "socketio": "#edae49",
    "tutorial-memory": "#6c757d",
    "tutorial-redis": "#adb5bd",
    "floor": "#212529",
    "ejabberd": "#5e60ce",
}
Found = dict[str, Any]


def draw_all(results: Path) -> None:
    """Writes the pictures beside the JSON file `results`."""
    found: list[Found] = json.loads(results.read_text())["results"]
    mpl.rcParams.update(
        {
            "font.size": 10,
            "text.color": INK,
            "axes.labelcolor": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "axes.edgecolor": FAINT,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "savefig.facecolor": "white",
        }
    )
    save(cost(found), results.with_name("cost.png"))
    save(growth(found), results.with_name("growth.png"))
    save(latency(found), results.with_name("latency.png"))


def save(picture: Figure, path: Path) -> None:
    picture.savefig(path, dpi=160, bbox_inches="tight", metadata={"Software": None})
    plt.close(picture)


def cost(found: list[Found]) -> Figure:
    talk = [one for one in found if is_talk(one, members=100, speakers=20)]
    picture, axes = plt.subplots(figsize=(8, 0.42 * len(talk) + 0.9))
    bars(axes, talk, lambda one: one["figures"]["cpu_us_per_delivery"], "µs")
    axes.set_xlabel("server CPU per delivered message, µs (shorter is better, logarithmic)")
    axes.set_title("100 members, 20 of them speaking at once", loc="left", weight="bold")
    return picture


def latency(found: list[Found]) -> Figure:
    calm = [one for one in found if one["measurement"] == "rate"]
    picture, axes = plt.subplots(figsize=(8, 0.42 * len(calm) + 0.9))
    bars(axes, calm, lambda one: one["figures"]["each_p50_ms"], "ms")
    ends = [one["figures"]["each_p99_ms"] for one in ordered(calm, "each_p50_ms")]
    axes.plot(ends, range(len(ends)), "|", color=INK, markersize=14)
    axes.set_xlabel("from sending to a listener, ms: median, and 99th percentile as a line")
    axes.set_title("100 members, 20 posts a second", loc="left", weight="bold")
    return picture


def bars(axes: Axes, found: list[Found], value: Callable[[Found], float], unit: str) -> None:
    found = sorted(found, key=value, reverse=True)
    values = [value(one) for one in found]
    axes.barh(range(len(found)), values, color=[colour(one["contender"]) for one in found])
    axes.set_yticks(range(len(found)), [title(one["contender"]) for one in found])
    axes.set_xscale("log")
    axes.set_xlim(min(values) / 2, max(values) * 2)
    for place, one in enumerate(values):
        axes.annotate(f" {one:.3g} {unit}", (one, place), va="center", color=INK)
    axes.tick_params(length=0)
    axes.set_xticks([])
    axes.set_xticks([], minor=True)


def ordered(found: list[Found], figure: str) -> list[Found]:
    return sorted(found, key=lambda one: float(one["figures"][figure]), reverse=True)


def growth(found: list[Found]) -> Figure:
    """Cost against the size of the room; many speaking beside one speaking."""
    picture, pair = plt.subplots(1, 2, figsize=(9, 4), sharey=True)
    many = [one for one in found if one["measurement"] == "speak" and one["speakers"] > 1]
    alone = [one for one in found if one["measurement"] == "speak" and one["speakers"] == 1]
    lines(pair[0], many, "Twenty speaking at once (ten of 10)")
    lines(pair[1], alone, "One speaking")
    pair[0].set_ylabel("server CPU per delivered message, µs")
    pair[1].legend(frameon=False, loc="center left", bbox_to_anchor=(1.02, 0.5))
    return picture


def lines(axes: Axes, found: list[Found], heading: str) -> None:
    for name in COLOURS:
        own = [one for one in found if one["contender"] == name]
        sizes = [one["crowd"]["members"] for one in own]
        costs = [one["figures"]["cpu_us_per_delivery"] for one in own]
        wide = 2.5 if name.startswith("chatsite") else 1.5
        if own:
            axes.plot(sizes, costs, "o-", color=colour(name), label=title(name), linewidth=wide)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks([10, 100, 900], ["10", "100", "900"])
    axes.set_xticks([], minor=True)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(axis="y", color=FAINT)
    axes.set_axisbelow(True)
    axes.set_xlabel("members of the room")
    axes.set_title(heading, loc="left", weight="bold", fontsize=10)


def is_talk(one: Found, members: int, speakers: int) -> bool:
    return bool(
        one["measurement"] == "speak"
        and one["crowd"]["members"] == members
        and one["speakers"] == speakers
    )


def colour(contender: str) -> str:
    if contender in COLOURS:
        return COLOURS[contender]
    return COLOURS["chatsite-daphne"] if contender.startswith("chatsite") else FAINT


def title(contender: str) -> str:
    return CONTENDERS[contender].title


if __name__ == "__main__":
    draw_all(Path(sys.argv[1]))
