"""Draws a whole run for the docs: `python -m benchmarks.plot benchmarks/results/full.json`."""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.contenders import CONTENDERS

IMAGES = Path(__file__).parents[1] / "docs" / "images"

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
    """The pictures of what the JSON file `results` holds."""
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
    save(cost(found), IMAGES / "cost.png")
    save(growth(found), IMAGES / "growth.png")
    save(latency(found), IMAGES / "latency.png")


def save(picture: Figure, path: Path) -> None:
    picture.savefig(path, dpi=160, bbox_inches="tight", metadata={"Software": None})
    plt.close(picture)


def cost(found: list[Found]) -> Figure:
    talk = [one for one in found if is_talk(one, members=100, speakers=20)]
    picture, axes = bars(talk, "cpu_us_per_delivery")
    for place, value in enumerate(values(talk, "cpu_us_per_delivery")):
        axes.annotate(f" {rounded(value)} µs", (value, place), va="center")
    axes.set_xlabel("server CPU for each delivered message (logarithmic; shorter is better)")
    axes.set_title("100 members, 20 of them speaking at once", loc="left", weight="bold")
    return picture


def latency(found: list[Found]) -> Figure:
    """Medians as bars, with a whisker to the 99th percentile."""
    calm = [one for one in found if one["measurement"] == "rate"]
    picture, axes = bars(calm, "each_p50_ms")
    ends = [one["figures"]["each_p99_ms"] for one in ordered(calm, "each_p50_ms")]
    for place, (start, end) in enumerate(zip(values(calm, "each_p50_ms"), ends, strict=True)):
        axes.plot([start, end], [place, place], color=INK, linewidth=1)
        axes.annotate(f"  {rounded(start)} – {rounded(end)} ms", (end, place), va="center")
    axes.set_xlim(right=max(ends) * 4)
    axes.set_xlabel("from sending to a listener: median – 99th percentile (logarithmic)")
    axes.set_title("100 members, 20 posts a second", loc="left", weight="bold")
    return picture


def bars(found: list[Found], figure: str) -> tuple[Figure, Axes]:
    """The best on top."""
    picture, axes = plt.subplots(figsize=(8, 0.42 * len(found) + 0.9))
    names = [one["contender"] for one in ordered(found, figure)]
    lengths = values(found, figure)
    axes.barh(range(len(names)), lengths, color=[colour(name) for name in names])
    axes.set_yticks(range(len(names)), [title(name) for name in names])
    axes.set_xscale("log")
    axes.set_xlim(min(lengths) / 2, max(lengths) * 2)
    axes.tick_params(length=0)
    axes.set_xticks([])
    axes.set_xticks([], minor=True)
    return picture, axes


def ordered(found: list[Found], figure: str) -> list[Found]:
    return sorted(found, key=lambda one: float(one["figures"][figure]), reverse=True)


def values(found: list[Found], figure: str) -> list[float]:
    return [float(one["figures"][figure]) for one in ordered(found, figure)]


def rounded(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}" if value < 10 else f"{value:.3g}"


def growth(found: list[Found]) -> Figure:
    """Cost against the size of the room; many speaking beside one speaking."""
    picture, pair = plt.subplots(1, 2, figsize=(9, 4), sharey=True)
    many = [one for one in found if one["measurement"] == "speak" and one["speakers"] > 1]
    alone = [one for one in found if one["measurement"] == "speak" and one["speakers"] == 1]
    lines(pair[0], many, "Twenty speaking at once (of ten, all)")
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
    axes.set_xlim(8, 1200)
    axes.set_xticks([10, 100, 900], ["10", "100", "900"])
    axes.set_xticks([], minor=True)
    costs = [2, 5, 10, 20, 50, 100, 200, 500]
    axes.set_yticks(costs, [str(one) for one in costs])
    axes.set_yticks([], minor=True)
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
