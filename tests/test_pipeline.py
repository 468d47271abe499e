"""The whole road: what is written decodes to what was promised, timed and scored as reported."""

from __future__ import annotations

import io
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

import ssimgif
from ssimgif.errors import Cancelled, TargetError
from ssimgif.fitting.candidate import played
from ssimgif.fitting.shown import score_shown
from ssimgif.image import luma
from ssimgif.metrics.banding import BandingReference
from ssimgif.metrics.score import on_white
from ssimgif.metrics.ssim import SsimReference
from ssimgif.model import U8
from ssimgif.ratecontrol import quality_seen

SIZE = (48, 64)


def landscape(count: int = 8, seed: int = 3, size: tuple[int, int] = SIZE) -> U8:
    """A pan over smooth noise with a hard-edged box: u8[count, h, w, 3]."""
    generator = np.random.default_rng(seed)
    height, width = size
    wide = generator.normal(size=(height // 4 + 1, (width + 4 * count) // 4 + 1, 3))
    image = Image.fromarray(np.clip(128 + 50 * wide, 0, 255).astype(np.uint8))
    pan = np.asarray(image.resize((width + 4 * count, height), Image.Resampling.BICUBIC)).copy()
    pan[20:40, 30:60] = (200, 30, 40)
    return np.stack([pan[:, 2 * i : 2 * i + width] for i in range(count)])


def decoded(data: bytes) -> list[tuple[U8, int]]:
    """Pillow's pictures u8[h, w, 4] and delays in ms."""
    with Image.open(io.BytesIO(data)) as image:
        return [
            (np.asarray(frame.convert("RGBA")), int(frame.info["duration"]))
            for frame in ImageSequence.Iterator(image)
        ]


@pytest.fixture(scope="module")
def encoded() -> tuple[U8, ssimgif.Report, bytes]:
    frames = landscape()
    clip = ssimgif.Clip.from_frames(frames, Fraction(1, 12))
    result = ssimgif.encode(clip, ssimgif.Settings(ssim=0.95, effort=3))
    return frames, result.report, result.data


def test_the_target_is_met_with_little_to_spare(
    encoded: tuple[U8, ssimgif.Report, bytes],
) -> None:
    _, report, _ = encoded
    assert report.valid, report.shortfalls
    assert report.score >= 0.95


def test_the_report_says_what_another_decoder_shows(
    encoded: tuple[U8, ssimgif.Report, bytes],
) -> None:
    frames, report, data = encoded
    assert report.bytes == len(data)
    pictures = decoded(data)
    assert sum(delay for _, delay in pictures) == pytest.approx(1000 * len(frames) / 12, abs=10)
    if len(pictures) == len(frames):
        scores = [
            SsimReference(luma(frame)).score(luma(on_white(shown)))
            for frame, (shown, _) in zip(frames, pictures, strict=True)
        ]
        assert report.ssim == pytest.approx(scores, abs=1e-6)


def test_the_same_input_gives_the_same_bytes(encoded: tuple[U8, ssimgif.Report, bytes]) -> None:
    frames, _, data = encoded
    clip = ssimgif.Clip.from_frames(frames, Fraction(1, 12))
    again = ssimgif.encode(clip, ssimgif.Settings(ssim=0.95, effort=3))
    assert again.data == data


def test_bytes_do_not_depend_on_the_number_of_threads() -> None:
    ramp = np.linspace(90, 130, SIZE[1])[None, :, None] + np.linspace(0, 12, SIZE[0])[:, None, None]
    frames = np.rint(ramp + np.arange(5)[:, None, None, None]).repeat(3, axis=3).astype(np.uint8)
    frames[:, 40:, 50:] = landscape(5)[:, 40:, 50:]
    clip = ssimgif.Clip.from_frames(frames, 0.1)
    made = [
        ssimgif.encode(clip, ssimgif.Settings(effort=2, colors=64, jobs=jobs)).data
        for jobs in (1, 2, 4)
    ]
    assert made[0] == made[1] == made[2]


def test_more_quality_takes_more_bytes() -> None:
    clip = ssimgif.Clip.from_frames(landscape(4), 0.1)
    sizes = [
        ssimgif.encode(
            clip, ssimgif.Settings(ssim=ssim, quality=0, delta_e=50, effort=2)
        ).report.bytes
        for ssim in (0.85, 0.92, 0.97)
    ]
    assert sizes == sorted(sizes)
    assert sizes[0] < 0.8 * sizes[-1]


def test_a_budget_is_kept_and_nearly_used() -> None:
    clip = ssimgif.Clip.from_frames(landscape(4), 0.1)
    free = ssimgif.encode(clip, ssimgif.Settings(ssim=0.96, effort=2)).report.bytes
    budget = int(0.7 * free)
    settings = ssimgif.Settings(max_bytes=budget, effort=2, keep_size=True, keep_fps=True)
    result = ssimgif.encode(clip, settings)
    assert 0.9 * budget <= len(result.data) <= budget
    assert result.report.fit is None


def test_a_small_budget_takes_a_smaller_picture_that_looks_better_scaled_up() -> None:
    clip = ssimgif.Clip.from_frames(landscape(4), 0.1)
    whole = ssimgif.encode(clip, ssimgif.Settings(effort=1)).report
    settings = ssimgif.Settings(max_bytes=whole.bytes // 6, effort=1, least_width=16)
    result = ssimgif.encode(clip, settings)
    fit = result.report.fit
    assert fit is not None
    assert len(result.data) <= whole.bytes // 6
    with Image.open(io.BytesIO(result.data)) as image:
        assert image.size == (fit.width, fit.height)
    assert 16 <= fit.width < whole.source.width
    assert (fit.shown_width, fit.shown_height) == (whole.source.width, whole.source.height)
    kept = ssimgif.encode(clip, replace(settings, keep_size=True, keep_fps=True)).data
    shown = score_shown(clip.frames(), played(io.BytesIO(kept)), (clip.width, clip.height))
    assert fit.seen > quality_seen(shown)
    assert f"{len({(one.width, one.fps) for one in fit.tried})} sizes" in fit.reason


def test_equal_frames_become_one_longer_delay() -> None:
    frames = np.repeat(landscape(2), 5, axis=0)
    result = ssimgif.encode(ssimgif.Clip.from_frames(frames, 0.05), ssimgif.Settings(effort=1))
    pictures = decoded(result.data)
    assert [delay for _, delay in pictures] == [250, 250]
    assert result.report.frames_coded == 2
    assert len(result.report.ssim) == 10


def test_few_colours_are_kept_exactly() -> None:
    frames = np.zeros((3, 40, 60, 3), np.uint8)
    frames[..., 2] = 90
    for i in range(3):
        frames[i, 10:20, 5 + 8 * i : 15 + 8 * i] = (250, 200, 10)
    settings = ssimgif.Settings(preset="lossless-look", effort=1)
    pictures = decoded(ssimgif.encode(ssimgif.Clip.from_frames(frames, 0.1), settings).data)
    for wanted, (shown, _) in zip(frames, pictures, strict=True):
        assert np.array_equal(shown[..., :3], wanted)


def test_transparency_survives_a_moving_sprite() -> None:
    frames = np.zeros((6, 48, 64, 4), np.uint8)
    for i in range(6):
        frames[i, 12:30, 4 + 6 * i : 24 + 6 * i] = (40, 160, 90, 255)
    clip = ssimgif.Clip.from_frames(frames, 0.1, loop=3)
    result = ssimgif.encode(clip, ssimgif.Settings(effort=1))
    pictures = decoded(result.data)
    assert len(pictures) == 6
    for wanted, (shown, _) in zip(frames, pictures, strict=True):
        assert np.array_equal(shown[..., 3], wanted[..., 3])
    with Image.open(io.BytesIO(result.data)) as image:
        assert image.info["loop"] == 2


def test_a_background_flattens() -> None:
    frames = np.zeros((2, 32, 32, 4), np.uint8)
    frames[0, 8:20, 8:20] = (0, 0, 0, 255)
    frames[1, 8:20, 12:24] = (0, 0, 0, 255)
    settings = ssimgif.Settings(effort=1, background=(255, 0, 0))
    pictures = decoded(ssimgif.encode(ssimgif.Clip.from_frames(frames, 0.1), settings).data)
    assert all((shown[..., 3] == 255).all() for shown, _ in pictures)
    assert pictures[0][0][0, 0].tolist() == [255, 0, 0, 255]


def test_a_still_is_one_frame() -> None:
    result = ssimgif.encode(ssimgif.Clip.from_frames(landscape(1), 1), ssimgif.Settings(effort=1))
    assert len(decoded(result.data)) == 1
    assert b"NETSCAPE" not in result.data


def test_frames_too_fast_for_gif_are_left_out_but_scored() -> None:
    frames = landscape(12)
    result = ssimgif.encode(
        ssimgif.Clip.from_frames(frames, Fraction(1, 90)), ssimgif.Settings(effort=1)
    )
    pictures = decoded(result.data)
    assert len(pictures) < 12
    assert all(delay >= 20 for _, delay in pictures)
    assert len(result.report.ssim) == 12


def test_an_unreachable_target_gives_the_best_and_says_so() -> None:
    generator = np.random.default_rng(1)
    noise = generator.integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    clip = ssimgif.Clip.from_frames(noise, 0.1)
    report = ssimgif.encode(clip, ssimgif.Settings(ssim=0.999, effort=1)).report
    assert not report.valid
    assert report.shortfalls
    assert any("best" in warning for warning in report.warnings)
    with pytest.raises(TargetError, match="clip"):
        ssimgif.encode(clip, ssimgif.Settings(ssim=0.999, effort=1, strict=True))


def test_cancel_leaves_no_file(tmp_path: Path) -> None:
    source = tmp_path / "in.gif"
    pictures = [Image.fromarray(frame) for frame in landscape(4)]
    pictures[0].save(source, save_all=True, append_images=pictures[1:], duration=100)
    out = tmp_path / "out.gif"
    out.write_bytes(b"precious")
    with pytest.raises(Cancelled):
        ssimgif.convert(source, out, progress=lambda step: step.stage != "encoding")
    assert out.read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.gif", "out.gif"]


def test_presets_ask_mean_and_percentile_apart() -> None:
    clip = ssimgif.Clip.from_frames(landscape(6), 0.1)
    report = ssimgif.encode(clip, ssimgif.Settings(preset="social", effort=2)).report
    assert report.valid
    assert report.mean >= 0.95
    assert report.p10 >= 0.90


def test_a_mover_leaves_nothing_behind() -> None:
    generator = np.random.default_rng(4)
    frames = np.clip(120 + generator.normal(0, 4, (10, 64, 96, 3)), 0, 255).astype(np.uint8)
    for i in range(10):
        frames[i, 20:36, 4 + 8 * i : 16 + 8 * i] = (240, 220, 60)
    clip = ssimgif.Clip.from_frames(frames, 0.1)
    pictures = decoded(ssimgif.encode(clip, ssimgif.Settings(ssim=0.95, effort=2)).data)
    assert len(pictures) == 10
    for i in range(1, 10):
        trail = pictures[i][0][20:36, 4 + 8 * (i - 1) : 4 + 8 * i, :3].astype(float)
        assert abs(trail.mean() - 120) < 4


def test_in_a_hurry_only_what_moves_is_drawn_and_nothing_is_left_behind() -> None:
    generator = np.random.default_rng(8)
    ground = landscape(1, size=(72, 96))[0].astype(float)
    noise = generator.normal(0, 2.5, (16, *ground.shape))
    frames = np.clip(ground + noise, 0, 255).astype(np.uint8)
    for i in range(1, 12):
        frames[i, 20:32, 10 + 3 * i : 22 + 3 * i] = (235, 40, 30)
    result = ssimgif.encode(ssimgif.Clip.from_frames(frames, 0.1), ssimgif.Settings(effort=1))
    drawn = []
    with Image.open(io.BytesIO(result.data)) as image:
        for number in range(1, image.n_frames):
            image.seek(number)
            left, top, right, bottom = image.dispose_extent
            drawn.append((right - left) * (bottom - top))
    assert np.median(drawn) < 0.1 * ground[..., 0].size
    rest = decoded(result.data)[-1][0][..., :3] - ground
    trail = rest[20:32, 10:55]
    assert np.abs(trail).mean() < 1.1 * np.abs(rest).mean()
    assert np.abs(trail.mean((0, 1))).max() < 2


def test_flat_pictures_are_asked_more_looks_unless_a_quality_is_named() -> None:
    flat = np.full((2, 64, 96, 3), 30, np.uint8)
    flat[:, 20:26, 30:60:2] = 230
    clip = ssimgif.Clip.from_frames(flat, 0.1)

    def asked(clip: ssimgif.Clip, **settings: float) -> float:
        target = ssimgif.encode(clip, ssimgif.Settings(**settings)).report.target  # type: ignore[arg-type]
        return float(target["looks"])

    assert asked(clip, ssim=0.95) == pytest.approx(68)
    assert asked(clip, ssim=0.95, quality=55) == 55
    assert asked(ssimgif.Clip.from_frames(landscape(2), 0.1), ssim=0.95) == 60


def swaying_gradient(count: int) -> U8:
    """Return a dim gradient that sways beside a patch of noise, u8[count, 96, 160, 3]."""
    y, x = np.mgrid[:96, :160]
    grain = np.random.default_rng(3).normal(0, 25, (count, 36, 80))
    light = np.stack([60 + y / 3 + 30 * np.sin((x + 4 * i) / 40) for i in range(count)])
    light[:, 60:, :80] += grain
    return np.repeat(np.clip(light, 0, 255)[..., None], 3, -1).astype(np.uint8)


def test_false_contours_do_not_build_up_without_dither() -> None:
    frames = swaying_gradient(12)
    clip = ssimgif.Clip.from_frames(frames, Fraction(1, 12))
    settings = ssimgif.Settings(ssim=0.9, dither="none", effort=3, no_cache=True)
    coded = ssimgif.encode(clip, settings)
    assert coded.report.valid
    shares = [
        BandingReference(luma(source)).share(luma(on_white(shown)))
        for source, (shown, _) in zip(frames, decoded(coded.data), strict=True)
    ]
    # Phrases that are a little off are repeated: by the end there would be twice as many.
    assert np.mean(shares[4:]) < np.mean(shares[:2])
