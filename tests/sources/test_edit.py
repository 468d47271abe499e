"""Trim, crop, speed, rate, size, direction and plays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from reference import media
from ssimgif.errors import SourceError
from ssimgif.model import U8, Clip, Frame
from ssimgif.settings import Settings
from ssimgif.sources.edit import back_and_forth, backwards, edit
from ssimgif.sources.frame_cache import remember

TENTH = Fraction(1, 10)


def numbered(durations: list[Fraction]) -> Clip:
    """A clip whose frame i has the red level i."""
    frames = np.zeros((len(durations), 2, 4, 3), np.uint8)
    frames[..., 0] = np.arange(len(durations))[:, None, None]
    return Clip.from_frames(frames, durations, name="a clip")


def shown(clip: Clip) -> list[tuple[int, Fraction]]:
    once = [(int(f.pixels[0, 0, 0]), f.duration) for f in clip.frames()]
    again = [(int(f.pixels[0, 0, 0]), f.duration) for f in clip.frames()]
    assert once == again
    return once


def test_nothing_asked_is_nothing_changed() -> None:
    clip = numbered([TENTH] * 3)
    assert edit(clip, Settings()) is clip
    assert edit(clip, Settings(width=clip.width)) is clip


def test_trim_cuts_frames_that_are_partly_inside() -> None:
    clip = numbered([TENTH] * 5)
    out = edit(clip, Settings(start=Fraction(15, 100), end=Fraction(42, 100)))
    assert shown(out) == [(1, TENTH / 2), (2, TENTH), (3, TENTH), (4, Fraction(2, 100))]


def test_trim_to_an_end_after_the_clip_keeps_it_whole() -> None:
    assert shown(edit(numbered([TENTH] * 2), Settings(end=Fraction(9)))) == [(0, TENTH), (1, TENTH)]


def test_trim_reads_no_further_than_the_end() -> None:
    def frames() -> Iterator[Frame]:
        yield from numbered([TENTH] * 3).frames()
        raise AssertionError("read too far")

    clip = replace(numbered([TENTH] * 4), open_frames=frames)
    assert len(shown(edit(clip, Settings(end=Fraction(3, 10))))) == 3


def test_trim_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(SourceError, match=r"^a clip lasts 0\.3 s: nothing is left from 5 s$"):
        edit(numbered([TENTH] * 3), Settings(start=Fraction(5)))


def test_resampling_takes_the_frame_at_the_middle_of_each_slot() -> None:
    clip = numbered([Fraction(n, 100) for n in (4, 8, 20, 3, 5)])
    out = edit(clip, Settings(fps=Fraction(10)))
    assert shown(out) == [(1, TENTH), (2, TENTH), (2, TENTH), (4, TENTH)]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(1, 300), min_size=1, max_size=12),
    st.fractions(Fraction(1, 2), 60, max_denominator=100),
)
def test_resampling_keeps_the_duration_and_the_picture(times: list[int], fps: Fraction) -> None:
    durations = [Fraction(t, 100) for t in times]
    ends = np.cumsum(times)
    out = shown(edit(numbered(durations), Settings(fps=fps)))
    assert sum(d for _, d in out) == sum(durations)
    assert all(d == 1 / fps for _, d in out[:-1])
    for slot, (number, _) in enumerate(out):
        middle = (slot + Fraction(1, 2)) / fps * 100
        if middle < int(ends[-1]):
            assert number == next(i for i, end in enumerate(ends) if middle < int(end))


def test_width_keeps_the_aspect_and_the_look() -> None:
    source = media.gradient(2, 30, 60)
    out = edit(Clip.from_frames(source, TENTH), Settings(width=30))
    assert (out.width, out.height) == (30, 15)
    for frame, original in zip(out.frames(), source, strict=True):
        box = original.reshape(15, 2, 30, 2, 3).mean((1, 3))
        assert np.abs(frame.pixels[2:-2, 2:-2, :3] - box[2:-2, 2:-2]).max() <= 2
        assert (frame.pixels[..., 3] == 255).all()


def test_scaling_lets_no_hidden_colour_out() -> None:
    pixels = np.zeros((1, 20, 20, 4), np.uint8)
    pixels[...] = 0, 255, 0, 0
    pixels[:, :, :9] = 200, 10, 10, 255
    frame = next(edit(Clip.from_frames(pixels, TENTH), Settings(width=10)).frames())
    visible = frame.pixels[..., 3] > 20
    assert frame.pixels[visible][:, 1].max() <= 20


@pytest.mark.parametrize(("count", "order"), [(1, "0"), (2, "01"), (3, "0121"), (5, "01234321")])
@pytest.mark.parametrize("block", [1, 2, 100])
def test_bounce_shows_the_end_frames_once(count: int, order: str, block: int) -> None:
    out = back_and_forth(numbered([TENTH] * count), block * 2 * 4 * 4)
    assert shown(out) == shown(edit(numbered([TENTH] * count), Settings(bounce=True)))
    assert "".join(str(number) for number, _ in shown(out)) == order
    assert out.frame_count == len(order)


def test_loop_is_replaced() -> None:
    assert edit(numbered([TENTH]), Settings(loop=3)).loop == 3
    assert edit(numbered([TENTH]), Settings(loop=0)).loop == 0


def test_sides_over_the_format_are_refused_unless_scaled() -> None:
    wide = Clip(70_000, 10, lambda: iter([]), name="wide.png")
    with pytest.raises(SourceError, match=r"^wide\.png is 70000x10, but .* 65535 pixels"):
        edit(wide, Settings())
    assert edit(wide, Settings(width=7000)).height == 1


def counted(frames: U8) -> tuple[Clip, list[int]]:
    readings: list[int] = []

    def read() -> Iterator[Frame]:
        readings.append(1)
        yield from Clip.from_frames(frames, TENTH).frames()

    return replace(Clip.from_frames(frames, TENTH), open_frames=read), readings


def test_remembered_frames_are_decoded_once() -> None:
    clip, readings = counted(media.gradient())
    memory = remember(clip)
    first = [f.pixels for f in memory.frames()]
    second = [f.pixels for f in memory.frames()]
    assert len(readings) == 1
    assert all(a is b for a, b in zip(first, second, strict=True))
    assert not first[0].flags.writeable


def test_frames_over_the_limit_are_read_again() -> None:
    clip, readings = counted(media.gradient())
    memory = remember(clip, limit_bytes=5 * 34 * 46 * 4)
    for _ in range(3):
        assert sum(1 for _ in memory.frames()) == 6
    assert len(readings) == 3


def test_an_unfinished_reading_is_not_remembered() -> None:
    clip, _ = counted(media.gradient())
    memory = remember(clip)
    reading = memory.frames()
    next(reading)
    assert sum(1 for _ in memory.frames()) == 6  # a second one at the same time
    reading.close()
    for _ in range(2):
        assert sum(1 for _ in memory.frames()) == 6


def test_scaling_is_pillows_lanczos() -> None:
    source = media.gradient(1, 31, 47)
    frame = next(edit(Clip.from_frames(source, TENTH), Settings(width=20)).frames())
    image = Image.fromarray(source[0]).resize((20, 13), Image.Resampling.LANCZOS)
    assert np.array_equal(frame.pixels[..., :3], np.asarray(image))


def test_height_keeps_the_aspect_and_both_are_the_exact_size() -> None:
    clip = Clip.from_frames(media.gradient(1, 30, 60), TENTH)
    sizes = [
        (out.width, out.height, next(out.frames()).pixels.shape)
        for out in (edit(clip, Settings(height=15)), edit(clip, Settings(width=20, height=40)))
    ]
    assert sizes == [(30, 15, (15, 30, 4)), (20, 40, (40, 20, 4))]


def test_crop_keeps_the_rectangle() -> None:
    source = media.gradient(2, 30, 60)
    out = edit(Clip.from_frames(source, TENTH), Settings(crop=(20, 11, 7, 19)))
    assert (out.width, out.height) == (20, 11)
    for frame, original in zip(out.frames(), source, strict=True):
        assert np.array_equal(frame.pixels[..., :3], original[19:30, 7:27])


@pytest.mark.parametrize("crop", [(60, 30, 1, 0), (60, 30, 0, 1), (1, 1, 60, 0)])
def test_a_crop_outside_the_picture_is_refused(crop: tuple[int, int, int, int]) -> None:
    clip = Clip.from_frames(media.gradient(1, 30, 60), TENTH, name="a.gif")
    with pytest.raises(SourceError, match=r"^a\.gif is 60x30: the crop \d+x\d+\+\d+\+\d+ goes"):
        edit(clip, Settings(crop=crop))


def test_crop_comes_before_size() -> None:
    source = media.gradient(1, 30, 60)
    out = edit(Clip.from_frames(source, TENTH), Settings(crop=(40, 20, 10, 5), width=20))
    image = Image.fromarray(source[0]).crop((10, 5, 50, 25))
    expected = image.resize((20, 10), Image.Resampling.LANCZOS)
    assert np.array_equal(next(out.frames()).pixels[..., :3], np.asarray(expected))


def test_speed_divides_the_times_after_the_trim_and_before_the_rate() -> None:
    assert shown(edit(numbered([TENTH] * 2), Settings(speed=Fraction(2)))) == [
        (0, TENTH / 2),
        (1, TENTH / 2),
    ]
    out = edit(
        numbered([TENTH] * 8),
        Settings(start=Fraction(4, 10), speed=Fraction(2), fps=Fraction(10)),
    )
    assert shown(out) == [(5, TENTH), (7, TENTH)]


@pytest.mark.parametrize(("count", "order"), [(1, "0"), (2, "10"), (3, "210"), (5, "43210")])
@pytest.mark.parametrize("block", [1, 2, 100])
def test_reverse_shows_every_frame_backward(count: int, order: str, block: int) -> None:
    out = backwards(numbered([TENTH] * count), block * 2 * 4 * 4)
    assert shown(out) == shown(edit(numbered([TENTH] * count), Settings(reverse=True)))
    assert "".join(str(number) for number, _ in shown(out)) == order
    assert out.frame_count == count


@pytest.mark.parametrize(("count", "order"), [(1, "0"), (2, "10"), (3, "2101"), (5, "43210123")])
def test_reverse_and_bounce_begin_at_the_end(count: int, order: str) -> None:
    out = edit(numbered([TENTH] * count), Settings(reverse=True, bounce=True))
    assert "".join(str(number) for number, _ in shown(out)) == order
    assert out.frame_count == len(order)


def pixel_art() -> U8:
    levels = np.random.default_rng(3).integers(0, 4, (2, 9, 12, 3), dtype=np.uint8)
    return levels // 2 * 200


def scaled(frames: U8, **changes: int | str) -> list[U8]:
    out = edit(Clip.from_frames(frames, TENTH), Settings(**changes))  # type: ignore[arg-type]
    return [frame.pixels[..., :3] for frame in out.frames()]


def test_pixel_art_is_scaled_by_whole_factors_with_hard_edges() -> None:
    art = pixel_art()
    for frame, original in zip(scaled(art, width=36), art, strict=True):
        assert np.array_equal(frame, original.repeat(3, 0).repeat(3, 1))
    wide = scaled(art, width=24, height=27)[0]
    assert np.array_equal(wide, art[0].repeat(3, 0).repeat(2, 1))


@pytest.mark.parametrize(
    "size", [{"width": 30}, {"width": 6}, {"width": 36, "scale_filter": "smooth"}]
)
def test_other_factors_are_smooth(size: dict[str, int | str]) -> None:
    art = pixel_art()
    frame = scaled(art, **size)[0]
    shape = (frame.shape[1], frame.shape[0])
    expected = Image.fromarray(art[0]).resize(shape, Image.Resampling.LANCZOS)
    assert np.array_equal(frame, np.asarray(expected))


def test_pictures_of_many_colours_are_smooth_unless_told_otherwise() -> None:
    """One of them decides, wherever it is."""
    photo = np.zeros((2, 16, 16, 3), np.uint8)
    photo[1] = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    lanczos = Image.fromarray(photo[1]).resize((32, 32), Image.Resampling.LANCZOS)
    assert np.array_equal(scaled(photo, width=32)[1], np.asarray(lanczos))
    hard = scaled(photo, width=32, scale_filter="nearest")[1]
    assert np.array_equal(hard, photo[1].repeat(2, 0).repeat(2, 1))


def test_hard_edges_of_transparent_art_stay_hard() -> None:
    art = np.dstack([pixel_art()[0], np.where(pixel_art()[0, ..., 0] > 0, 255, 0)])
    clip = Clip.from_frames(art.astype(np.uint8)[None], TENTH)
    frame = next(edit(clip, Settings(width=24)).frames())
    assert np.array_equal(frame.pixels, art.repeat(2, 0).repeat(2, 1))


def test_long_clips_are_refused_before_they_are_read_backward() -> None:
    clip = edit(numbered([TENTH] * 9), Settings(reverse=True, max_frames=4, end=Fraction(1)))
    with pytest.raises(SourceError, match="more than 4 frames"):
        next(clip.frames())
