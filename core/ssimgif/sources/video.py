"""Animated and still AVIF, and every video that FFmpeg's decoders read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path

from av.video.frame import VideoFrame

from ssimgif.model import U8, Clip, Frame, Notes
from ssimgif.sources import hdr, pixels
from ssimgif.sources import yuv as colour
from ssimgif.sources.decoding import Decoder
from ssimgif.sources.deinterlace import progressive
from ssimgif.sources.edit import resized
from ssimgif.sources.limits import STILL_DURATION, STILL_NOTE, Limits
from ssimgif.sources.orient import Transform
from ssimgif.sources.streams import Plan, plan_file
from ssimgif.sources.timestamps import Clock

HDR_NOTE = "high dynamic range: tone-mapped to sRGB"
INTERLACED_NOTE = "interlaced: fields joined by a deinterlacer (bwdif)"
_PEAK_FRAMES = 64
# Enough to tell whether time stamps are in order.
_FIRST_FRAMES = 8
# How much earlier decoding begins where a key frame is not where the file's index has it.
_SEEK_BACK = (Fraction(0), Fraction(10))


def open_video(path: Path, name: str, limits: Limits) -> Clip:
    """Open a file with pictures.

    Raises
    ------
    UnknownFormatError
        When FFmpeg has no reader for it.
    SourceError
        When it has no pictures, nothing of it can be decoded, or it is over a limit.
    """
    plan = plan_file(path, name)
    limits.check_count(name, plan.known)
    notes = Notes()
    if plan.damage:
        notes.add(plan.damage, damage=True)
    decoder = Decoder(plan, limits, notes)
    look = _look(plan, decoder)
    reader = VideoReader(plan, look, decoder, limits, notes)
    _remark(notes, plan, look, reader)
    return Clip(
        width=reader.width,
        height=reader.height,
        open_frames=reader,
        loop=plan.loop,
        frame_count=None if plan.count is None else plan.count - plan.unshown,
        has_alpha=look.has_alpha,
        name=name,
        notes=notes,
    )


def _remark(notes: Notes, plan: Plan, look: _Look, reader: VideoReader) -> None:
    if plan.still:
        notes.add(STILL_NOTE)
    if look.peak is not None:
        notes.add(HDR_NOTE)
    if look.interlaced:
        notes.add(INTERLACED_NOTE)
    if plan.aspect != 1:
        size = f"{reader.width}x{reader.height}"
        notes.add(f"its pixels are {plan.aspect} times as wide as high: scaled to {size}")


@dataclass(frozen=True, slots=True)
class _Look:
    """What only decoded frames tell.

    Attributes
    ----------
    width, height : int
        Of the first frame.
    clock : Clock
    transform : Transform
    has_alpha : bool
    interlaced : bool
    peak : float or None
        Brightest light of a high dynamic range source, nits.
    """

    width: int
    height: int
    clock: Clock
    transform: Transform
    has_alpha: bool
    interlaced: bool
    peak: float | None = None


def _look(plan: Plan, decoder: Decoder) -> _Look:
    frames = decoder.frames(plan.stream)
    begin = list(islice(frames, _FIRST_FRAMES))
    first, transform = begin[0], plan.transform
    if not plan.has_boxes and first.rotation % 90 == 0:
        transform = Transform(quarter_turns=first.rotation // 90 % 4)
    exact = plan.unshown > 0
    look = _Look(
        width=first.width,
        height=first.height,
        clock=Clock.of(begin, exact=exact, step=plan.step),
        transform=transform,
        has_alpha=plan.alpha is not None or pixels.has_alpha(first),
        interlaced=plan.count is None and any(frame.interlaced_frame for frame in begin),
    )
    if pixels.peak_light(first, plan.color) is None:
        return look
    bright = islice(chain(begin, frames), _PEAK_FRAMES)
    lights = (pixels.peak_light(frame, plan.color) or 0.0 for frame in bright)
    return replace(look, peak=max(*lights, hdr.NOMINAL_PEAK))


@dataclass(frozen=True, slots=True)
class _Shown:
    """A decoded frame, its alpha, and when it is on screen, seconds."""

    begins: Fraction
    duration: Fraction
    picture: VideoFrame
    alpha: VideoFrame | None


class VideoReader:
    """Reads the frames of a video from the first one or any other on; see `Seekable`."""

    def __init__(
        self, plan: Plan, look: _Look, decoder: Decoder, limits: Limits, notes: Notes
    ) -> None:
        self._plan = plan
        self._look = look
        self._decoder = decoder
        self._limits = limits
        self._notes = notes
        first = next(self())
        self.height, self.width = first.pixels.shape[:2]

    def __call__(self) -> Iterator[Frame]:
        """Iterate over all frames."""
        return self._converted(self._shown(None))

    def at(self, start: Fraction) -> tuple[Fraction, Iterator[Frame]]:
        """Begin with the frame that is on screen at a time; see `Seekable`."""
        for back in _SEEK_BACK if self._plan.alpha is None else ():
            if start - back <= 0:
                break
            shown = self._shown(start - back)
            first = next(shown, None)
            if first is not None and first.begins <= start:
                return self._from(start, chain([first], shown))
        return self._from(start, self._shown(None))

    def _from(self, start: Fraction, shown: Iterator[_Shown]) -> tuple[Fraction, Iterator[Frame]]:
        ends = Fraction(0)
        for one in shown:
            ends = one.begins + one.duration
            if ends > start:
                return one.begins, self._converted(chain([one], shown))
        return ends, iter(())

    def _shown(self, seek: Fraction | None) -> Iterator[_Shown]:
        """Decode what is shown, beginning a little before a time, where that is given."""
        plan, clock = self._plan, self._look.clock
        stamp = None if seek is None else clock.origin + seek
        colors = clock.shown(self._with_alpha(stamp))
        for begins, duration, (picture, alpha) in colors:
            lasts = STILL_DURATION if plan.still else duration
            yield _Shown(begins, lasts, picture, alpha)

    def _with_alpha(self, seek: Fraction | None) -> Iterator[tuple[VideoFrame, VideoFrame | None]]:
        """Decode the colour and the alpha stream in lock step."""
        plan = self._plan
        colors = self._decoder.frames(plan.stream, seek)
        if plan.alpha is None:
            yield from ((frame, None) for frame in colors)
            return
        planes = self._decoder.frames(plan.alpha)
        for number, frame in enumerate(colors, 1):
            plane = next(planes, None)
            if plane is None:
                self._notes.add(f"{plan.name} is damaged: frame {number} has no alpha", damage=True)
                return
            yield frame, plane

    def _converted(self, shown: Iterable[_Shown]) -> Iterator[Frame]:
        if self._look.interlaced:
            shown = (
                replace(one, picture=picture)
                for one, picture in progressive((one, one.picture) for one in shown)
            )
        for number, one in enumerate(shown, 1):
            self._limits.check_count(self._plan.name, number)
            yield Frame(self._pixels(one, number), one.duration)

    def _pixels(self, one: _Shown, number: int) -> U8:
        plan, look, picture = self._plan, self._look, one.picture
        out = pixels.to_srgb(picture, plan.color, look.peak)
        if one.alpha is not None:
            out[..., 3] = pixels.alpha_plane(one.alpha, picture.height, picture.width)
            out = colour.unpremultiply(out) if plan.premultiplied else out
        size, first = (picture.width, picture.height), (look.width, look.height)
        if size != first:
            change = f"from {first[0]}x{first[1]} to {size[0]}x{size[1]}"
            self._notes.add(f"{plan.name} changes its size {change}: scaled to the first")
            out = resized(out, first, look.has_alpha)
        return self._square(look.transform.apply(out))

    def _square(self, shown: U8) -> U8:
        """Scale a picture, cropped and turned, so that its pixels are as wide as high."""
        aspect, (height, width) = self._plan.aspect, shown.shape[:2]
        if aspect == 1:
            return shown
        if self._look.transform.quarter_turns % 2:
            height = max(1, round(height * aspect))
        else:
            width = max(1, round(width * aspect))
        return resized(shown, (width, height), self._look.has_alpha)
