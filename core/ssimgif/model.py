"""The types that flow between the stages.

They are frozen and hold no behaviour beyond checking their own shape. Pixels are always
8-bit sRGB; times are exact fractions of a second until the GIF writer rounds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction
from functools import partial
from typing import Any, BinaryIO, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ssimgif.durations import durations_of
from ssimgif.errors import FrameError, SourceError
from ssimgif.rgba import check_size, pictures_of, to_rgba

U8 = NDArray[np.uint8]
U32 = NDArray[np.uint32]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture and how long it stays on screen.

    Attributes
    ----------
    pixels : u8[h, w, 4]
        Straight (not premultiplied) alpha, sRGB.
    duration : Fraction
        Seconds, more than 0.
    """

    pixels: U8
    duration: Fraction

    def __post_init__(self) -> None:
        pixels: Any = self.pixels
        if not isinstance(pixels, np.ndarray):
            raise FrameError(f"pixels must be an array u8[h, w, 4], not {type(pixels).__name__}")
        if pixels.ndim != 3 or pixels.shape[2] != 4 or pixels.dtype != np.uint8:
            raise FrameError(f"pixels must be u8[h, w, 4], not {pixels.dtype}{pixels.shape}")
        if not isinstance(self.duration, int | float | Fraction) or not self.duration > 0:
            raise FrameError(f"duration must be more than 0 s, not {self.duration!r}")


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A picture, by the rectangle in which it differs from the one before.

    Attributes
    ----------
    left, top : int
        Where the rectangle is, pixels.
    pixels : u32[h, w]
        What is there now: RGBA as it lies in memory, 0 where nothing shows. Without any pixels
        where nothing differs.
    delay : int
        Centiseconds, as a GIF states them; browsers show 0 and 1 for a tenth of a second.
    """

    left: int
    top: int
    pixels: U32
    delay: int

    def apply(self, shown: U32) -> None:
        """Change what is shown, u32[H, W]."""
        height, width = self.pixels.shape
        shown[self.top : self.top + height, self.left : self.left + width] = self.pixels


class Notes:
    """Plain remarks on a clip for the user, a sentence or a few words each, in order.

    Readers add to them while frames are read. Those on damage tell what of the source is lost;
    ``strict`` refuses it then.
    """

    def __init__(self, *remarks: str) -> None:
        self._remarks = dict.fromkeys(remarks, False)

    def add(self, remark: str, *, damage: bool = False) -> None:
        """Add a remark, once, however often the frames are read."""
        self._remarks[remark] = damage

    @property
    def damage(self) -> tuple[str, ...]:
        """The remarks that tell of damage."""
        return tuple(remark for remark, damage in list(self._remarks.items()) if damage)

    def __iter__(self) -> Iterator[str]:
        """Iterate over all remarks, those on damage with what became of the rest."""
        for remark, damage in list(self._remarks.items()):
            yield f"{remark}; its good frames are kept" if damage else remark


@runtime_checkable
class Seekable(Protocol):
    """What a clip's ``open_frames`` may be, where reading can begin anywhere."""

    def __call__(self) -> Iterator[Frame]:
        """Iterate over all frames, from the first one on."""

    def at(self, start: Fraction) -> tuple[Fraction, Iterator[Frame]]:
        """Begin with the frame that is on screen at a time.

        Parameters
        ----------
        start : Fraction
            Seconds.

        Returns
        -------
        Fraction
            When the first frame begins, seconds; where none is left, when the clip ends.
        iterator of Frame
        """


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A sequence of frames of one size that can be read as often as needed.

    Attributes
    ----------
    width, height : int
        Pixels.
    open_frames : callable
        Returns a new iterator over all frames, from the first one on; may be `Seekable`.
    loop : int
        Total number of plays; 0 is for ever.
    frame_count : int or None
        None where only reading to the end would tell.
    has_alpha : bool
        Whether any pixel can be other than opaque.
    name : str
        What messages call this clip, usually the file's name.
    copy_gif : callable or None
        Of a clip read from a GIF: writes one of the same images to a binary stream; told True, with
        delays that viewers don't follow. Edited clips keep it.
    changes : callable or None
        Of a clip read from a GIF: returns a new iterator over its pictures as `Change`. Edited
        clips keep it, too.
    notes : Notes
        Such as "a still image"; complete once the frames have been read to their end. Clips that
        are made of this one share them.
    """

    width: int
    height: int
    open_frames: Callable[[], Iterator[Frame]]
    loop: int = 0
    frame_count: int | None = None
    has_alpha: bool = False
    name: str = "clip"
    notes: Notes = field(default_factory=Notes)
    copy_gif: Callable[[BinaryIO, bool], None] | None = None
    changes: Callable[[], Iterator[Change]] | None = None

    def frames(self) -> Iterator[Frame]:
        """Iterate over the frames, from the first one, each time it is called.

        Raises
        ------
        SourceError
            While they are read: where there are none, or a frame has not the clip's size.
        """
        return self._checked(self.open_frames())

    def _checked(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """Yield frames that a program may have made, if they are what the clip says."""
        size, empty = (self.height, self.width), True
        for frame in frames:
            if not isinstance(frame, Frame):
                raise FrameError(f"{self.name} gives {type(frame).__name__} where frames should be")
            check_size(frame.pixels.shape, size, f"a frame of {self.name}", "the clip")
            empty = False
            yield frame
        if empty:
            raise SourceError(
                f"{self.name} has no frames; open_frames must begin anew whenever it is called"
            )

    def frames_from(self, start: Fraction) -> tuple[Fraction, Iterator[Frame]]:
        """Iterate from the frame on screen at a time, or from an earlier one; see `Seekable`."""
        if start > 0 and isinstance(self.open_frames, Seekable):
            return self.open_frames.at(start)
        return Fraction(0), self.frames()

    @classmethod
    def from_frames(
        cls,
        array: Any,
        durations: Any,
        loop: int = 0,
        name: str = "clip",
    ) -> Clip:
        """Make a clip of pixels that are already in memory.

        Parameters
        ----------
        array : u8[n, h, w, 3 or 4], u8[n, h, w], or n pictures
            sRGB, sRGB with straight alpha, or gray; each frame may be whatever
            `ssimgif.rgba.to_rgba` takes.
        durations : seconds, one for all frames or one a frame
            Plain numbers are below 15.
        loop : int
            Total number of plays; 0 is for ever.

        Raises
        ------
        FrameError
            When there are no frames, frames of different sizes, or a number of durations that is
            not theirs; on another shape or dtype.
        SettingsError
            On a duration that is no number of seconds above 0.
        """
        pictures = pictures_of(array)
        times = durations_of(durations, len(pictures))
        if isinstance(loop, bool) or not isinstance(loop, int | np.integer) or loop < 0:
            raise FrameError(f"loop must be a whole number of plays, or 0 for ever, not {loop!r}")
        notes, size, has_alpha = Notes(), (0, 0), False
        for number, picture in enumerate(pictures, 1):
            rgba = to_rgba(picture, f"frame {number}", partial(notes.add, damage=True))
            size = size if number > 1 else rgba.shape[:2]
            check_size(rgba.shape, size, f"frame {number}")
            has_alpha |= bool((rgba[..., 3] != 255).any())

        def frames() -> Iterator[Frame]:
            for picture, duration in zip(pictures, times, strict=True):
                yield Frame(to_rgba(picture), duration)

        return cls(size[1], size[0], frames, int(loop), len(pictures), has_alpha, name, notes)


@dataclass(frozen=True, slots=True)
class Scene:
    """Frames ``start`` to ``stop - 1`` of a clip, that share one palette plan.

    ``cluster`` is equal for scenes that look alike (a shot that returns).
    """

    start: int
    stop: int
    cluster: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.stop:
            raise ValueError(f"empty scene {self.start}..{self.stop}")


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """A GIF colour table.

    Attributes
    ----------
    colors : u8[n, 3], 1 <= n <= 256
        sRGB. The entry at ``transparent`` is never shown.
    transparent : int or None
        The index that stands for "leave what is on screen".
    """

    colors: U8
    transparent: int | None = None

    def __post_init__(self) -> None:
        shape, dtype = self.colors.shape, self.colors.dtype
        if len(shape) != 2 or shape[1] != 3 or not 1 <= shape[0] <= 256 or dtype != np.uint8:
            raise ValueError(f"a palette must be u8[1..256, 3], not {dtype}{shape}")
        if self.transparent is not None and not 0 <= self.transparent < shape[0]:
            raise ValueError(f"transparent index {self.transparent} is outside the palette")

    @property
    def transparent_index(self) -> int:
        """The transparent index as kernels take it: -1 stands for none."""
        return -1 if self.transparent is None else self.transparent


class Disposal(IntEnum):
    """What a decoder does with a frame's area before it shows the next one (GIF89a, 23.c.iv)."""

    NONE = 1
    BACKGROUND = 2
    PREVIOUS = 3


@dataclass(frozen=True, slots=True, eq=False)
class CodedFrame:
    """One GIF image block with its graphic control.

    Attributes
    ----------
    data : bytes
        LZW codes of the indices, not yet cut into sub-blocks.
    minimum_code_size : int
        2..8, as the image block states it.
    palette : Palette
        The table the indices refer to; the writer makes it the global or a local one.
    left, top, width, height : int
        The image's rectangle on the canvas, pixels.
    disposal : Disposal
    delay : int
        Centiseconds.
    """

    data: bytes = field(repr=False)
    minimum_code_size: int
    palette: Palette
    left: int
    top: int
    width: int
    height: int
    disposal: Disposal
    delay: int


class Ditherer(Protocol):
    """Maps a picture onto a palette."""

    def __call__(self, pixels: U8, palette: Palette, strength: F32) -> U8:
        """Return palette indices u8[h, w] for sRGB pixels u8[h, w, 3].

        ``strength`` f32[h, w] is how much to dither each pixel, 0 (nearest colour) to 1.
        The index ``palette.transparent`` must not be used.
        """


@dataclass(frozen=True, slots=True)
class PaletteCandidate:
    """A palette strategy that was tried on a scene.

    Attributes
    ----------
    strategy : str
        The name under which a plug-in or the core proposed it.
    colors : int
        Colours, of which the transparent entry is none; the most, of a palette for each frame.
    score : float or None
        The least SSIM of a sample frame in its nearest colours.
    bytes : int or None
        An estimate for the whole scene at the target, from coded samples; None without such. Of a
        palette for each frame that is far larger than others, what it is known to take at least.
    verdict : str
        Why it was taken or left; docs/html-report.md explains each.
    """

    strategy: str
    colors: int
    score: float | None
    bytes: int | None
    verdict: str
