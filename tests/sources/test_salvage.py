"""Of a damaged video the good frames are kept, the damage is told, and strict refuses it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

import ssimgif
from reference import media
from ssimgif.errors import SourceError
from ssimgif.model import U8, Clip
from ssimgif.sources import open_clip

BUNNY = (Path(__file__).parents[1] / "data" / "bunny.avif").read_bytes()


def read(path: Path) -> tuple[Clip, list[U8], Fraction]:
    """Return a clip, its pictures, and how long they last."""
    clip = open_clip(path)
    frames = list(clip.frames())
    return clip, [frame.pixels for frame in frames], sum((f.duration for f in frames), Fraction(0))


def cut(path: Path, share: float) -> Path:
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    return path


@pytest.mark.parametrize("share", [0.6, 0.99])
def test_a_truncated_avif_shows_what_is_there(tmp_path: Path, share: float) -> None:
    (tmp_path / "a.avif").write_bytes(BUNNY)
    clip, pictures, _ = read(cut(tmp_path / "a.avif", share))
    _, whole, _ = read(Path(__file__).parents[1] / "data" / "bunny.avif")
    assert 10 < len(pictures) < len(whole)
    for picture, expected in zip(pictures, whole, strict=False):
        assert np.array_equal(picture, expected)
    assert "bytes of its mdat box are missing" in clip.notes.damage[0]


@pytest.mark.parametrize(
    ("suffix", "codec"), [(".mp4", "libx264"), (".webm", "libvpx-vp9"), (".mkv", "ffv1")]
)
@pytest.mark.parametrize("share", [0.6, 0.95])
def test_a_truncated_video_shows_what_is_there(
    tmp_path: Path, suffix: str, codec: str, share: float
) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (12, 32, 48, 3), np.uint8)
    path = tmp_path / f"a{suffix}"
    if suffix == ".mp4":
        with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
            stream = container.add_stream(codec, rate=25, options={"g": "1"})
            stream.height, stream.width, stream.pix_fmt = 32, 48, "yuv420p"
            for pixels in noise:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            container.mux(stream.encode(None))
    else:
        media.write_video(path, noise, codec, "yuv420p")
    clip, pictures, _ = read(cut(path, share))
    assert 12 * share - 4 <= len(pictures) < 12
    assert "missing" in clip.notes.damage[0]


def broken_unit(path: Path) -> Path:
    """Write H.264 of 12 frames, each a key frame, the 8th of which is noise."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "1", "crf": "30"})
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        frames = media.gradient(12, 48, 64)
        packets = [
            packet
            for picture in [*frames, None]
            for packet in stream.encode(
                None if picture is None else av.VideoFrame.from_ndarray(picture, format="rgb24")
            )
        ]
        for number, packet in enumerate(packets):
            data = bytearray(bytes(packet))
            if number == 7:
                data[20:] = np.random.default_rng(3).bytes(len(data) - 20)
            made = av.Packet(bytes(data))
            made.pts, made.dts, made.time_base = packet.pts, packet.dts, packet.time_base
            made.is_keyframe = packet.is_keyframe
            made.stream = stream
            container.mux(made)
    return path


def test_one_bad_frame_is_left_out_and_the_time_stays(tmp_path: Path) -> None:
    clip, pictures, seconds = read(broken_unit(tmp_path / "a.mkv"))
    assert len(pictures) == 11
    assert abs(float(seconds) - 0.48) < 0.005
    assert clip.notes.damage[0].startswith("a.mkv is damaged at frame 8: ")
    # The blue channel counts the frames.
    blue = [int(np.median(picture[..., 2])) for picture in pictures]
    expected = [18 * i + 20 for i in range(12) if i != 7]
    assert np.abs(np.array(blue) - expected).max() < 12


def test_strict_refuses_a_damaged_video(tmp_path: Path) -> None:
    path = broken_unit(tmp_path / "a.mkv")
    settings = ssimgif.Settings(ssim=0.5, effort=1, strict=True)
    with pytest.raises(SourceError, match=r"^a\.mkv is damaged at frame 8: "):
        ssimgif.convert(path, tmp_path / "a.gif", settings)
    assert not (tmp_path / "a.gif").exists()


def test_a_video_that_changes_its_size_keeps_the_first(tmp_path: Path) -> None:
    picture = media.gradient(5, 32, 48)
    twice = picture.repeat(2, axis=1).repeat(2, axis=2)
    small = media.write_video(tmp_path / "s.h264", picture, "libx264", "yuv420p")
    large = media.write_video(tmp_path / "l.h264", twice, "libx264", "yuv420p")
    path = tmp_path / "a.h264"
    path.write_bytes(small.read_bytes() + large.read_bytes())
    clip, pictures, _ = read(path)
    assert [picture.shape for picture in pictures] == [(32, 48, 4)] * 10
    assert np.abs(pictures[9].astype(int) - pictures[4]).mean() < 8
    assert list(clip.notes) == ["a.h264 changes its size from 48x32 to 96x64: scaled to the first"]
