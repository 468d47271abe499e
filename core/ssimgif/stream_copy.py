"""GIF to GIF without loss: the source's own images, where coding them anew gains nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import zip_longest

import numpy as np

from ssimgif.errors import SourceError
from ssimgif.gif import MAX_COLORS, reader
from ssimgif.model import Clip, Frame, Palette
from ssimgif.report import Report, SceneReport, hex_colors
from ssimgif.settings import Settings
from ssimgif.sources import Image, Limits, Screen, Spooled, blocks, open_file

STRATEGY = "source"


def preferred_copy(source: Clip, shown: Clip, settings: Settings, size: int) -> Spooled | None:
    """Return a copy of a GIF source where it shows the same and is to be preferred.

    Parameters
    ----------
    source : Clip
        As it was opened.
    shown : Clip
        As it is to be shown; it may have been edited.
    settings : Settings
    size : int
        Bytes of the GIF that was made of ``shown``, if it is valid. A larger copy is preferred
        where the best is asked for that fits a budget.
    """
    if source.copy_gif is None or source.notes.damage or _restyled(settings):
        return None
    copy = Spooled(source.name)
    with copy.path.open("wb") as file:
        source.copy_gif(file)
    most = size - 1
    if settings.max_bytes is not None and not settings.names_target:
        most = settings.max_bytes
    limits = Limits(settings.max_frames, settings.max_pixels)
    return copy if _bytes(copy) <= most and _shows(copy, shown, limits) else None


def report_of_copy(report: Report, copy: Spooled, notes: Iterable[str]) -> Report:
    """Return the report of a copy, given the clip's notes and the report of the GIF made of it."""
    images, tables = [], []
    with copy.path.open("rb") as file:
        for block in blocks(file):
            if isinstance(block, Screen):
                common = block.table
            elif isinstance(block, Image):
                images.append(block.span[1] - block.span[0])
                tables.append(block.table or common)
    palettes = list(dict.fromkeys(tables))
    places = [palettes.index(table) for table in tables]
    size, seconds = _bytes(copy), report.source.duration
    measured = report.looks_mean is not None
    kept = f"the source's own images are kept: coded anew they would take {report.bytes} bytes"
    return replace(
        report,
        bytes=size,
        bytes_per_second=size / seconds,
        frames_coded=len(images),
        score=1.0,
        mean=1.0,
        p10=1.0,
        variance=0.0,
        duration_weighted_mean=1.0,
        delta_e_mean=0.0,
        delta_e_p95=0.0,
        looks_mean=100.0 if measured else None,
        looks_p10=100.0 if measured else None,
        local_mean=0.0,
        local_p90=0.0,
        missed=0.0,
        ssim=(1.0,) * report.frames_source,
        local=(0.0,) * report.frames_source,
        valid=True,
        shortfalls=(),
        warnings=(*notes, kept),
        scenes=tuple(_scene(scene, images, places, palettes) for scene in report.scenes),
        palettes=tuple(_colors(table) for table in palettes),
        fit=None,
    )


def _restyled(settings: Settings) -> bool:
    """Tell whether other colours or another dither were asked for than the source has."""
    return settings.colors < MAX_COLORS or settings.dither != "auto"


def _bytes(copy: Spooled) -> int:
    return copy.path.stat().st_size


def _shows(copy: Spooled, shown: Clip, limits: Limits) -> bool:
    """Tell whether a copy plays exactly the clip, and other decoders can read it, too."""
    try:
        clip = open_file(copy.path, copy.name, limits)
        if clip.loop != shown.loop or not all(
            _alike(*pair) for pair in zip_longest(clip.frames(), shown.frames())
        ):
            return False
        sizes = {pixels.shape[:2] for pixels, _ in reader.read(copy.path)}
    except SourceError:
        return False
    return sizes == {(shown.height, shown.width)}


def _alike(one: Frame | None, other: Frame | None) -> bool:
    if one is None or other is None or one.duration != other.duration:
        return False
    return np.array_equal(one.pixels, other.pixels)


def _scene(
    scene: SceneReport, images: list[int], places: list[int], palettes: list[bytes]
) -> SceneReport:
    place = places[scene.start]
    return replace(
        scene,
        palette=place,
        colors=len(palettes[place]) // 3,
        strategy=STRATEGY,
        score=1.0,
        bytes=sum(images[scene.start : scene.stop]),
        candidates=(),
    )


def _colors(table: bytes) -> tuple[str, ...]:
    return hex_colors(Palette(np.frombuffer(table, np.uint8).reshape(-1, 3)))
