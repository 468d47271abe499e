"""The comparison with libraries' own writers saves what it says, and sees who is better."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("imageio", reason="imageio is not installed")
pytest.importorskip("matplotlib", reason="matplotlib is not installed")

from animations import game, sticker
from conftest import moving_box
from ssimgif.model import U8
from writers import LIBRARIES, MILLISECONDS, Figures, by_pillow, measure

OWN = Figures(bytes=1000, ssim=0.9, ssim_linear=0.9, delta_e=1.0, psnr=30.0)
FRAMES = {"opaque": game()[:3, 200:330, 220:380], "alpha": sticker()[:3]}


@pytest.mark.parametrize("frames", FRAMES.values(), ids=FRAMES)
@pytest.mark.parametrize("library", LIBRARIES)
def test_each_library_saves_the_frames_pixel_by_pixel(
    library: str, frames: U8, tmp_path: Path
) -> None:
    place = tmp_path / "a.gif"
    LIBRARIES[library](place, frames, {"effort": "1", "ssim": "0.97"})
    ours = measure(place, frames)
    assert ours.bytes == place.stat().st_size
    assert ours.ssim > 0.96 and ours.ssim_linear > 0.95
    assert ours.delta_e < 1 and ours.psnr > 28
    LIBRARIES[library](place, frames, None)
    own = measure(place, frames)
    if (library, frames.shape[3]) != (
        "matplotlib",
        4,
    ):  # which lets the frames before shine through
        assert own.ssim > 0.94 and own.delta_e < 1 and own.psnr > 25
    assert ours != own


def test_the_same_pictures_have_the_best_figures(tmp_path: Path) -> None:
    frames = np.repeat(np.arange(0, 240, 60, dtype=np.uint8), 16 * 16 * 3).reshape(4, 16, 16, 3)
    by_pillow(tmp_path / "a.gif", frames, None)
    found = measure(tmp_path / "a.gif", frames)
    assert found.cells()[1:] == ["1.00000", "1.00000", "0.000", "the same"]
    worse = measure(tmp_path / "a.gif", frames + np.uint8(2))
    assert found.ssim > worse.ssim and found.delta_e < worse.delta_e and worse.psnr < 45


def test_a_gif_of_another_length_is_not_compared(tmp_path: Path) -> None:
    frames = moving_box(3)
    images = [Image.fromarray(frame) for frame in frames]
    options = {"save_all": True, "append_images": images[1:], "duration": 2 * MILLISECONDS}
    images[0].save(tmp_path / "a.gif", **options)
    with pytest.raises(SystemExit, match=r"a\.gif lasts 6 frames instead of 3"):
        measure(tmp_path / "a.gif", frames)


@pytest.mark.parametrize(
    ("change", "won"),
    [
        ({}, True),
        ({"bytes": 1000}, False),
        ({"ssim": 0.899}, False),
        ({"ssim_linear": 0.899}, False),
        ({"delta_e": 1.01}, False),
        ({"psnr": 29.9}, False),
        ({"psnr": 31.0, "delta_e": 0.5}, True),
    ],
)
def test_the_smaller_wins_where_no_figure_is_worse(change: dict[str, float], won: bool) -> None:
    assert replace(OWN, **{"bytes": 999, **change}).beats(OWN) == won
