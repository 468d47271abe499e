"""Opening whatever a person names: a file, a folder, a pattern, or a stream."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from ssimgif.errors import SourceError
from ssimgif.model import Clip
from ssimgif.settings import MAX_FRAMES, MAX_PIXELS
from ssimgif.sources.limits import Limits

STDIN = "-"


def open_clip(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | BinaryIO,
    *,
    fps: Fraction | None = None,
    max_frames: int = MAX_FRAMES,
    max_pixels: int = MAX_PIXELS,
) -> Clip:
    """Open a source of pictures as a clip.

    Parameters
    ----------
    source : path, pattern, sequence of paths, "-" or binary stream
        A file that FFmpeg or Pillow reads, a folder of pictures, a pattern such as ``*.png``,
        several pictures, or a stream, which is copied to a temporary file first; ``-`` is
        standard input.
    fps : Fraction or None
        Frames a second of several pictures or TIFF pages, 10 when not given.
    max_frames, max_pixels : int
        Limits on the number of frames and on width times height.

    Raises
    ------
    SourceError
        With one sentence that names the source and the cause. Damage further on is raised
        while the frames are read.
    """
    from ssimgif.sources import folder, spool

    limits = Limits(max_frames, max_pixels)
    if source == STDIN:
        return _open_stream(spool.standard_input(), limits, fps)
    if isinstance(source, Sequence) and not isinstance(source, str):
        return folder.open_listed([Path(one) for one in source], fps, limits)
    if not isinstance(source, (str, os.PathLike)):
        return _open_stream(source, limits, fps)
    return _open_path(source, fps, limits)


def _open_path(source: str | os.PathLike[str], fps: Fraction | None, limits: Limits) -> Clip:
    from ssimgif.sources import folder

    if not os.fspath(source):
        raise SourceError("the name of the source is empty")
    path = Path(source)
    try:
        if path.is_fifo():
            with path.open("rb") as stream:
                return _open_stream(stream, limits, fps)
        if path.is_dir():
            return folder.open_pictures(folder.listed(path), str(path), fps, limits)
        if not path.exists() and folder.is_pattern(str(path)):
            return folder.open_pictures(folder.matches(str(path)), str(path), fps, limits)
        return open_file(path, path.name, limits, fps)
    except OSError as error:
        reason = error.strerror or error
        if "://" in os.fspath(source):
            reason = "it is no file on this machine; ssimgif batch reads URLs"
        raise SourceError(f"{source} can't be read: {reason}") from None


def _open_stream(stream: BinaryIO, limits: Limits, fps: Fraction | None) -> Clip:
    from ssimgif.sources import spool

    spooled = spool.copy(stream)
    return spool.keep_alive(open_file(spooled.path, spooled.name, limits, fps), spooled)


def open_file(path: Path, name: str, limits: Limits, fps: Fraction | None = None) -> Clip:
    """Open one file."""
    from ssimgif.sources import pictures, streams, video
    from ssimgif.sources.motion_jpeg import is_motion_jpeg

    with path.open("rb") as file:
        head = file.read(32)
    if not head:
        raise SourceError(f"{name} is empty")
    if pictures.is_picture(head) and not is_motion_jpeg(path):
        return pictures.open_picture(path, name, limits, fps)
    try:
        return video.open_video(path, name, limits)
    except streams.UnknownFormatError as error:
        if not pictures.is_readable(path):
            raise SourceError(str(error)) from None
    return pictures.open_picture(path, name, limits, fps)
