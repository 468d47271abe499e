"""Pictures as Pillow opens them: errors in words, and pixels as 8-bit sRGB."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from ssimgif.bitmap import bitmap_pixels
from ssimgif.errors import TOO_EARLY, DamagedError, SourceError
from ssimgif.model import U8, Notes
from ssimgif.rgba import BROKEN_PROFILE
from ssimgif.sources import libtiff
from ssimgif.sources.limits import Limits

# Bitmap formats alone: some others start helper programs or follow references.
FORMATS = (
    *("GIF", "PNG", "WEBP", "JPEG", "BMP", "TIFF", "PPM", "TGA", "QOI", "ICO"),
    *("JPEG2000", "PCX", "DDS", "SGI", "AVIF"),
)
BROKEN_EXIF = "its Exif data can't be read"
# How files of some formats begin.
SIGNATURES = {
    b"GIF8": "GIF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"BM": "BMP",
}
_CAUSES = (
    (r"truncated|EOF|end of file|not enough (image )?data|buffer is not large", TOO_EARLY),
    (r"tile cannot extend|bad bounding|bad extents", "it has a part outside of the picture"),
    (r"decoder error -\d|broken data stream|decoding error", "its data can't be decoded"),
    (r"cannot identify", "its format is unknown"),
)


@contextmanager
def opened(source: Path, name: str, limits: Limits) -> Iterator[Image.Image]:
    """Open a picture; whatever Pillow raises meanwhile is a SourceError.

    Raises
    ------
    SourceError
        When Pillow can't read it, or it is over a limit.
    """
    libtiff.silence()
    kind = signature(source)
    damaged = f"{name} is damaged"
    with in_words(damaged if kind else f"{name} is no picture or video that can be read"):
        try:
            image = Image.open(source, formats=FORMATS)
        except Image.DecompressionBombError:
            raise too_large(name) from None
        except UnidentifiedImageError:
            if kind:
                raise SourceError(f"{damaged}: it begins as {kind}, but can't be read on") from None
            raise
    with image:
        limits.check_size(name, *image.size)
        with in_words(damaged):
            yield image


def signature(source: Path) -> str:
    """Return the format a file begins as, or nothing."""
    with source.open("rb") as file:
        head = file.read(8)
    return next((kind for start, kind in SIGNATURES.items() if head.startswith(start)), "")


def too_large(name: str) -> SourceError:
    """Return the error for a picture beyond what Pillow reads."""
    return SourceError(f"{name} is larger than any picture that can be read")


def most_pixels() -> int:
    """Return how many pixels a picture may have for Pillow."""
    return 2 * (Image.MAX_IMAGE_PIXELS or 1 << 40)


def in_words(what: str) -> AbstractContextManager[None]:
    """Turn what Pillow raises into a SourceError that begins with ``what``."""
    return _translated(lambda text: SourceError(f"{what}: {text}"))


def damage() -> AbstractContextManager[None]:
    """Turn what Pillow raises into a DamagedError."""
    return _translated(DamagedError)


@contextmanager
def _translated(error_of: Callable[[str], Exception]) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (SourceError, DamagedError):
        raise
    # Pillow's readers raise nearly anything on damaged data: OSError, SyntaxError, struct.error...
    except Exception as error:
        raise error_of(cause(error)) from None


def cause(error: Exception) -> str:
    """Return what an error of Pillow's is about, in words."""
    if isinstance(error, UnidentifiedImageError):
        return "its format is unknown"
    text = str(error)
    if isinstance(error, EOFError):
        return TOO_EARLY
    for pattern, words in _CAUSES:
        if re.search(pattern, text, re.IGNORECASE):
            return words
    return text.splitlines()[0] if text else type(error).__name__


def upright(image: Image.Image, name: str, notes: Notes) -> Image.Image:
    """Return a picture turned as its Exif data say; broken ones are noted."""
    image.load()
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        notes.add(f"{name} is damaged: {BROKEN_EXIF}", damage=True)
        return image


def to_rgba(image: Image.Image, name: str, notes: Notes, profile: bytes | None = None) -> U8:
    """Return the pixels of a picture in sRGB, u8[h, w, 4].

    Parameters
    ----------
    image : Image
    name : str
    notes : Notes
        Told of a colour profile that can't be used.
    profile : bytes, optional
        A colour profile, where the picture doesn't have it with it.
    """
    pixels, sound = bitmap_pixels(image, profile)
    if not sound:
        notes.add(f"{name} is damaged: {BROKEN_PROFILE}", damage=True)
    return pixels
