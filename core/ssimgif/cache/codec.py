"""What was decided for scenes that look like these: palettes and lambdas, never pixels.

A hint is only ever a place to begin. Every frame is coded and scored at full size as without it,
and a result that is larger than the remembered one, or short of the target when that was not, is
thrown away for one that is planned anew.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np

from ssimgif import __version__
from ssimgif.cache import store
from ssimgif.cache.fingerprint import fingerprint
from ssimgif.image import Area
from ssimgif.lookahead import ClipFeatures
from ssimgif.metrics import PARTS
from ssimgif.model import Palette, Scene
from ssimgif.ratecontrol import Experience, Hint, PalettePlan, PassStats, RateControlState
from ssimgif.speed import HIGHEST
from ssimgif.target import Target

LAYOUT = 5
# Palettes of single frames that are kept for a scene; further ones are made again.
MOST_OWN = 512
# How much larger than remembered a result may be.
LARGER = 1.03


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
    """

    plans: Sequence[PalettePlan]
    stats: PassStats
    level: int
    scene_bytes: Sequence[int]
    short: bool

    def confirmed_by(self, other: Decisions) -> bool:
        """Tell whether what came of them now is about as good as it was."""
        return other.short <= self.short and sum(other.scene_bytes) <= LARGER * sum(
            self.scene_bytes
        )


class DecisionCache:
    """Looks up and keeps decisions about a clip's scenes.

    Parameters
    ----------
    analysis : ClipFeatures
    scenes : sequence of Scene
    """

    def __init__(self, analysis: ClipFeatures, scenes: Sequence[Scene]) -> None:
        self.scenes = scenes
        self._prints = [fingerprint(analysis, scene) for scene in scenes]

    def recall(self, target: Target, circumstances: Sequence[object]) -> Decisions | None:
        """Return what was decided for all scenes, or None where one of them is not known."""
        plans, stats, level, short = [], PassStats(), 1, False
        scene_bytes = []
        palettes: dict[tuple[bytes, int | None], Palette] = {}
        for number, scene in enumerate(self.scenes):
            text = store.find(self._name(target, circumstances, scene), self._prints[number])
            known = _read(text, scene) if text else None
            if known is None:
                return None
            plan, hints, own, scene_level, size, scene_short = known
            plans.append(_sharing(plan, palettes))
            stats.hints |= hints
            stats.palettes |= own
            # Scenes may be known from different clips.
            level = max(level, scene_level)
            scene_bytes.append(size)
            short |= scene_short
        return Decisions(plans, stats, level, scene_bytes, short)

    def keep(self, target: Target, circumstances: Sequence[object], decided: Decisions) -> None:
        """Remember what was decided."""
        rows = []
        for number, (scene, plan) in enumerate(zip(self.scenes, decided.plans, strict=True)):
            lambdas = {
                str(frame - scene.start): [[hint.x, hint.margin, *_sides(hint)] for hint in hints]
                for frame, hints in decided.stats.notes.items()
                if scene.start <= frame < scene.stop
            }
            text = json.dumps(
                {
                    "plan": _plain(plan) | {"own": _own(decided.stats, scene)},
                    "lambdas": lambdas,
                    "level": decided.level,
                    "bytes": decided.scene_bytes[number],
                    "short": decided.short,
                },
                separators=(",", ":"),
            )
            name = self._name(target, circumstances, scene)
            rows.append((name, self._prints[number], text))
        store.keep(rows)

    def _name(self, target: Target, circumstances: Sequence[object], scene: Scene) -> str:
        parts = [LAYOUT, __version__, asdict(target), *circumstances, scene.stop - scene.start]
        first = scene.start == 0
        return blake2b(json.dumps([*parts, first]).encode(), digest_size=16).hexdigest()


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
    }


def _own(stats: PassStats, scene: Scene) -> list[list[Any]]:
    """Return the palettes of a scene's single frames: frame, size, colours, transparent index."""
    return [
        [
            frame - scene.start,
            size,
            base64.b64encode(palette.colors.tobytes()).decode("ascii"),
            palette.transparent,
        ]
        for (frame, size), palette in list(stats.made.items())
        if scene.start <= frame < scene.stop
    ][:MOST_OWN]


_Known = tuple[
    PalettePlan, dict[int, list[Hint]], dict[tuple[int, int | None], Palette], int, int, bool
]


def _read(text: str, scene: Scene) -> _Known | None:
    """Read what `DecisionCache.keep` wrote; None where it makes no sense."""
    try:
        data = json.loads(text)
        hints = {
            scene.start + int(frame): [_hint(*numbers) for numbers in searches]
            for frame, searches in data["lambdas"].items()
        }
        own = {
            (scene.start + int(frame), None if size is None else int(size)): _palette(
                base64.b64decode(colors, validate=True), transparent
            )
            for frame, size, colors, transparent in data["plan"]["own"]
        }
        level = int(data["level"])
        if not 1 <= level <= HIGHEST:
            return None
        plan, size, short = _plan(data["plan"]), int(data["bytes"]), bool(data["short"])
        return plan, hints, own, level, size, short
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
