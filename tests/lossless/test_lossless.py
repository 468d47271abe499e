"""GIFs without loss: what is shown and for how long stays, as other decoders see it."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from conftest import moving_box
from reference.files import GifImage, loop_block, sub_blocks, write_gif
from ssimgif import Clip, Settings, SettingsError, SourceError, convert, encode, open_clip
from ssimgif.gif import reader
from ssimgif.image import Area
from ssimgif.lossless import coding
from ssimgif.lossless.planning import Block
from ssimgif.model import Disposal

TABLE = bytes(np.random.default_rng(3).integers(0, 256, 768, np.uint8))
COMMENT = b"!\xfe" + sub_blocks(b"a comment that nobody sees " * 20)


def area(value: int, width: int = 12, height: int = 12) -> np.ndarray:
    return np.full((height, width), value, np.uint8)


def noisy(seed: int, width: int = 48, height: int = 32, colors: int = 40) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, colors, (height, width)).astype(np.uint8)


def played(file: Any) -> list[tuple[bytes, int]]:
    """Return what Pillow shows, hidden pixels as 0, with equal pictures as one."""
    out: list[tuple[bytes, int]] = []
    for pixels, delay in reader.read(file):
        look = np.where(pixels[..., 3:] != 0, pixels, 0).tobytes()
        if out and out[-1][0] == look and min(delay, out[-1][1]) >= 2:
            out[-1] = (look, out[-1][1] + delay)
        else:
            out.append((look, delay))
    return out


def kept(source: Path, **settings: Any) -> Path:
    target = source.with_name("out.gif")
    report = convert(source, target, Settings(lossless=True, **settings))
    assert report.bytes == target.stat().st_size
    assert (report.score, report.valid) == (1.0, True)
    return target


CASES = {
    "plain": [GifImage(noisy(1)), GifImage(area(3), 8, 8), GifImage(area(9), 20, 12)],
    "equal frames": [*[GifImage(noisy(1), delay=7)] * 3, GifImage(area(2), 3, 3)],
    "interlaced": [GifImage(noisy(1), interlaced=True), GifImage(area(3), 8, 8, interlaced=True)],
    "previous": [
        GifImage(noisy(1)),
        GifImage(area(3), 8, 8, disposal=3),
        GifImage(area(4), 12, 8, disposal=3),
        GifImage(area(5), 0, 0),
    ],
    "see-through": [
        GifImage(area(3), 8, 8, disposal=2, transparent=4),
        GifImage(area(5), 20, 9, disposal=2, transparent=4),
        GifImage(np.where(noisy(2, 20, 20) < 9, 4, 7), 2, 2, disposal=2, transparent=4),
    ],
    "no delays": [
        GifImage(noisy(1), delay=0),
        *(GifImage(area(i), 4 * i, delay=delay) for i, delay in enumerate((1, 2, 0, 300))),
    ],
    "comments": [COMMENT, GifImage(noisy(1)), COMMENT, GifImage(area(2))],
    "all colours": [GifImage(np.arange(1536).reshape(32, 48) % 256), GifImage(area(3), 5, 5)],
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_shown_stays_and_no_file_becomes_larger(name: str, tmp_path: Path) -> None:
    source = write_gif(tmp_path / "a.gif", 48, 32, [loop_block(2), *CASES[name]], TABLE)
    target = kept(source)
    assert played(target) == played(source)
    assert target.stat().st_size <= source.stat().st_size
    assert open_clip(target).loop == open_clip(source).loop
    assert b"nobody" not in target.read_bytes()


@pytest.mark.parametrize(("deep", "close"), [(0, 10**9), (0, 0)])
def test_at_any_pace_what_is_shown_stays(
    deep: int, close: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coding, "DEEP", deep)
    monkeypatch.setattr(coding, "CLOSE", close)
    monkeypatch.setattr(coding, "CLOSE_SHARE", 0)
    flat = [GifImage(area(value, 40, 30), value, 0) for value in range(1, 6)]
    source = write_gif(tmp_path / "in.gif", 48, 32, [GifImage(noisy(1)), *flat], TABLE)
    target = kept(source)
    assert played(target) == played(source)
    assert target.stat().st_size <= source.stat().st_size


def test_what_is_drawn_tells_how_closely_it_is_looked_at() -> None:
    def drawn(count: int, side: int) -> list[Block]:
        area = Area(0, 0, side, side)
        return [Block(area, Disposal.NONE, 4, np.zeros(1, np.uint32), False)] * count

    assert coding.pace_of(drawn(10, 500), 500 * 500) == "deep"
    assert coding.pace_of(drawn(60, 500), 500 * 500) == "close"
    assert coding.pace_of(drawn(1_000, 500), 720_000) == "quick"
    # Of many frames in which little changes more is looked at than of few.
    assert coding.pace_of(drawn(1_000, 160), 720_000) == "close"


def test_what_has_been_kept_once_stays_as_it_is(tmp_path: Path) -> None:
    source = write_gif(tmp_path / "a.gif", 48, 32, CASES["previous"], TABLE)
    once = kept(source).rename(tmp_path / "once.gif")
    assert kept(once).stat().st_size <= once.stat().st_size


def test_images_beyond_the_screen_are_cut_as_browsers_do(tmp_path: Path) -> None:
    images = [GifImage(noisy(1)), GifImage(area(3), 40, 28), GifImage(area(5), 400, 300)]
    source = write_gif(tmp_path / "a.gif", 48, 32, [*images], TABLE)
    frames, same = open_clip(source).frames(), open_clip(kept(source))
    assert (same.width, same.height) == (48, 32)
    shown = [frame.pixels for frame in frames]
    assert [np.array_equal(a, b.pixels) for a, b in zip(shown, same.frames(), strict=False)] == [
        True,
        True,
    ]


def test_small_tables_of_each_frame_become_one(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (40, 30), (40 * i, 9, 250 - i)) for i in range(6)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=80)
    target = kept(tmp_path / "a.gif")
    assert played(target) == played(tmp_path / "a.gif")
    report = convert(tmp_path / "a.gif", io.BytesIO(), Settings(lossless=True))
    assert len(report.palettes) == 1


def test_more_colours_than_a_table_has_are_kept_in_local_ones() -> None:
    rng = np.random.default_rng(7)
    colors = rng.integers(0, 256, (4, 200, 3)).astype(np.uint8)
    frames = np.stack([own[rng.integers(0, 200, (30, 40))] for own in colors])
    data = encode(Clip.from_frames(frames, Fraction(1, 10)), Settings(lossless=True)).data
    seen = np.stack([pixels[..., :3] for pixels, _ in reader.read(io.BytesIO(data))])
    np.testing.assert_array_equal(seen, frames)


def test_a_picture_of_too_many_colours_is_refused() -> None:
    frames = np.random.default_rng(1).integers(0, 256, (2, 40, 40, 3)).astype(np.uint8)
    with pytest.raises(SourceError, match="more than 256 colours"):
        encode(Clip.from_frames(frames, Fraction(1, 10), name="a.avif"), Settings(lossless=True))


def test_edits_keep_the_pixels(tmp_path: Path) -> None:
    boxes = [Image.fromarray(frame) for frame in moving_box()]
    boxes[0].save(tmp_path / "a.gif", save_all=True, append_images=boxes[1:], duration=100, loop=0)
    whole = played(tmp_path / "a.gif")
    cut = kept(tmp_path / "a.gif", start=Fraction(1, 10), end=Fraction(3, 10), loop=5)
    assert [look for look, _ in played(cut)] == [look for look, _ in whole[1:3]]
    assert open_clip(cut).loop == 5
    fast = kept(tmp_path / "a.gif", speed=Fraction(2))
    assert played(fast) == [(look, delay // 2) for look, delay in whole]


@pytest.mark.parametrize("other", [{"ssim": 0.9}, {"colors": 16}, {"max_bytes": 5000}])
def test_what_has_no_meaning_without_loss_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="lossless keeps every pixel"):
        Settings(lossless=True, **other)


def test_damage_is_told_and_what_is_good_stays(tmp_path: Path) -> None:
    broken = GifImage(area(3), data=b"\x03\x77\xff\xff\x00")
    source = write_gif(tmp_path / "a.gif", 48, 32, [GifImage(noisy(1)), broken], TABLE)
    report = convert(source, tmp_path / "out.gif", Settings(lossless=True))
    assert "a.gif is damaged" in report.warnings[0]
    assert len(played(tmp_path / "out.gif")) == 1
    with pytest.raises(SourceError, match="damaged"):
        convert(source, tmp_path / "b.gif", Settings(lossless=True, strict=True))
    assert not (tmp_path / "b.gif").exists()
