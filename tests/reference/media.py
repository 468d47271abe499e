"""Small media files written by FFmpeg's and Pillow's encoders."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from ssimgif.model import U8


def gradient(frames: int = 6, height: int = 34, width: int = 46) -> U8:
    """Return a smooth picture whose brightness tells the frame's number, u8[n, h, w, 3]."""
    y, x = np.mgrid[0:height, 0:width]
    out = np.empty((frames, height, width, 3), np.uint8)
    for i, frame in enumerate(out):
        frame[..., 0], frame[..., 1], frame[..., 2] = x * 3, y * 4, 18 * i + 20
    return out


def by_ffmpeg(path: Path) -> list[U8]:
    """Return the frames that FFmpeg shows, u8[h, w, 4] each."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgba") for frame in container.decode(video=0)]


def write_video(
    path: Path,
    frames: U8,
    codec: str,
    pix_fmt: str,
    times: list[int] | None = None,
    time_base: Fraction = Fraction(1, 1000),
    **options: str,
) -> Path:
    """Write RGB or RGBA frames, frame i from ``times[i]`` on, 40 ms each by default."""
    times = times or [40 * i for i in range(len(frames))]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = time_base
        for pixels, time in zip(frames, times, strict=True):
            kind = "rgba" if frames.shape[3] == 4 else "rgb24"
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format=kind)
            frame.pts, frame.time_base = time, time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_sound(path: Path) -> Path:
    """Write a second of silence."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac" if path.suffix == ".m4a" else "pcm_s16le", rate=8000)
        stream.layout = "mono"
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
        silence.sample_rate = 8000
        kind = stream.format.name
        for frame in av.AudioResampler(format=kind, layout="mono", rate=8000).resample(silence):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_pictures(path: Path, frames: U8, durations: list[float], **options: object) -> Path:
    """Write an animation by Pillow; durations in milliseconds."""
    first, *others = (Image.fromarray(frame) for frame in frames)
    first.save(path, save_all=True, append_images=others, duration=durations, **options)
    return path
