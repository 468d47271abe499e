"""Bytes over S as an SVG picture; needs matplotlib, which ``pip install '.[bench]'`` brings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from points import DELTA_E, DELTA_E_P95, Point, frontier

MARKERS = "osv^D<>Ppd"


def plot(points: Sequence[Point], path: Path) -> None:
    """Draw the points of one clip.

    ssimgif's frontier is a line; others' points are hollow where they miss the colour guard.
    """
    groups: dict[str, list[Point]] = defaultdict(list)
    for point in points:
        groups[point.program].append(point)
    # The same points give the same file, and letters stay letters.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "ssimgif"}):
        figure = Figure(figsize=(8, 5), layout="constrained")
        axes = figure.subplots()
        peers = sorted(name for name in groups if not groups[name][0].is_ours)
        for number, name in enumerate(peers):
            _scatter(axes, groups[name], name, number)
        ours = frontier(point for point in points if point.is_ours)
        if ours:
            axes.plot(
                [p.score for p in ours], [p.bytes for p in ours], "k.-", label=ours[0].program
            )
        axes.set(title=points[0].clip, xlabel="S", ylabel="megabytes", yscale="log")
        megabytes = FuncFormatter(lambda value, _: f"{value / 1e6:g}")
        axes.yaxis.set_major_formatter(megabytes)
        axes.yaxis.set_minor_formatter(megabytes)
        axes.grid(which="both", alpha=0.3)
        axes.legend(fontsize="small")
        figure.savefig(path, format="svg", metadata={"Date": None})


def _scatter(axes: mpl.axes.Axes, points: Sequence[Point], name: str, number: int) -> None:
    color = f"C{number % 10}"
    guarded = [p.delta_e_mean <= DELTA_E and p.delta_e_p95 <= DELTA_E_P95 for p in points]
    axes.scatter(
        [p.score for p in points],
        [p.bytes for p in points],
        marker=MARKERS[number % len(MARKERS)],
        edgecolors=color,
        facecolors=[color if good else "none" for good in guarded],
        label=name,
    )
