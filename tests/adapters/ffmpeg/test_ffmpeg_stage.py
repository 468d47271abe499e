"""The stage: push frames, pull packets or frames."""

from __future__ import annotations

import io
from fractions import Fraction
from itertools import accumulate

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from PIL import Image, ImageSequence

import ssimgif
from conftest import DATA, moving_box
from ssimgif.model import U8
from ssimgif_ffmpeg import SsimGifStage
from ssimgif_ffmpeg.packets import gif_packets, with_last_delay
from ssimgif_ffmpeg.pictures import fits_palettes, to_palette
from ssimgif_ffmpeg.store import FrameStore

DELAYS = (4, 10, 7, 21, 5, 33)
SETTINGS = "ssim=0.92:effort=1"


def video_frames(pictures: U8, kind: str = "rgb24", final: bool = True) -> list[VideoFrame]:
    """Return frames timed in centiseconds by `DELAYS`."""
    frames = []
    for picture, start, delay in zip(pictures, accumulate(DELAYS, initial=0), DELAYS, strict=False):
        frame = VideoFrame.from_ndarray(picture, format=kind)
        frame.pts, frame.time_base = start, Fraction(1, 100)
        frame.duration = delay if final else 0
        frames.append(frame)
    return frames


def run(stage: SsimGifStage, frames: list[VideoFrame]) -> list[object]:
    for frame in frames:
        stage.push(frame)
    stage.push(None)
    results = []
    while True:
        try:
            results.append(stage.pull())
        except av.EOFError:
            return results


def pillow(gif: bytes) -> tuple[list[U8], list[int], int | None]:
    """Return pictures u8[h, w, 4], delays in centiseconds, and the loop block's count."""
    with Image.open(io.BytesIO(gif)) as image:
        frames = [
            (np.array(one.convert("RGBA")), int(one.info["duration"]) // 10)
            for one in ImageSequence.Iterator(image)
        ]
        return [a for a, _ in frames], [b for _, b in frames], image.info.get("loop")


def holes(frames: int = 6) -> U8:
    """Return a box moving over nothing, u8[n, h, w, 4]."""
    box = moving_box(frames)
    alpha = np.where(box[..., :1] == 220, 255, 0).astype(np.uint8)
    return np.concatenate([box, alpha], axis=3)


def test_the_verbs_are_those_of_a_graph() -> None:
    stage = SsimGifStage(SETTINGS)
    with pytest.raises(av.BlockingIOError):
        stage.pull()
    assert len(run(stage, video_frames(moving_box()))) == 6
    with pytest.raises(av.EOFError):
        stage.pull()
    with pytest.raises(av.EOFError):
        stage.push(video_frames(moving_box())[0])
    assert stage.report is not None
    assert stage.gif is not None
    assert stage.report.bytes == len(stage.gif)


def test_packets_muxed_by_pyav_are_the_gif() -> None:
    stage = SsimGifStage(SETTINGS)
    packets = run(stage, video_frames(moving_box()))
    assert stage.gif is not None
    file = io.BytesIO()
    with av.open(file, "w", format="gif", options={"final_delay": str(DELAYS[-1])}) as container:
        stream = container.add_mux_stream("gif", rate=100, width=64, height=48)
        for packet in packets:
            packet.stream = stream  # type: ignore[attr-defined]
            container.mux(packet)  # type: ignore[arg-type]
    pictures, delays, loop = pillow(file.getvalue())
    assert (delays, loop) == (list(DELAYS), 0)
    assert np.array_equal(pictures, pillow(stage.gif)[0])


@pytest.mark.parametrize("make", [moving_box, holes])
@pytest.mark.parametrize("output", ["pal8", "rgba"])
def test_frames_are_what_pillow_decodes(make: object, output: str) -> None:
    pictures = make()  # type: ignore[operator]
    kind = "rgba" if pictures.shape[3] == 4 else "rgb24"
    stage = SsimGifStage(SETTINGS, output=output)  # type: ignore[arg-type]
    frames = run(stage, video_frames(pictures, kind))
    assert stage.gif is not None
    expected, delays, _ = pillow(stage.gif)
    shown = [frame.to_ndarray(format="rgba") for frame in frames]  # type: ignore[attr-defined]
    assert {frame.format.name for frame in frames} == {output}  # type: ignore[attr-defined]
    assert [frame.duration for frame in frames] == delays == list(DELAYS)  # type: ignore[attr-defined]
    for ours, theirs in zip(shown, expected, strict=True):
        assert np.array_equal(ours[..., 3], theirs[..., 3])
        assert np.array_equal(ours[theirs[..., 3] > 0], theirs[theirs[..., 3] > 0])


def test_paletted_frames_never_need_more_than_a_palette() -> None:
    """Where palettes of several frames meet on screen, a GIF shows more than 256 colours."""
    frames = video_frames(moving_box(6, 96, 128))
    plain = SsimGifStage("effort=1")
    run(plain, frames)
    assert plain.gif is not None
    assert not fits_palettes(plain.gif)
    paletted = SsimGifStage("effort=1", output="pal8")
    results = run(paletted, frames)
    assert paletted.gif is not None
    assert fits_palettes(paletted.gif)
    expected = pillow(paletted.gif)[0]
    shown = [frame.to_ndarray(format="rgba") for frame in results]  # type: ignore[attr-defined]
    assert np.array_equal(shown, expected)


def test_a_picture_of_256_colours_fits_exactly() -> None:
    pixels = np.zeros((16, 17, 4), np.uint8)
    pixels[:, :16, 0] = np.arange(256).reshape(16, 16)
    pixels[:, :16, 3] = 255
    pixels[0, 0, 3] = 0
    indices, palette = to_palette(pixels)
    assert np.array_equal(palette[indices][..., [1, 2, 3, 0]][1:], pixels[1:])
    assert palette[indices[0, 0], 0] == 0


def test_it_makes_the_same_as_the_core() -> None:
    stage = SsimGifStage(SETTINGS)
    run(stage, video_frames(moving_box()))
    clip = ssimgif.Clip.from_frames(moving_box(), [Fraction(d, 100) for d in DELAYS])
    assert stage.gif == ssimgif.encode(clip, ssimgif.Settings(ssim=0.92, effort=1)).data


def test_without_durations_the_last_frame_stays_like_the_one_before() -> None:
    stage = SsimGifStage(SETTINGS)
    run(stage, video_frames(moving_box(), final=False))
    assert stage.gif is not None
    assert pillow(stage.gif)[1] == [*DELAYS[:-1], DELAYS[-2]]


def test_no_frames_and_changing_sizes_are_told_in_a_sentence() -> None:
    empty = SsimGifStage()
    empty.push(None)
    with pytest.raises(ssimgif.SourceError, match="no frame"):
        empty.pull()
    stage = SsimGifStage()
    stage.push(video_frames(moving_box())[0])
    with pytest.raises(ssimgif.SourceError, match="64x48 to 32x48 at frame 2"):
        stage.push(video_frames(moving_box(width=32))[1])


def test_limits_hold() -> None:
    stage = SsimGifStage("max_frames=2")
    for frame in video_frames(moving_box())[:2]:
        stage.push(frame)
    with pytest.raises(ssimgif.SourceError, match="more than 2 frames"):
        stage.push(video_frames(moving_box())[2])
    with pytest.raises(ssimgif.SourceError, match="limit of 100 pixels"):
        SsimGifStage("max_pixels=100").push(video_frames(moving_box())[0])


def test_progress_can_stop_it() -> None:
    stage = SsimGifStage(progress=lambda step: False)
    with pytest.raises(ssimgif.Cancelled):
        run(stage, video_frames(moving_box()))


def test_high_dynamic_range_is_shown_as_srgb() -> None:
    path = DATA / "made-pq10.avif"
    with av.open(str(path)) as container:
        stream = max(container.streams.video, key=lambda one: one.frames)
        frame = next(iter(container.decode(stream)))
    stage = SsimGifStage(SETTINGS)
    run(stage, [frame])
    assert stage.gif is not None
    ours = pillow(stage.gif)[0][0][..., :3].astype(int)
    clip = ssimgif.open_clip(path, {"fps": None, "max_frames": 99, "max_pixels": 10**6})
    theirs = next(iter(clip.frames())).pixels[..., :3].astype(int)
    assert np.abs(ours.mean() - theirs.mean()) < 12


def test_frames_beyond_memory_are_kept_in_a_file() -> None:
    pictures = holes()
    store = FrameStore("clip", ssimgif.Settings(), memory_bytes=2 * pictures[0].nbytes)
    for number, picture in enumerate(pictures):
        store.add(picture, Fraction(number), Fraction(1))
    clip = store.clip()
    for _ in range(2):
        assert np.array_equal([frame.pixels for frame in clip.frames()], pictures)


def test_a_frame_that_begins_no_later_replaces_the_one_before() -> None:
    pictures = holes()
    for limit in (0, 10**9):
        store = FrameStore("clip", ssimgif.Settings(), memory_bytes=limit)
        for number, picture in zip((0, 1, 1, 0, 2), pictures, strict=False):
            store.add(picture, Fraction(number), Fraction(1))
        frames = list(store.clip().frames())
        assert [frame.duration for frame in frames] == [1, 1, 1]
        assert np.array_equal([one.pixels for one in frames], pictures[[0, 3, 4]])


def test_a_stretched_clip_stretches_its_last_frame() -> None:
    store = FrameStore("clip", ssimgif.Settings())
    for number, (picture, own) in enumerate(zip(holes(3), (2, 2, 6), strict=True)):
        store.add(picture, Fraction(number), Fraction(own))
    assert store.durations() == [1, 1, 3]


def test_a_gif_is_taken_apart_into_all_its_bytes() -> None:
    clip = ssimgif.Clip.from_frames(moving_box(), 0.1, loop=3)
    gif = ssimgif.encode(clip, ssimgif.Settings(effort=1)).data
    blocks = ssimgif.gif_blocks(gif)
    assert (blocks.width, blocks.height, blocks.plays) == (64, 48, 3)
    assert sum(packet.size for packet in gif_packets(gif)) == len(gif) - 19 - 1
    assert [part.delay for part in blocks.images] == pillow(gif)[1]
    changed = with_last_delay(gif, 77)
    assert pillow(changed)[1] == [*pillow(gif)[1][:-1], 77]
    assert len(changed) == len(gif)
