"""A folder or pattern of pictures as the frames of a clip."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import translate
from fractions import Fraction
from pathlib import Path

from PIL import Image

from ssimgif.errors import SourceError
from ssimgif.model import Clip, Frame, Notes
from ssimgif.sources.bitmaps import FORMATS
from ssimgif.sources.limits import DEFAULT_FPS, Limits
from ssimgif.sources.pictures import read_still
from ssimgif.sources.salvage import checked

# A number as ffmpeg's patterns have it: %d, %4d, %04d.
_NUMBER = re.compile(r"%(?:0?(\d+))?d")
_PATTERN = re.compile(rf"[*?\[]|{_NUMBER.pattern}")
# Stands for a number where a pattern is translated; no file's name has it.
_PLACE = "\ue000"
_HIDDEN = "."
_DIGITS = re.compile(r"(\d+)")
# A minus after a letter or a digit is a hyphen.
_SIGNED = re.compile(r"((?<![^\W_])-\d+(?:\.\d+)?|\d+(?:\.\d+)?)")
_NEGATIVE = re.compile(r"(?<![^\W_])-\d")


def is_pattern(name: str) -> bool:
    """Tell whether a name may stand for several files."""
    return _PATTERN.search(name) is not None


def listed(folder: Path) -> list[Path]:
    """Return what is in a folder, without hidden files and what macOS puts beside each file."""
    return [path for path in folder.iterdir() if not path.name.startswith(_HIDDEN)]


def matches(pattern: str) -> list[Path]:
    """Return the files that a pattern names, as a shell or ffmpeg (``%04d``) understands it.

    Folders that exist as they are written, such as ``Render[1]``, are meant as they are; so are
    brackets that match nothing else. As in a shell, hidden files have to be asked for.
    """
    folder, parts = Path(), list(Path(pattern).parts)
    while len(parts) > 1 and (folder / parts[0]).is_dir():
        folder /= parts.pop(0)
    return _found(folder, parts) or _found(folder, [part.replace("[", "[[]") for part in parts])


def _found(folder: Path, parts: list[str]) -> list[Path]:
    *folders, name = parts
    numbers = [f"[0-9]{{{digits or 1},}}" for digits in _NUMBER.findall(name)]
    name = _NUMBER.sub(_PLACE, name)
    regex = translate(name)
    for number in numbers:
        regex = regex.replace(_PLACE, number, 1)
    hidden = name.startswith(_HIDDEN)
    return [
        path
        for path in folder.glob("/".join([*folders, name.replace(_PLACE, "*")]))
        if (hidden or not path.name.startswith(_HIDDEN)) and re.match(regex, path.name)
    ]


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
    files = _in_order(p for p in paths if p.suffix.lower() in suffixes and p.is_file())
    if not files:
        raise SourceError(f"{name} has no pictures")
    limits.check_count(name, len(files))
    duration = 1 / (fps or DEFAULT_FPS)
    notes = Notes()
    height, width = read_still(files[0], files[0].name, limits, notes).shape[:2]

    def frames() -> Iterator[Frame]:
        for file in files:
            pixels = read_still(file, file.name, limits, notes)
            if pixels.shape[:2] != (height, width):
                size = f"{pixels.shape[1]}x{pixels.shape[0]}"
                raise SourceError(f"{file.name} is {size}, but {files[0].name} is {width}x{height}")
            yield Frame(pixels, duration)

    return checked(Clip(width, height, frames, name=name, notes=notes))


def _suffixes() -> set[str]:
    return {s for s, kind in Image.registered_extensions().items() if kind in FORMATS}


def _in_order(paths: Iterable[Path]) -> list[Path]:
    """Sort so that ``frame2`` comes before ``frame10``, and ``-1.0`` before ``-0.5``.

    Points are read as decimal points where there are negative numbers, else as in versions.
    """
    files = list(paths)
    numbers = _SIGNED if any(_NEGATIVE.search(str(file)) for file in files) else _DIGITS

    def key(path: Path) -> list[tuple[Fraction, str]]:
        parts = enumerate(numbers.split(str(path)))
        return [(Fraction(part), "") if i % 2 else (Fraction(0), part) for i, part in parts]

    return sorted(files, key=key)
