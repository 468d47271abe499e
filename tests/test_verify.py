"""Scoring any clip against any other, with scikit-image as the judge."""

from fractions import Fraction
from io import BytesIO

import numpy as np
import pytest
from skimage import data
from skimage.metrics import structural_similarity

import ssimgif
from ssimgif.errors import SourceError
from ssimgif.image import luma
from ssimgif.metrics.ciede2000 import ColorReference, histogram_mean, histogram_percentile
from ssimgif.metrics.local import LocalReference
from ssimgif.metrics.ssim import SsimReference
from ssimgif.metrics.ssimulacra2 import LooksReference
from ssimgif.model import Clip
from ssimgif.verify import verify

PHOTO = data.astronaut()
FRAMES = np.stack([PHOTO[8 * i : 8 * i + 60, 100 : 100 + 80] for i in range(6)])


def posterised(frames, step=24):
    return np.minimum(frames.astype(int) // step * step + step // 2, 255).astype(np.uint8)


def clip(frames, durations=Fraction(1, 10), **others):
    return Clip.from_frames(np.asarray(frames), durations, **others)


def ssim(source, picture):
    return structural_similarity(
        luma(source),
        luma(picture),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=255,
    )


def test_a_clip_against_itself_is_perfect():
    result = verify(clip(FRAMES, loop=3), clip(FRAMES, loop=3))
    assert result.score.score == pytest.approx(1)
    assert result.score.delta_e_p95 == result.score.banding == result.drift == 0
    assert result.score.looks_mean == 100
    assert result.score.local_mean == result.score.missed == 0
    assert (result.source_frames, result.gif_frames) == (6, 6)
    assert (result.source_loop, result.gif_loop) == (3, 3)


def test_scores_agree_with_the_kernels():
    gif = posterised(FRAMES)
    result = verify(clip(FRAMES), clip(gif))
    pairs = list(zip(FRAMES, gif, strict=True))
    color = sum(ColorReference(a).histogram(b) for a, b in pairs)
    looks = [LooksReference(a).score(b) for a, b in pairs]
    local = [LocalReference(a).score(b) for a, b in pairs]
    expected = [SsimReference(luma(a)).score(luma(b)) for a, b in pairs]
    assert result.ssim == pytest.approx(expected, abs=1e-6)
    assert result.score.delta_e_mean == pytest.approx(histogram_mean(color), abs=0.01)
    assert result.score.delta_e_p95 == pytest.approx(histogram_percentile(color, 95), abs=0.03)
    assert result.score.looks_mean == pytest.approx(np.mean(looks))
    assert result.local == pytest.approx(local)
    assert result.score.local_mean == pytest.approx(np.mean(local))
    assert result.score.local_p90 == pytest.approx(np.percentile(local, 90))
    assert result.judges["ssim"].startswith("scikit-image")


def letters(count):
    """Return a dark page, u8[count, 48, 96, 3], on which a letter appears in each frame."""
    frames = np.full((count, 48, 96, 3), 20, np.uint8)
    for i in range(1, count):
        frames[i:, 16:24, 8 * i : 8 * i + 6] = 220
    return frames


def test_changes_that_never_arrive_are_missed():
    page = letters(6)
    late = page.copy()
    late[2], late[4, 16:20] = page[1], page[3, 16:20]
    result = verify(clip(page), clip(late))
    assert result.score.missed == pytest.approx((1 + 0.5) / 5)
    assert result.score.missable < 0.02
    assert result.local[1] == 0 < result.local[4] < result.local[2]


def test_a_broken_place_is_found_in_a_frame_that_is_not_sampled():
    many = np.repeat(FRAMES[:1], 25, axis=0)
    broken = many.copy()
    broken[1, 20:30, 20:30] = 255 - broken[1, 20:30, 20:30]
    result = verify(clip(many), clip(broken))
    assert 1 not in result.sampled
    assert np.flatnonzero(result.local).tolist() == [1]


@pytest.mark.parametrize("frames", [letters(8), FRAMES], ids=["text", "photograph"])
@pytest.mark.parametrize("effort", [1, 5])
def test_the_encoder_and_the_judge_agree(frames, effort):
    source = clip(frames)
    done = ssimgif.encode(source, ssimgif.Settings(effort=effort, no_cache=True))
    result = verify(source, ssimgif.open_clip(BytesIO(done.data)))
    report, score = done.report, result.score
    assert len(report.local) == len(result.local) == len(frames)
    assert report.local == pytest.approx(result.local, abs=0.01)
    assert report.local_mean == pytest.approx(score.local_mean, abs=0.01)
    assert report.local_p90 == pytest.approx(score.local_p90, abs=0.01)
    assert report.missed == pytest.approx(score.missed, abs=0.001)
    assert report.ssim == pytest.approx(result.ssim, abs=1e-4)


def test_the_picture_on_screen_at_the_middle_counts():
    """0..2 shows frame 0, 3..5 frame 4; the fourth starts just after the middle of frame 3."""
    result = verify(
        clip(FRAMES), clip([FRAMES[0], FRAMES[4]], [Fraction(36, 100), Fraction(24, 100)])
    )
    shown = [0, 0, 0, 0, 4, 4]
    assert result.ssim == pytest.approx([ssim(FRAMES[i], FRAMES[k]) for i, k in enumerate(shown)])
    assert result.gif_frames == 2


def test_a_change_at_the_very_middle_shows_the_new_picture():
    result = verify(clip(FRAMES[:1]), clip(FRAMES[:2], Fraction(1, 20)))
    assert result.ssim == pytest.approx([ssim(FRAMES[0], FRAMES[1])])


def test_the_last_picture_stays_when_the_gif_ends_early():
    result = verify(clip(FRAMES), clip(FRAMES[:2]))
    assert result.ssim[-1] == pytest.approx(ssim(FRAMES[5], FRAMES[1]))
    assert result.drift == pytest.approx(-0.4)


def test_frames_that_are_never_looked_at_still_count():
    result = verify(clip(FRAMES), clip(np.concatenate([FRAMES, FRAMES])))
    assert result.gif_frames == 12
    assert result.drift == pytest.approx(0.6)


def test_short_delays_are_counted():
    durations = [Fraction(1, 100), Fraction(2, 100), Fraction(57, 100)]
    assert verify(clip(FRAMES), clip(FRAMES[:3], durations)).short_delays == 1


def test_transparent_areas_count_as_white():
    opaque = np.full((2, 20, 24, 4), 255, np.uint8)
    opaque[..., :12, :3] = 40
    clear = opaque.copy()
    clear[:, :, 12:] = 7, 8, 9, 0
    result = verify(clip(opaque), clip(clear))
    assert result.score.score == pytest.approx(1)
    assert result.alpha_mismatch == pytest.approx(0.5)


def test_ten_frames_are_sampled():
    many = np.repeat(FRAMES[:1], 25, axis=0)
    sampled = verify(clip(many), clip(many)).sampled
    assert len(sampled) == 10
    assert (sampled[0], sampled[-1]) == (0, 24)


def test_frame_counts_may_be_unknown():
    source = clip(FRAMES)
    unknown = Clip(source.width, source.height, source.open_frames)
    assert verify(unknown, clip(FRAMES)).sampled == (0, 1, 2, 3, 4, 5)


def test_tiny_pictures():
    tiny = FRAMES[:2, :4, :7]
    result = verify(clip(tiny), clip(posterised(tiny)))
    assert 0 < result.score.score < 1


def test_other_sizes_are_refused_with_both_named():
    with pytest.raises(SourceError, match=r"b\.gif is 40x60 but a\.avif is 80x60"):
        verify(clip(FRAMES, name="a.avif"), clip(FRAMES[:, :, :40], name="b.gif"))


def test_a_clip_without_frames_is_refused():
    empty = Clip(80, 60, lambda: iter(()), name="b.gif")
    with pytest.raises(SourceError, match=r"b\.gif has no frames"):
        verify(clip(FRAMES), empty)
