"""Everything that the page shows, as one value that goes to JSON."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

import numpy as np

from ssimgif.html_report.maps import SCALES, Maps, compare
from ssimgif.html_report.pairs import Pair, pairs
from ssimgif.html_report.pictures import Fidelity, choose_fidelity, embed
from ssimgif.model import Clip
from ssimgif.report import Report

# The page takes no more than this many times the GIF, and this much on top.
TIMES_GIF = 1.5
ON_TOP = 1_000_000
# Of which scripts, styles and words take less than this.
FRAME_BYTES = 120_000
MOST_FRAMES = 60
# Frames that should be there, if need be in lesser fidelity.
WANTED_FRAMES = 20

Told = Callable[[int, int], object]


def page_data(
    clip: Clip,
    gif: BinaryIO,
    report: Report,
    progress: Told | None = None,
    *,
    maps: bool = True,
) -> dict[str, Any]:
    """Return what the report's page shows; docs/html-report.md tells the keys.

    Of a clip that would take more than 1.5 times the GIF and 1 MB, some frames are left out.

    Parameters
    ----------
    clip : Clip
        As it was encoded: cut, scaled and timed.
    gif : binary stream
        The GIF; it is read from its beginning.
    report : Report
    progress : callable, optional
        Told the number of frames read, and of all.
    maps : bool
        Whether the frames have maps, which take most of the time.
    """
    return _page_data(clip, gif, report, priorities(report), progress, maps)


def comparison_data(
    clip: Clip, gifs: Sequence[tuple[str, BinaryIO, Report]], progress: Told | None = None
) -> dict[str, Any]:
    """Return what a page shows that compares GIFs of one clip, each by its name.

    It is `page_data` of each as ``gifs``, with ``name``, and with the same frames; the first has
    the source's.
    """
    wanted = zip(*(priorities(report) for _, _, report in gifs), strict=True)
    order = list(dict.fromkeys(index for indices in wanted for index in indices))
    count = len(order)

    def told(number: int) -> Told:
        return lambda done, _: progress and progress(number * count + done, len(gifs) * count)

    pages = [
        {"name": name} | _page_data(clip, gif, report, order, told(number), True)
        for number, (name, gif, report) in enumerate(gifs)
    ]
    common = set.intersection(*({frame["index"] for frame in page["frames"]} for page in pages))
    for number, page in enumerate(pages):
        page["frames"] = [frame for frame in page["frames"] if frame["index"] in common]
        for frame in page["frames"] if number else ():
            del frame["source"]
    return {"gifs": pages}


def priorities(report: Report) -> list[int]:
    """Return the source frames, those first that should be looked at first.

    The worst one by SSIM and the one with the worst places, the first of each scene (of the first
    scenes, in a clip of many), then ever finer steps through the clip.
    """
    ssim, local = np.array(report.ssim), np.array(report.local, np.float64)
    worst = [int(ssim.argmin()), int(np.nan_to_num(local).argmax())]
    count = len(ssim)
    scenes = [scene.start for scene in report.scenes][: MOST_FRAMES // 3]
    steps = [
        int(i)
        for halving in range(count.bit_length() + 1)
        for i in np.linspace(0, count - 1, 2**halving + 1)
    ]
    return list(dict.fromkeys([*worst, *scenes, *steps, *range(count)]))


def _page_data(
    clip: Clip,
    gif: BinaryIO,
    report: Report,
    order: Sequence[int],
    progress: Told | None,
    maps: bool,
) -> dict[str, Any]:
    gif.seek(0)
    encoded = gif.read()
    gif.seek(0)
    chosen = frozenset(order[:MOST_FRAMES])
    spare = TIMES_GIF * len(encoded) + ON_TOP - 4 * len(encoded) / 3 - FRAME_BYTES
    spare -= len(json.dumps(_plain(report))) + 20 * report.frames_source
    allowance = int(spare / min(len(chosen), WANTED_FRAMES))
    starts: list[float] = []
    blocks: list[int] = []
    frames: dict[int, dict[str, Any]] = {}
    fidelity: Fidelity | None = None
    for pair in pairs(clip, gif):
        starts.append(round(float(pair.start), 4))
        blocks.append(pair.block)
        if pair.index in chosen:
            found = compare(pair.source, pair.shown, pair.before) if maps else None
            fidelity = fidelity or _fidelity(pair, found, allowance)
            frames[pair.index] = {"index": pair.index} | embed(pair.source, found, fidelity)
        if progress is not None:
            progress(pair.index + 1, report.frames_source)
    gif.seek(0)
    return {
        "report": _plain(report),
        "starts": starts,
        "blocks": blocks,
        "scales": SCALES,
        "frames": _that_fit(frames, order, int(spare)),
        "gif": b64encode(encoded).decode(),
    }


def _plain(report: Report) -> dict[str, Any]:
    """Return the report's JSON without the palettes, which are in the GIF."""
    plain: dict[str, Any] = json.loads(report.to_json())
    del plain["palettes"]
    return plain


def _fidelity(pair: Pair, maps: Maps | None, allowance: int) -> Fidelity:
    return choose_fidelity(lambda one: _size(embed(pair.source, maps, one)), allowance)


def _that_fit(
    frames: dict[int, dict[str, Any]], order: Sequence[int], spare: int
) -> list[dict[str, Any]]:
    """Return the frames that fit, the first in order before others, sorted by their index."""
    kept: list[int] = []
    for index in order:
        if index in frames:
            spare -= _size(frames[index])
            if spare >= 0 or not kept:
                kept.append(index)
    return [frames[index] for index in sorted(kept)]


def _size(frame: dict[str, Any]) -> int:
    return len(json.dumps(frame)) + 2
