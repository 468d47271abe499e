"""When frames are shown, by stamps that can't be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssimgif.sources import open_clip
from ssimgif.sources.timestamps import Clock

TICK = Fraction(1, 1000)


@dataclass
class Stamped:
    """What of a decoded frame tells its time."""

    pts: int | None
    dts: int | None = None
    duration: int = 0
    time_base: Fraction = TICK


def shown(
    frames: list[Stamped], exact: bool = False, step: Fraction = Fraction(1, 25)
) -> list[tuple[int, int]]:
    """Return begin and duration of each frame, ms."""
    clock = Clock.of(frames[:8], exact=exact, step=step)
    pairs = ((frame, None) for frame in frames)
    return [(int(1000 * begin), int(1000 * lasts)) for begin, lasts, _ in clock.shown(pairs)]


def test_good_stamps_are_taken_as_they_are() -> None:
    frames = [Stamped(pts, duration=20) for pts in (500, 540, 600, 610)]
    assert shown(frames) == [(0, 40), (40, 60), (100, 10), (110, 20)]


def test_stamps_in_the_order_of_packets_are_replaced_by_decoding_times() -> None:
    frames = [
        Stamped(pts, dts, 40)
        for pts, dts in zip((40, 160, 120, 80, 200), (80, 120, 160, 200, None), strict=True)
    ]
    assert shown(frames) == [(0, 40), (40, 40), (80, 40), (120, 40), (160, 40)]


def test_frames_without_stamps_follow_one_another() -> None:
    assert shown([Stamped(None, duration=20)] * 3) == [(0, 20), (20, 20), (40, 20)]
    assert shown([Stamped(None)] * 3) == [(0, 40), (40, 40), (80, 40)]


@pytest.mark.parametrize("second", [40, 0, 39])
def test_a_stamp_that_does_not_go_on_costs_no_frame(second: int) -> None:
    frames = [Stamped(pts, pts, 40) for pts in (0, 40)]
    frames += [Stamped(second, second, 40), Stamped(160, 160, 40)]
    assert shown(frames) == [(0, 40), (40, 40), (80, 80), (160, 40)]


def test_a_clock_that_begins_anew_goes_on() -> None:
    frames = [Stamped(pts, pts, 40) for pts in (0, 40, 80, 0, 40, 80)]
    assert shown(frames) == [(40 * i, 40) for i in range(6)]


def test_frames_that_a_table_gives_no_time_are_left_out() -> None:
    frames = [Stamped(pts, duration=lasts) for pts, lasts in ((0, 40), (40, 0), (40, 40))]
    assert shown(frames, exact=True) == [(0, 40), (40, 40)]


@pytest.mark.parametrize("suffix", ["avi", "asf", "mxf", "mp4", "mkv", "ts", "flv"])
def test_frames_coded_out_of_order_are_shown_in_order(tmp_path: Path, suffix: str) -> None:
    """In AVI, ASF and MXF the times of H.264 stand in the order of packets."""
    path = tmp_path / f"a.{suffix}"
    levels = [20 + 8 * i for i in range(25)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": "2", "qp": "10"})
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        for level in levels:
            picture = np.full((48, 64, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    frames = list(open_clip(path).frames())
    assert np.abs([int(frame.pixels[24, 32, 1]) for frame in frames] - np.array(levels)).max() <= 2
    assert {round(1000 * frame.duration) for frame in frames} == {40}


STAMP = st.none() | st.integers(-(10**12), 10**12)


@given(st.lists(st.tuples(STAMP, STAMP, st.integers(0, 10**6)), min_size=1, max_size=40))
def test_no_frame_is_lost_whatever_its_stamp(
    stamps: list[tuple[int | None, int | None, int]],
) -> None:
    frames = [Stamped(*stamp) for stamp in stamps]
    clock = Clock.of(frames[:8], exact=False, step=Fraction(1, 25))
    times = list(clock.shown((frame, None) for frame in frames))
    assert [pair[0] for *_, pair in times] == frames
    assert all(lasts > 0 for _, lasts, _ in times)
    assert all(a + lasts == b for (a, lasts, _), (b, *_) in pairwise(times))
