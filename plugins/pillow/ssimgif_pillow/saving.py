"""What Pillow calls to save an image, with the options of its own GIF writer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from fractions import Fraction
from itertools import chain
from typing import IO, Any, BinaryIO, cast

from PIL import Image, ImageSequence

import ssimgif

FORMAT = "SSIMGIF"
# Shorter delays are slowed down by browsers, which show such a frame for 100 ms.
_SHORTEST, _DEFAULT = 11, 100


def save(image: Image.Image, fp: IO[bytes], filename: str | bytes) -> None:
    """Write one image as a GIF with one frame; see `save_all`."""
    _write([image.copy()], image.encoderinfo, fp)


def save_all(image: Image.Image, fp: IO[bytes], filename: str | bytes) -> None:
    """Write an image, and those of ``append_images``, with all frames that each of them has.

    Parameters
    ----------
    image : Image
        Its ``encoderinfo`` are the options of ``Image.save``: ``append_images``, ``duration``,
        ``loop`` and ``transparency`` as for Pillow's GIF, and the settings of ssimgif; others are
        left alone, as Pillow does.
    fp : binary stream
    filename : str or bytes
        Not used: the stream has it, too.

    Raises
    ------
    SsimGifError
        FrameError where ``append_images`` is no list of images, or else as `Writer` does.
    """
    options = image.encoderinfo
    images = chain([image], _appended(options.get("append_images")))
    frames = (frame.copy() for each in images for frame in ImageSequence.Iterator(each))
    _write(frames, options, fp)


def _appended(images: Any) -> Iterator[Image.Image]:
    """Yield what is to follow the first image, which is no list where somebody forgot that."""
    images = () if images is None else images
    if not isinstance(images, Iterable):
        kind = type(images).__name__
        raise ssimgif.FrameError(f"append_images is of type {kind}; give a list of images")
    for image in images:
        if not isinstance(image, Image.Image):
            kind = type(image).__name__
            raise ssimgif.FrameError(
                f"append_images has something of type {kind} in it; give Pillow's images, which "
                "Image.fromarray makes of arrays"
            )
        yield image


def _write(frames: Iterable[Image.Image], options: dict[str, Any], fp: IO[bytes]) -> None:
    pictures = iter(frames)
    first = next(pictures)
    options = {"loop": first.info.get("loop")} | options
    usual = first.info.get("duration")
    with ssimgif.Writer(cast(BinaryIO, fp), **_settings(options)) as writer:
        for number, frame in enumerate(_placed(chain([first], pictures), options)):
            duration = options.get("duration")
            if duration is None:
                duration = frame.info.get("duration", usual)
            writer.add(frame, _seconds(duration, number))
    if hasattr(fp, "flush"):
        fp.flush()


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options that are settings of ssimgif."""
    known = {field.name for field in fields(ssimgif.Settings)}
    settings = {name: value for name, value in options.items() if name in known}
    loop = options.get("loop")
    # Pillow's are repeats, of which no word means none.
    settings["loop"] = 1 if loop is None else loop and loop + 1
    background = settings.get("background")
    if isinstance(background, tuple | list):
        settings["background"] = tuple(background[:3])
    elif not isinstance(background, str):  # the index of a colour that no browser shows
        settings.pop("background", None)
    return settings


def _seconds(duration: Any, number: int) -> Fraction | None:
    """Return how long a frame stays by milliseconds, one or a list; None where nothing is said."""
    if isinstance(duration, list | tuple):
        if number >= len(duration):
            raise ssimgif.SettingsError(f"there are {len(duration)} durations, but more frames")
        duration = duration[number]
    if duration is None:
        return None
    return Fraction(duration if duration >= _SHORTEST else _DEFAULT) / 1000


def _placed(frames: Iterable[Image.Image], options: dict[str, Any]) -> Iterator[Image.Image]:
    """Yield frames of the first one's size.

    Like Pillow's own GIFs, one of another size is drawn over the picture before from the top left
    corner, and what sticks out is cut off.
    """
    before: Image.Image | None = None
    for frame in frames:
        if "transparency" in options and frame.mode in ("L", "P"):
            frame.info["transparency"] = options["transparency"]
        if before is not None and frame.size != before.size:
            canvas = before.convert("RGBA")
            width, height = map(min, frame.size, canvas.size)
            part = frame.crop((0, 0, width, height))
            canvas.alpha_composite(part.convert("RGBA"))
            canvas.info = frame.info
            before = canvas
        else:
            before = frame
        yield before
