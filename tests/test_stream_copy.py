"""A GIF source that takes fewer bytes without loss than at the target is kept without loss."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import moving_box
from reference.files import GifImage, loop_block, sub_blocks, write_gif
from ssimgif.model import U8
from ssimgif.pipeline import convert
from ssimgif.report import Report
from ssimgif.settings import Settings
from ssimgif.sources import open_clip

COMMENT = b"!\xfe" + sub_blocks(b"a comment of some length that nobody sees " * 20)
TABLE = bytes(np.random.default_rng(3).integers(0, 256, 768, np.uint8))


def hard(value: int | None = None) -> U8:
    """Return an image of many indices in long phrases, or of one."""
    if value is not None:
        return np.full((12, 12), value, np.uint8)
    random = np.random.default_rng(1)
    phrases = random.integers(0, 256, (80, 25), np.uint8)
    return phrases[random.integers(0, 80, 128)].reshape(40, 80)


def tight(folder: Path, *more: GifImage | bytes) -> Path:
    """Write an animation of few bytes, and of more colours than a palette has.

    Nothing in it says how long frames last, a tenth then.
    """
    random = np.random.default_rng(5)
    tables = random.integers(0, 256, (4, 192), np.uint8)
    box = random.integers(0, 64, (12, 12), np.uint8)
    boxes = [
        GifImage(box, 20 * i, 8 * i, control=False, table=table.tobytes())
        for i, table in enumerate(tables)
    ]
    blocks = [loop_block(0), COMMENT, GifImage(hard(), control=False), *boxes, *more]
    return write_gif(folder / "a.gif", 80, 40, blocks, TABLE)


def made(source: Path, **settings: object) -> tuple[Report, Path]:
    target = source.with_name("out.gif")
    options = {"effort": 1, "no_cache": True, "jobs": 1} | settings
    return convert(source, target, Settings(**options)), target  # type: ignore[arg-type]


def test_a_gif_is_kept_where_nothing_smaller_is_valid(tmp_path: Path) -> None:
    source = tight(tmp_path)
    report, target = made(source, ssim=0.9999)
    assert target.stat().st_size == report.bytes <= source.stat().st_size - len(COMMENT)
    assert COMMENT not in target.read_bytes()
    before, after = open_clip(source), open_clip(target)
    assert after.loop == before.loop == 0
    for one, other in zip(before.frames(), after.frames(), strict=True):
        assert np.array_equal(one.pixels, other.pixels)
        assert one.duration == other.duration


def test_the_report_is_of_what_is_kept(tmp_path: Path) -> None:
    report, target = made(tight(tmp_path), ssim=0.9999)
    assert (report.score, report.valid, report.frames_coded) == (1.0, True, 5)
    assert report.shortfalls == ()
    assert report.warnings[-1].startswith("it is kept without loss: at the target it would take")
    assert len(report.palettes) == 5
    assert {scene.strategy for scene in report.scenes} == {"source"}
    assert sum(scene.bytes for scene in report.scenes) < target.stat().st_size
    assert Report.from_json(report.to_json()) == report


@pytest.mark.parametrize(
    "change",
    [{"width": 30}, {"height": 30}, {"colors": 100}, {"dither": "ordered"}],
)
def test_pixels_that_change_are_coded_anew(tmp_path: Path, change: dict[str, object]) -> None:
    report, _ = made(tight(tmp_path), ssim=0.9999, **change)
    assert "source" not in {scene.strategy for scene in report.scenes}


@pytest.mark.parametrize(
    "change",
    [{"speed": Fraction(2)}, {"end": Fraction(3, 10)}, {"loop": 3}],
)
def test_edits_of_whole_frames_keep_their_pixels(tmp_path: Path, change: dict[str, object]) -> None:
    report, target = made(tight(tmp_path), ssim=0.9999, **change)
    assert report.score == 1
    assert {scene.strategy for scene in report.scenes} == {"source"}
    assert open_clip(target).loop == change.get("loop", 0)


def test_few_colours_keep_their_pixels_backwards_too(tmp_path: Path) -> None:
    images = [GifImage(hard(value), 3 * value, value) for value in range(4)]
    source = write_gif(tmp_path / "a.gif", 80, 40, [GifImage(hard()), *images], TABLE)
    report, target = made(source, ssim=0.9999, reverse=True)
    assert report.score == 1
    forwards = [frame.pixels for frame in open_clip(source).frames()]
    backwards = [frame.pixels for frame in open_clip(target).frames()]
    assert np.array_equal(backwards, forwards[::-1])


def test_a_gif_that_can_be_smaller_is_coded_anew(tmp_path: Path) -> None:
    first, *others = (Image.fromarray(frame) for frame in moving_box())
    first.save(tmp_path / "a.gif", save_all=True, append_images=others, duration=100)
    report, target = made(tmp_path / "a.gif", ssim=0.9)
    assert target.stat().st_size < (tmp_path / "a.gif").stat().st_size
    assert report.score < 1


def test_a_source_within_the_budget_is_the_best_that_fits(tmp_path: Path) -> None:
    source = tight(tmp_path)
    report, target = made(source, max_bytes=source.stat().st_size + 100)
    assert report.score == 1
    assert target.stat().st_size < source.stat().st_size


def test_damaged_sources_are_coded_anew(tmp_path: Path) -> None:
    report, target = made(tight(tmp_path, b"\x77"), ssim=0.9999)
    assert report.score < 1 or "kept" not in report.warnings[-1]
    assert open_clip(target).notes.damage == ()


def test_delays_that_viewers_change_are_changed_in_the_copy(tmp_path: Path) -> None:
    images = [GifImage(hard(9), disposal=2, transparent=3, delay=delay) for delay in (0, 1, 2, 300)]
    source = open_clip(write_gif(tmp_path / "a.gif", 12, 12, [*images], TABLE))
    with (tmp_path / "b.gif").open("wb") as file:
        assert source.copy_gif is not None
        source.copy_gif(file, False)
    with Image.open(tmp_path / "b.gif") as image:
        assert [_delay(image, number) for number in range(4)] == [100, 100, 20, 3000]
    copy = open_clip(tmp_path / "b.gif")
    for one, other in zip(source.frames(), copy.frames(), strict=True):
        assert np.array_equal(one.pixels, other.pixels)
        assert one.duration == other.duration


def _delay(image: Image.Image, number: int) -> int:
    image.seek(number)
    return int(image.info["duration"])
