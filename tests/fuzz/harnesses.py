"""What is fed with bad inputs: every reader of what others have written.

A harness takes bytes and a folder of its own. It may raise `SsimGifError`, whose sentence the user
would see; anything else is a bug, as is a file left in the folder.
"""

from __future__ import annotations

import contextlib
import json
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"
CORPUS = Path(__file__).parent / "corpus"
LARGEST_IN_CORPUS = 20_000
LIMITS = {"fps": None, "max_frames": 50, "max_pixels": 100_000}

Harness = Callable[[bytes, Path], None]


def boxes(data: bytes, folder: Path) -> None:
    """Read the boxes of an AVIF, as every opening of a file does first."""
    from ssimgif.sources.avif_boxes import read_presentation
    from ssimgif.sources.isobmff import BoxError

    path = folder / "in.avif"
    path.write_bytes(data)
    with contextlib.suppress(BoxError):
        read_presentation(path)
    path.unlink()


def miff(data: bytes, folder: Path) -> None:
    """Read ImageMagick's own format, all frames of it."""
    from ssimgif_imagemagick.clip import open_miff

    path = folder / "in.miff"
    path.write_bytes(data)
    try:
        clip = open_miff(path, LIMITS)
        for _ in clip.frames() if clip else ():
            pass
    finally:
        path.unlink()


def header(data: bytes, folder: Path) -> None:
    """Take the request and the raw frames of a plug-in in GIMP."""
    from ssimgif_gimp.jobs import perform

    line, _, pixels = data.partition(b"\n")
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return
    raw = folder / "frames.rgba"
    raw.write_bytes(pixels)
    try:
        if isinstance(request, dict):
            output = folder / "out.gif"
            perform(request | {"output": str(output), "raw": raw.name}, folder, lambda _: True)
            output.unlink(missing_ok=True)
    finally:
        raw.unlink()


def graph(data: bytes, _: Path) -> None:
    """Parse a filter graph and the settings in it, without running it."""
    from ssimgif_ffmpeg.layout import lay_out
    from ssimgif_ffmpeg.stage import read_settings
    from ssimgif_ffmpeg.syntax import parse_graph

    text = data.decode("utf-8", "surrogateescape")
    for chain in parse_graph(text):
        for spec in chain:
            if spec.name == "ssimgif":
                read_settings(spec.arguments)
    lay_out(text)


def gif(data: bytes, folder: Path) -> None:
    """Decode a GIF, as a source and as ``ssimgif verify`` does."""
    from ssimgif import SsimGifError, open_clip
    from ssimgif.gif import reader

    path = folder / "in.gif"
    path.write_bytes(data)
    try:
        with contextlib.suppress(SsimGifError):
            for _ in open_clip(path, LIMITS).frames():
                pass
        if int.from_bytes(data[6:8], "little") * int.from_bytes(data[8:10], "little") < 1_000_000:
            for _ in reader.read(path):
                pass
    finally:
        path.unlink()


def png(data: bytes, folder: Path) -> None:
    """Decode a PNG or APNG, its checksums mended, so that what they guard is reached."""
    from ssimgif import SsimGifError, open_clip

    path = folder / "in.png"
    path.write_bytes(_with_checksums(data))
    try:
        with contextlib.suppress(SsimGifError):
            for _ in open_clip(path, LIMITS).frames():
                pass
    finally:
        path.unlink()


def video(data: bytes, folder: Path) -> None:
    """Read a video from its beginning, and from the middle on."""
    from ssimgif import SsimGifError, open_clip

    path = folder / "in"
    path.write_bytes(data)
    try:
        with contextlib.suppress(SsimGifError):
            clip = open_clip(path, LIMITS)
            for _ in clip.frames():
                pass
            for _ in clip.frames_from(Fraction(3, 20))[1]:
                pass
    finally:
        path.unlink()


def _with_checksums(data: bytes) -> bytes:
    out, at = bytearray(data[:8]), 8
    while at + 12 <= len(data):
        stop = at + 8 + int.from_bytes(data[at : at + 4])
        if stop + 4 > len(data):
            break
        out += data[at:stop] + zlib.crc32(data[at + 4 : stop]).to_bytes(4)
        at = stop + 4
    return bytes(out) + data[at:]


def command(data: bytes, folder: Path) -> None:
    """Convert whatever it is to a GIF."""
    from ssimgif import Settings, convert

    source, output = folder / "in", folder / "out.gif"
    source.write_bytes(data)
    try:
        settings = Settings(effort=1, jobs=1, max_frames=50, max_pixels=100_000, no_cache=True)
        convert(source, output, settings)
        output.unlink()
    finally:
        source.unlink()


HARNESSES: dict[str, Harness] = {
    harness.__name__: harness for harness in (boxes, miff, header, graph, gif, png, video, command)
}


def corpus(name: str) -> list[bytes]:
    """Return the inputs that a harness begins with."""
    folders = [CORPUS / name]
    if name in ("boxes", "command"):
        folders.append(DATA)
    if name == "command":
        folders += [CORPUS / "gif", CORPUS / "miff"]
    files = [path for folder in folders for path in sorted(folder.glob("*"))]
    small = [path for path in files if path.stat().st_size <= LARGEST_IN_CORPUS]
    if name == "graph":
        return [line for path in small for line in path.read_bytes().splitlines()]
    return [path.read_bytes() for path in small if path.suffix != ".md"]
