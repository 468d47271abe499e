"""Still pictures and GIF, APNG and WebP animations, by Pillow."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ssimgif.errors import SourceError
from ssimgif.model import U8, Clip, Frame
from ssimgif.sources import libtiff
from ssimgif.sources.limits import STILL_DURATION, STILL_NOTE, Limits

# Bitmap formats alone: some others start helper programs or follow references.
FORMATS = (
    *("GIF", "PNG", "WEBP", "JPEG", "BMP", "TIFF", "PPM", "TGA", "QOI", "ICO"),
    *("JPEG2000", "PCX", "DDS", "SGI", "AVIF"),
)
_ANIMATIONS = frozenset({"GIF", "PNG", "WEBP"})
_SIGNATURES = (b"GIF8", b"\x89PNG", b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*")
# Pillow's words that say little to a person.
_PLAIN = {
    "tile cannot extend": "a picture in it has no size, or lies outside the frame",
    "decoder error": "its data can't be decoded",
    "broken data stream": "its data is damaged or ends too early",
}
_SHORTEST_DELAY = Fraction(11, 1000)
_DEFAULT_DELAY = Fraction(1, 10)
_LARGEST_DENOMINATOR = 65_535


def is_picture(head: bytes) -> bool:
    """Tell whether a file's first 12 bytes belong to a format that Pillow reads best."""
    return head.startswith(_SIGNATURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def is_readable(path: Path) -> bool:
    """Tell whether Pillow knows a file's format."""
    try:
        with Image.open(path, formats=FORMATS):
            return True
    except Image.DecompressionBombError:
        return True
    except (OSError, SyntaxError, ValueError, RuntimeError):  # the last is AVIF's
        return False


def open_picture(path: Path, name: str, limits: Limits) -> Clip:
    """Open a still picture or an animation.

    The file is read through once, so that damage anywhere in it is found here.

    Raises
    ------
    SourceError
        When Pillow can't read it, it is damaged, or is over a limit.
    """
    with _open(path, name, limits) as image:
        width, height = image.size
        if image.format in _ANIMATIONS and _frame_count(image) > 1:
            limits.check_count(name, _frame_count(image))
            return checked(
                Clip(
                    width,
                    height,
                    lambda: _animation(path, name, limits),
                    loop=_plays(image),
                    name=name,
                )
            )
    pixels = read_still(path, name, limits)
    return Clip(
        width=pixels.shape[1],
        height=pixels.shape[0],
        open_frames=lambda: iter([Frame(read_still(path, name, limits), STILL_DURATION)]),
        frame_count=1,
        has_alpha=bool((pixels[..., 3] != 255).any()),
        name=name,
        notes=(STILL_NOTE,),
    )


def read_still(path: Path, name: str, limits: Limits) -> U8:
    """Return the first picture of a file, upright, as u8[h, w, 4]."""
    with _open(path, name, limits) as image:
        return _rgba(ImageOps.exif_transpose(image))


def checked(clip: Clip) -> Clip:
    """Read a clip to its end; state its frame count and whether it has any transparency."""
    count, transparent = 0, False
    for frame in clip.frames():
        count += 1
        transparent = transparent or bool((frame.pixels[..., 3] != 255).any())
    return replace(clip, frame_count=count, has_alpha=transparent)


def _animation(path: Path, name: str, limits: Limits) -> Iterator[Frame]:
    with _open(path, name, limits) as image:
        screen = (0, 0, *image.size)
        first = 1 if image.info.get("default_image") else 0
        for number in range(first, _frame_count(image)):
            with _in_words(f"{name} is damaged at frame {number - first + 1}"):
                image.seek(number)
                limits.check_size(name, *image.size)  # a frame may reach beyond the screen
                pixels = _rgba(image.crop(screen) if image.size != screen[2:] else image)
                delay = _delay(image)
            yield Frame(pixels, delay)


def _frame_count(image: Image.Image) -> int:
    return int(getattr(image, "n_frames", 1))


def _plays(image: Image.Image) -> int:
    """Total plays; GIF counts repetitions, and plays once where it has no count."""
    loop = image.info.get("loop")
    if image.format == "GIF":
        return 1 if loop is None else int(loop) + 1 if loop else 0
    return int(loop or 0)


def _delay(image: Image.Image) -> Fraction:
    """Time on screen; like browsers, 10 ms and less count as 100 ms."""
    milliseconds = image.info.get("duration") or 0
    delay = (Fraction(milliseconds) / 1000).limit_denominator(_LARGEST_DENOMINATOR)
    return delay if delay >= _SHORTEST_DELAY else _DEFAULT_DELAY


def _rgba(image: Image.Image) -> U8:
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode in {"I", "F"}:
        image = Image.fromarray(np.asarray(image).clip(0, 255).astype(np.uint8))
    return np.array(image.convert("RGBA"))


@contextmanager
def _open(path: Path, name: str, limits: Limits) -> Iterator[Image.Image]:
    libtiff.silence()
    with _in_words(f"{name} is no picture or video that can be read"):
        try:
            image = Image.open(path, formats=FORMATS)
        except Image.DecompressionBombError:
            raise SourceError(f"{name} is larger than any picture that can be read") from None
        except UnidentifiedImageError:
            if _is_picture_file(path):
                raise SourceError(f"{name} is damaged: it has no picture in it") from None
            raise
    with image:
        limits.check_size(name, *image.size)
        with _in_words(f"{name} is damaged"):
            yield image


@contextmanager
def _in_words(what: str) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except SourceError:
        raise
    # Pillow's readers raise nearly anything on damaged data: OSError, SyntaxError, struct.error...
    except Exception as error:
        raise SourceError(f"{what}: {_cause(error)}") from None


def _cause(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "its format is unknown"
    if isinstance(error, EOFError):
        return "it ends too early"
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return next((plain for part, plain in _PLAIN.items() if part in text), text)


def _is_picture_file(path: Path) -> bool:
    with path.open("rb") as file:
        return is_picture(file.read(12))
