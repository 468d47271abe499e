"""Measured points, the gate they must pass, and the tables and frontiers made of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

OURS = "ssimgif"
# The colour guard and the greatest drift of the clip's length in seconds, alike for everybody.
DELTA_E, DELTA_E_P95, DRIFT = 2.0, 5.5, 0.05


@dataclass(frozen=True, slots=True)
class Point:
    """One GIF, and what it scores.

    Attributes
    ----------
    clip : str
    program : str
        The program or programs, with versions.
    options : str
        What was asked of them.
    bytes : int
    seconds : float
        Wall time of all programs.
    score : float
        S, the lesser of the mean and the 10th percentile of SSIM.
    delta_e_mean, delta_e_p95 : float
        CIEDE2000.
    looks_mean, looks_p10 : float
        SSIMULACRA2.
    banding : float
        Share of pixels on a false contour, 0..1.
    drift : float
        Seconds that the GIF is longer than the source.
    """

    clip: str
    program: str
    options: str
    bytes: int
    seconds: float
    score: float
    delta_e_mean: float
    delta_e_p95: float
    looks_mean: float
    looks_p10: float
    banding: float
    drift: float

    @property
    def is_ours(self) -> bool:
        """Whether it is a GIF of ssimgif."""
        return self.program.split()[0] == OURS

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells one point from another."""
        return self.clip, self.program, self.options


def read_points(path: Path) -> list[Point]:
    """Read JSON lines, the last of each key; a file that is not there has none."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    points = [Point(**json.loads(line)) for line in lines if line]
    return list({point.key: point for point in points}.values())


def append_point(path: Path, point: Point) -> None:
    """Add one JSON line."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(point)) + "\n")


def passes(point: Point, target: float) -> bool:
    """Return whether a point reaches S = ``target`` with the right colours and length."""
    return (
        point.score >= target
        and point.delta_e_mean <= DELTA_E
        and point.delta_e_p95 <= DELTA_E_P95
        and abs(point.drift) < DRIFT
    )


def smallest(points: Iterable[Point], target: float) -> Point | None:
    """Return the smallest point that passes, or None."""
    return min((p for p in points if passes(p, target)), key=lambda p: p.bytes, default=None)


def frontier(points: Iterable[Point]) -> list[Point]:
    """Return the points that no other one beats both in bytes and in S, by rising bytes."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda p: (p.bytes, -p.score)):
        if not kept or point.score > kept[-1].score:
            kept.append(point)
    return kept


def table(points: Sequence[Point], targets: Sequence[float]) -> str:
    """Return a Markdown table: a row for each clip and target, the best peer against ssimgif."""
    head = "clip|S >=|best peer|bytes|S|colour|looks|ssimgif|bytes|S|colour|looks|ratio"
    rows = [head.split("|"), ["---"] * (head.count("|") + 1)]
    for clip in dict.fromkeys(point.clip for point in points):
        own = [p for p in points if p.clip == clip and p.is_ours]
        peers = [p for p in points if p.clip == clip and not p.is_ours]
        for target in targets:
            ours, best = smallest(own, target), smallest(peers, target)
            ratio = f"{ours.bytes / best.bytes:.2f}" if ours and best else ""
            rows.append([clip, f"{target:.2f}", *_cells(best), *_cells(ours), ratio])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def all_points(points: Sequence[Point]) -> str:
    """Return a Markdown table of all points of all clips, by rising bytes."""
    rows = [["clip", "program", "bytes", "S", "colour", "looks", "seconds"], ["---"] * 7]
    order = list(dict.fromkeys(point.clip for point in points))
    by_size = sorted(points, key=lambda p: (order.index(p.clip), p.bytes))
    rows += [[point.clip, *_cells(point), f"{point.seconds:.1f}"] for point in by_size]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(point: Point | None) -> list[str]:
    if point is None:
        return ["none", "", "", "", ""]
    return [
        f"{point.program} {point.options}",
        f"{point.bytes:,}",
        f"{point.score:.4f}",
        f"{point.delta_e_mean:.2f} / {point.delta_e_p95:.2f}",
        f"{point.looks_mean:.1f}",
    ]
