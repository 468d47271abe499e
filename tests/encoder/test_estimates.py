"""What a scene is reckoned to take by palettes that compete for it."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest

from ssimgif.encoder.candidates import Candidate
from ssimgif.encoder.estimates import Estimator, cut_short, least_bytes
from ssimgif.host import Threads, working
from ssimgif.lookahead import Run, Samples
from ssimgif.metrics import FrameReference
from ssimgif.model import U8, Palette
from ssimgif.speed import speed_settings
from ssimgif.target import Target

TARGET = Target(0.95, 0.95, 60, local=2.0)


def gliding(count: int) -> tuple[U8, ...]:
    """Return a soft ball that glides over a still ground, u8[96, 128, 4] each."""
    ground = np.random.default_rng(3).integers(100, 106, (96, 128, 1)).astype(float)
    y, x = np.mgrid[:96, :128]
    frames = []
    for number in range(count):
        near = np.exp(-((x - 20 - 5 * number) ** 2 + (y - 48) ** 2) / 120)
        frame = np.full((96, 128, 4), 255, np.uint8)
        frame[..., :3] = ground + near[..., None] * [120, 40, -80]
        frames.append(frame)
    return tuple(frames)


def samples() -> Samples:
    """Return two runs of a scene of thirty frames."""
    frames = gliding(12)
    runs = Run(None, frames[:4]), Run(frames[7], frames[8:])
    return Samples(frames[:3], frames[3:5], runs, 30)


def grays(count: int, per_frame: bool = False) -> Candidate:
    """Return a palette of so many colours, from brown to blue, and a transparent entry."""
    ramp = np.linspace(0, 1, count)[:, None]
    colors = np.vstack([[225, 145, 25] * ramp + [100, 100, 105] * (1 - ramp), [0, 0, 0]])
    palette = Palette(np.rint(colors).astype(np.uint8), count)
    return Candidate("grays", count, [palette], per_frame)


def estimator() -> Estimator:
    """Return what measures candidates of one palette."""

    def palette(candidate: Candidate, reference: FrameReference) -> Palette:
        return candidate.palettes[0]

    return Estimator(TARGET, speed_settings(2), 256, palette)


@pytest.mark.parametrize("threads", [0, 2])
def test_candidates_take_together_what_each_takes_alone(threads: int) -> None:
    sizes = (8, 24, 60)
    alone = [grays(size) for size in sizes]
    for one in alone:
        estimator().measure([one], samples())
    together = [grays(size) for size in sizes]
    if threads:
        with working(Threads(threads)):
            estimator().measure(together, samples())
    else:
        estimator().measure(together, samples())
    assert [one.sizes for one in together] == [one.sizes for one in alone]
    assert [one.bytes for one in together] == [one.bytes for one in alone]
    assert [one.start.experience.x for one in together] == [one.start.experience.x for one in alone]


def test_what_is_sure_to_take_more_is_coded_no_further() -> None:
    whole, short, hopeless = (grays(24, per_frame=True) for _ in range(3))
    estimator().measure([whole], samples())
    assert whole.bytes is not None
    assert [len(sizes) for sizes in whole.sizes] == [4, 4]
    most = 0.6 * whole.bytes
    estimator().measure([short], samples(), most)
    assert short.bytes is not None
    assert most < short.bytes < whole.bytes
    assert sum(map(len, short.sizes)) < 8
    tables = least_bytes(grays(24, per_frame=True), samples())
    estimator().measure([hopeless], samples(), tables - 1)
    assert hopeless.sizes == []
    assert hopeless.bytes == tables > 0


def test_what_may_take_less_is_coded_to_the_end() -> None:
    whole, limited = grays(24), grays(24)
    estimator().measure([whole], samples())
    assert whole.bytes is not None
    estimator().measure([limited], samples(), whole.bytes)
    assert limited.bytes == whole.bytes
    assert limited.sizes == whole.sizes


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9, 1.0, 1.5])
def test_what_was_coded_to_the_end_may_be_cut_short_afterwards(share: float) -> None:
    """So it is noted alike whether threads had nothing better to do or not."""
    whole, stopped = grays(24, per_frame=True), grays(24, per_frame=True)
    estimator().measure([whole], samples())
    assert whole.bytes is not None
    most = share * whole.bytes
    estimator().measure([stopped], samples(), most)
    cut_short([whole], samples(), most)
    assert whole.sizes == stopped.sizes
    assert whole.bytes == stopped.bytes


@pytest.mark.parametrize("threads", [0, 4])
def test_palettes_of_frames_are_made_of_these_frames(threads: int) -> None:
    """Also where they are made one frame ahead."""
    asked: list[U8] = []

    def palette(candidate: Candidate, reference: FrameReference) -> Palette:
        asked.append(reference.rgb)
        return candidate.palettes[0]

    scene = samples()
    with working(Threads(threads)) if threads else nullcontext():
        measured = Estimator(TARGET, speed_settings(2), 256, palette)
        measured.measure([grays(8, per_frame=True), grays(24)], scene)
    wanted = [frame for run in scene.runs for frame in run.pictures]
    assert {rgb.tobytes() for rgb in asked} == {f[..., :3].tobytes() for f in wanted}


@pytest.mark.parametrize("threads", [0, 2, 4, 8])
def test_still_more_colours_are_not_tried_once_more_of_them_take_more(threads: int) -> None:
    """Or it is as if they had not been, where threads had nothing better to do."""
    sizes = (60, 8, 120, 16)
    whole, upwards = ([grays(size) for size in sizes] for _ in range(2))
    estimator().measure(whole, samples())
    with working(Threads(threads)) if threads else nullcontext():
        estimator().measure_upwards(upwards, samples())
    known = {one.entries: one.bytes for one in whole}
    assert known[17] > 1.02 * known[9]
    assert {one.entries: one.bytes for one in upwards if one.bytes} == {
        9: known[9],
        17: known[17],
    }
    fresh = grays(8).start
    for one, other in zip(upwards, whole, strict=True):
        tried = one.bytes is not None
        assert one.sizes == (other.sizes if tried else [])
        assert one.contours == (other.contours if tried else [])
        start = other.start if tried else fresh
        assert (one.start.experience.x, one.start.chroma) == (start.experience.x, start.chroma)


def test_all_are_tried_that_take_no_more() -> None:
    alike = [grays(16) for _ in range(5)]
    estimator().measure_upwards(alike, samples())
    assert alike[0].bytes is not None
    assert [one.bytes for one in alike] == 5 * [alike[0].bytes]
