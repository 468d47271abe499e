"""What was decided for clips that were seen before: palettes and lambdas, never pixels.

A hint is only ever a place to begin. Every frame is coded and scored at full size as without it,
and a result that is larger than the remembered one, or short of the target when that was not, is
thrown away for one that is planned anew.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np

from ssimgif import __version__
from ssimgif.cache import store
from ssimgif.image import Area
from ssimgif.lookahead import ClipFeatures
from ssimgif.metrics import PARTS
from ssimgif.model import Palette, PaletteCandidate, Scene
from ssimgif.ratecontrol import Experience, Hint, PalettePlan, PassStats, RateControlState
from ssimgif.speed import HIGHEST
from ssimgif.target import Target

LAYOUT = 6
# Palettes of single frames that are kept for a clip; further ones are made again.
MOST_OWN = 512


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided for a whole clip, and what came of it.

    Attributes
    ----------
    plans : sequence of PalettePlan
        One a scene.
    stats : PassStats
        Where the searches ended.
    level : int
        The effort at which the smallest result was made.
    scene_bytes : sequence of int
        Bytes of each scene's image blocks.
    short : bool
        Whether the target was missed.
    replays : bool
        Whether it is worth while to code by them again.
    """

    plans: Sequence[PalettePlan]
    stats: PassStats
    level: int
    scene_bytes: Sequence[int]
    short: bool
    replays: bool = True

    def confirmed_by(self, other: Decisions) -> bool:
        """Tell whether what came of them now is no worse than it was."""
        return other.short <= self.short and sum(other.scene_bytes) <= sum(self.scene_bytes)


class DecisionCache:
    """Looks up and keeps decisions about a clip.

    Only decisions about the very same pictures are of use: from those about pictures that are
    nearly the same, a search may end at more bytes than by itself.

    Parameters
    ----------
    features : ClipFeatures
    scenes : sequence of Scene
    """

    def __init__(self, features: ClipFeatures, scenes: Sequence[Scene]) -> None:
        self.scenes = scenes
        durations = [str(duration) for duration in features.durations]
        self._clip = [features.checksums, durations, [astuple(scene) for scene in scenes]]

    def recall(self, target: Target, circumstances: Sequence[object]) -> Decisions | None:
        """Return what was decided for this clip; None where it is not known."""
        text = store.find(self._name(target, circumstances))
        return None if text is None else _read(text, len(self.scenes))

    def keep(self, target: Target, circumstances: Sequence[object], decided: Decisions) -> None:
        """Remember what was decided."""
        lambdas = {
            str(frame): [[hint.x, hint.margin, *_sides(hint)] for hint in hints]
            for frame, hints in decided.stats.notes.items()
        }
        data = {
            "plans": [_plain(plan) for plan in decided.plans],
            "own": _own(decided.stats),
            "lambdas": lambdas,
            "level": decided.level,
            "bytes": list(decided.scene_bytes),
            "short": decided.short,
            "replays": decided.replays,
        }
        store.keep(self._name(target, circumstances), json.dumps(data, separators=(",", ":")))

    def _name(self, target: Target, circumstances: Sequence[object]) -> str:
        parts = [LAYOUT, __version__, asdict(target), *circumstances, *self._clip]
        return blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()


def _plain(plan: PalettePlan) -> dict[str, Any]:
    palette = plan.palette
    return {
        "colors": None if palette is None else palette.colors.tobytes().hex(),
        "transparent": None if palette is None else palette.transparent,
        "size": plan.size,
        "strategy": plan.strategy,
        "filtered": plan.filtered,
        "banded": plan.banded,
        "lossless": plan.lossless,
        "x": plan.start.experience.x,
        "slopes": plan.start.experience.slopes.tolist(),
        "chroma": plan.start.chroma,
        "score": plan.score,
        "bytes": plan.bytes if math.isfinite(plan.bytes) else None,
        "candidates": [astuple(candidate) for candidate in plan.candidates],
    }


def _own(stats: PassStats) -> list[list[Any]]:
    """Return the palettes of single frames: frame, size, colours, transparent index."""
    return [
        [
            frame,
            size,
            base64.b64encode(palette.colors.tobytes()).decode("ascii"),
            palette.transparent,
        ]
        for (frame, size), palette in list(stats.made.items())[:MOST_OWN]
    ]


def _read(text: str, scenes: int) -> Decisions | None:
    """Read what `DecisionCache.keep` wrote; None where it makes no sense."""
    try:
        data = json.loads(text)
        palettes: dict[tuple[bytes, int | None], Palette] = {}
        plans = [_sharing(_plan(plan), palettes) for plan in data["plans"]]
        hints = {
            int(frame): [_hint(*numbers) for numbers in searches]
            for frame, searches in data["lambdas"].items()
        }
        own = {
            (int(frame), None if size is None else int(size)): _palette(
                base64.b64decode(colors, validate=True), transparent
            )
            for frame, size, colors, transparent in data["own"]
        }
        level, sizes = int(data["level"]), [int(size) for size in data["bytes"]]
        if not (1 <= level <= HIGHEST and len(plans) == len(sizes) == scenes):
            return None
        stats = PassStats(hints=hints, palettes=own)
        short, replays = bool(data["short"]), bool(data["replays"])
        return Decisions(plans, stats, level, sizes, short, replays)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None


def _sides(hint: Hint) -> tuple[int, int, int, int]:
    area = hint.area
    return area.left, area.top, area.width, area.height


def _hint(x: Any, margin: Any, *sides: Any) -> Hint:
    left, top, width, height = (int(side) for side in sides)
    return Hint(_finite(x), _finite(margin), Area(left, top, width, height))


def _plan(data: dict[str, Any]) -> PalettePlan:
    palette = None
    if data["colors"] is not None:
        palette = _palette(bytes.fromhex(data["colors"]), data["transparent"])
    slopes = np.array(data["slopes"], np.float64)
    if slopes.shape != (PARTS,) or not (np.isfinite(slopes).all() and (slopes > 0).all()):
        raise ValueError("no slopes")
    return PalettePlan(
        palette=palette,
        size=int(data["size"]),
        strategy=str(data["strategy"]),
        start=RateControlState(Experience(_finite(data["x"]), slopes), _finite(data["chroma"])),
        score=_finite(data["score"]),
        bytes=math.inf if data["bytes"] is None else float(data["bytes"]),
        filtered=bool(data["filtered"]),
        banded=bool(data["banded"]),
        lossless=bool(data["lossless"]),
        candidates=tuple(PaletteCandidate(*given) for given in data["candidates"]),
    )


def _palette(colors: bytes, transparent: Any) -> Palette:
    table = np.frombuffer(colors, np.uint8).reshape(-1, 3)
    return Palette(table.copy(), None if transparent is None else int(transparent))


def _finite(number: Any) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number")
    return value


def _sharing(plan: PalettePlan, palettes: dict[tuple[bytes, int | None], Palette]) -> PalettePlan:
    """Return the plan with the same `Palette` object as other scenes with this palette."""
    if plan.palette is None:
        return plan
    key = (plan.palette.colors.tobytes(), plan.palette.transparent)
    return replace(plan, palette=palettes.setdefault(key, plan.palette))
