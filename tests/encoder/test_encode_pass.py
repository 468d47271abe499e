"""One pass over a clip: every source frame is scored, and every byte is accounted for."""

from __future__ import annotations

import io
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image, ImageSequence

from conftest import moving_box
from jobs import encode_job
from ssimgif import Clip, Settings, encode
from ssimgif.encoder.attempt import make_attempt
from ssimgif.encoder.encode_pass import Rendering, TooLargeError, checksum
from ssimgif.encoder.palette_search import palette_search
from ssimgif.encoder.palette_sharing import plan_palettes
from ssimgif.image.canvas import Canvas
from ssimgif.model import U8
from ssimgif.pipeline import Result
from ssimgif.ratecontrol import PassStats
from ssimgif.target import Target


def encoded(frames: U8, duration: Fraction | list[Fraction], **settings: object) -> Result:
    clip = Clip.from_frames(frames, duration)
    return encode(clip, Settings(effort=2, no_cache=True, **settings))  # type: ignore[arg-type]


def delays(data: bytes) -> list[int]:
    """Return the delays that Pillow reads, in milliseconds."""
    with Image.open(io.BytesIO(data)) as image:
        return [int(frame.info["duration"]) for frame in ImageSequence.Iterator(image)]


def two_scenes() -> U8:
    dark = np.random.default_rng(2).integers(0, 60, (5, 48, 64, 3)).astype(np.uint8)
    return np.concatenate([moving_box(5), dark])


def test_scenes_take_the_files_bytes_but_for_tables_and_frame() -> None:
    report = encoded(two_scenes(), Fraction(1, 10)).report
    assert [(scene.start, scene.stop) for scene in report.scenes] == [(0, 5), (5, 10)]
    assert all(scene.bytes > 0 for scene in report.scenes)
    # A header of 13 bytes, the loop's 19, the end's 1, and tables of 256 colours at most.
    rest = report.bytes - sum(scene.bytes for scene in report.scenes)
    assert 33 < rest <= 33 + 768 * len(report.palettes)


def test_each_scene_names_the_palette_that_it_begins_with() -> None:
    report = encoded(two_scenes(), Fraction(1, 10), colors=16).report
    first, second = (report.palettes[scene.palette] for scene in report.scenes)
    assert max(int(color[1:3], 16) for color in first) > 200
    assert max(int(color[1:3], 16) for color in second) < 70
    assert len(set(map(tuple, report.palettes))) == len(report.palettes)


def test_a_pass_ends_as_soon_as_it_lags_far_behind_its_rival() -> None:
    job = encode_job(Clip.from_frames(moving_box(6), 0.1), Target(0.95, 0.95, 0.0))
    plans = plan_palettes(job, palette_search(job))
    whole = make_attempt(job, plans, PassStats(), io.BytesIO())
    sizes = whole.rendering.slot_bytes
    assert len(sizes) == len(job.slots)
    assert sum(sizes) == sum(whole.rendering.scene_bytes)
    again = make_attempt(job, plans, PassStats(), io.BytesIO(), whole.rendering)
    assert again.size == whole.size
    smaller, stream = Rendering(slot_bytes=[size // 2 for size in sizes]), io.BytesIO()
    with pytest.raises(TooLargeError):
        make_attempt(job, plans, PassStats(), stream, smaller)


def test_frames_that_look_alike_become_one_block_with_all_their_time() -> None:
    frames = moving_box(3)[[0, 0, 0, 1, 1, 2]]
    result = encoded(frames, [Fraction(n, 100) for n in (10, 20, 30, 5, 6, 7)])
    assert delays(result.data) == [600, 110, 70]
    assert result.report.frames_coded == 3
    assert len(result.report.ssim) == 6
    assert result.report.ssim[0] == result.report.ssim[1] == result.report.ssim[2]


def test_a_delay_that_no_block_can_hold_takes_another_block() -> None:
    frames = moving_box(2)
    result = encoded(frames, [Fraction(700), Fraction(1)])
    assert sum(delays(result.data)) == 701_000
    assert max(delays(result.data)) <= 655_350
    assert len(delays(result.data)) == 3


def test_one_frame_is_written_without_more() -> None:
    result = encoded(moving_box(1), Fraction(1, 10))
    assert result.report.frames_coded == 1
    assert len(result.report.ssim) == 1


def test_preparing_ahead_changes_nothing() -> None:
    frames = two_scenes()[2:8]
    alone, two, three = (encoded(frames, Fraction(1, 10), jobs=jobs).data for jobs in (1, 2, 3))
    assert alone == two == three


def test_a_checksum_is_of_what_is_seen() -> None:
    rgb = moving_box(1)[0]
    opaque = np.ones(rgb.shape[:2], np.bool_)
    opaque[:10] = False
    hidden = rgb.copy()
    hidden[:10] = 7
    seen, changed = rgb.copy(), opaque.copy()
    seen[20, 20, 0] ^= 1
    changed[20, 20] = False
    known = checksum(Canvas(rgb, opaque))
    assert checksum(Canvas(hidden, opaque)) == known
    assert checksum(Canvas(seen, opaque)) != known
    assert checksum(Canvas(rgb, changed)) != known
