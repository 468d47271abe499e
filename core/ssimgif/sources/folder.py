"""A folder or pattern of pictures as the frames of a clip."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from PIL import Image

from ssimgif.errors import SourceError
from ssimgif.model import Clip, Frame
from ssimgif.sources.limits import Limits
from ssimgif.sources.pictures import FORMATS, checked, read_still

WILDCARDS = "*?["
DEFAULT_FPS = Fraction(10)


def matches(pattern: str) -> list[Path]:
    """Return the files a shell pattern names."""
    parts = Path(pattern).parts
    fixed = next(i for i, part in enumerate(parts) if any(c in part for c in WILDCARDS))
    return list(Path(*parts[:fixed]).glob("/".join(parts[fixed:])))


def open_listed(paths: Sequence[Path], fps: Fraction | None, limits: Limits) -> Clip:
    """Open pictures that were named one by one; see `open_pictures`.

    Raises
    ------
    SourceError
        When one is missing or no picture.
    """
    for path in paths:
        if not path.is_file():
            raise SourceError(f"{path}: there is no such file")
        if path.suffix.lower() not in _suffixes():
            raise SourceError(f"{path} is not named as a picture, but others stand beside it")
    name = f"{paths[0].name} and {len(paths) - 1} more" if paths else "an empty list"
    return open_pictures(paths, name, fps, limits)


def open_pictures(paths: Iterable[Path], name: str, fps: Fraction | None, limits: Limits) -> Clip:
    """Open pictures, in the natural order of their names, as one clip.

    Parameters
    ----------
    paths : paths
        Files that are no pictures by their suffix are left out.
    name : str
    fps : Fraction or None
        Frames a second; 10 when not given.
    limits : Limits

    Raises
    ------
    SourceError
        When there is no picture, one can't be read, or their sizes differ.
    """
    suffixes = _suffixes()
    files = [p for p in paths if p.suffix.lower() in suffixes and p.is_file()]
    files.sort(key=lambda p: _natural(str(p)))
    if not files:
        raise SourceError(f"{name} has no pictures")
    limits.check_count(name, len(files))
    duration = 1 / (fps or DEFAULT_FPS)
    height, width = read_still(files[0], files[0].name, limits).shape[:2]

    def frames() -> Iterator[Frame]:
        for file in files:
            pixels = read_still(file, file.name, limits)
            if pixels.shape[:2] != (height, width):
                size = f"{pixels.shape[1]}x{pixels.shape[0]}"
                raise SourceError(f"{file.name} is {size}, but {files[0].name} is {width}x{height}")
            yield Frame(pixels, duration)

    return checked(Clip(width, height, frames, name=name))


def _suffixes() -> set[str]:
    return {s for s, kind in Image.registered_extensions().items() if kind in FORMATS}


def _natural(text: str) -> list[tuple[int, str]]:
    """Sort key that puts ``frame2`` before ``frame10``."""
    parts = enumerate(re.split(r"(\d+)", text))
    return [(int(part), "") if i % 2 else (0, part) for i, part in parts]
