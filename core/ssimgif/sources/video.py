"""Animated and still AVIF, and every video that FFmpeg's decoders read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import Any

import av
from av.video.frame import VideoFrame

from ssimgif.errors import SourceError
from ssimgif.model import Clip, Frame, Notes
from ssimgif.sources import hdr, pixels
from ssimgif.sources import yuv as colour
from ssimgif.sources.limits import STILL_DURATION, STILL_NOTE, Limits
from ssimgif.sources.orient import Transform
from ssimgif.sources.streams import Plan, in_words, opened, plan_file

HDR_NOTE = "high dynamic range: tone-mapped to sRGB"
_PEAK_FRAMES = 64


def open_video(path: Path, name: str, limits: Limits) -> Clip:
    """Open a file with pictures.

    Raises
    ------
    UnknownFormatError
        When FFmpeg has no reader for it.
    SourceError
        When it has no pictures, is damaged, or is over a limit.
    """
    plan = plan_file(path, name)
    limits.check_count(name, plan.known)
    plan = _inspected(plan, limits)
    frames = _frames(plan, limits)
    first = next(frames)
    # Who reads first goes on from here.
    begun = [chain([first], frames)]
    notes = ((STILL_NOTE, plan.still), (HDR_NOTE, plan.peak is not None))
    return Clip(
        width=first.pixels.shape[1],
        height=first.pixels.shape[0],
        open_frames=lambda: begun.pop() if begun else _frames(plan, limits),
        loop=plan.loop,
        frame_count=None if plan.count is None else plan.count - plan.unshown,
        has_alpha=plan.has_alpha,
        name=name,
        notes=Notes(*(note for note, applies in notes if applies)),
    )


def _inspected(plan: Plan, limits: Limits) -> Plan:
    """Fill in what only decoded frames tell: alpha, rotation, and the peak of a bright source."""
    frames = islice(_decoded(plan, plan.stream, limits), _PEAK_FRAMES)
    first = next(frames, None)
    if first is None:
        raise SourceError(f"{plan.name} is damaged: it has no frame that can be decoded")
    plan = replace(plan, has_alpha=plan.alpha is not None or pixels.has_alpha(first))
    if not plan.has_boxes and first.rotation % 90 == 0:
        plan = replace(plan, transform=Transform(quarter_turns=first.rotation // 90 % 4))
    if pixels.peak_light(first, plan.color) is None:
        return plan
    lights = (pixels.peak_light(frame, plan.color) or 0.0 for frame in chain([first], frames))
    return replace(plan, peak=max(*lights, hdr.NOMINAL_PEAK))


def _frames(plan: Plan, limits: Limits) -> Iterator[Frame]:
    size: tuple[int, int] | None = None
    for number, (picture, plane, duration) in enumerate(_timed(plan, limits), 1):
        limits.check_count(plan.name, number)
        size = size or (picture.width, picture.height)
        if (picture.width, picture.height) != size:
            change = f"{size[0]}x{size[1]} to {picture.width}x{picture.height}"
            raise SourceError(f"{plan.name} changes its size from {change} at frame {number}")
        shown = pixels.to_srgb(picture, plan.color, plan.peak)
        if plane is not None:
            shown[..., 3] = pixels.alpha_plane(plane, picture.height, picture.width)
            shown = colour.unpremultiply(shown) if plan.premultiplied else shown
        yield Frame(plan.transform.apply(shown), duration)


def _timed(plan: Plan, limits: Limits) -> Iterator[tuple[VideoFrame, VideoFrame | None, Fraction]]:
    """Yield each frame, its alpha, and the time until the next one.

    Frames that are never on screen are left out. The last frame stays for its own duration, or
    as long as the one before.
    """
    held: tuple[VideoFrame, VideoFrame | None] | None = None
    last = STILL_DURATION
    for frame, plane in _with_alpha(plan, limits):
        if held is not None:
            duration = _between(held[0], frame)
            if duration is None:
                duration = _own_duration(held[0], plan) or last
            if duration > 0:
                last = duration
                yield *held, duration
        held = frame, plane
    if held is not None:
        yield *held, _own_duration(held[0], plan) or last


def _between(first: VideoFrame, second: VideoFrame) -> Fraction | None:
    if first.pts is None or second.pts is None or first.time_base is None:
        return None
    return (second.pts - first.pts) * Fraction(first.time_base)


def _own_duration(frame: VideoFrame, plan: Plan) -> Fraction | None:
    if plan.still or not frame.duration or frame.time_base is None:
        return None
    return frame.duration * Fraction(frame.time_base)


def _with_alpha(plan: Plan, limits: Limits) -> Iterator[tuple[VideoFrame, VideoFrame | None]]:
    """Decode the colour and the alpha stream in lock step."""
    colors = _decoded(plan, plan.stream, limits)
    if plan.alpha is None:
        yield from ((frame, None) for frame in colors)
        return
    planes = _decoded(plan, plan.alpha, limits)
    for number, frame in enumerate(colors, 1):
        plane = next(planes, None)
        if plane is None:
            raise SourceError(f"{plan.name} is damaged: frame {number} has no alpha")
        yield frame, plane


def _decoded(plan: Plan, index: int, limits: Limits) -> Iterator[VideoFrame]:
    """Decode one stream, with errors in words."""
    number = 0
    try:
        with opened(plan.path) as container:
            stream: Any = container.streams[index]
            if stream.codec_context is None:
                raise SourceError(f"{plan.name} can't be decoded: its codec is unknown")
            limits.check_size(plan.name, stream.width, stream.height)
            context = _decoder(stream, plan.decoder)
            for packet in container.demux(stream):
                for frame in context.decode(packet):
                    if packet.is_corrupt or frame.is_corrupt:
                        if not number and plan.count is None:
                            continue  # a recording that begins between two key frames
                        raise SourceError(f"{plan.name} is damaged at frame {number + 1}")
                    number += 1
                    limits.check_size(plan.name, frame.width, frame.height)
                    yield frame
        if plan.count is not None and number < plan.count:
            raise SourceError(
                f"{plan.name} is damaged: only {number} of its {plan.count} frames can be decoded"
            )
    except av.error.FFmpegError as error:
        reason = in_words(error)
        raise SourceError(f"{plan.name} is damaged at frame {number + 1}: {reason}") from None


def _decoder(stream: Any, name: str | None) -> Any:
    context = stream.codec_context
    if name:
        context = av.CodecContext.create(name, "r")
        context.extradata = stream.codec_context.extradata
    context.thread_type = "AUTO"
    return context
