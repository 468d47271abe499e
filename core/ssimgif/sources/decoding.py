"""Packets to frames: where decoding begins, and what is kept of a damaged stream."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
from av.video.frame import VideoFrame

from ssimgif.errors import SourceError
from ssimgif.model import Notes
from ssimgif.sources.limits import Limits
from ssimgif.sources.streams import Plan, in_words, opened

# Decoders that go on with wrong pictures where one is missing, up to the next key frame.
_BLIND = frozenset({"libdav1d", "libaom-av1", "av1", "vp8", "vp9", "libvpx", "libvpx-vp9"})


class Decoder:
    """Decodes the streams of a file, as often as needed.

    Parameters
    ----------
    plan : Plan
    limits : Limits
    notes : Notes
        Told of damage.
    """

    def __init__(self, plan: Plan, limits: Limits, notes: Notes) -> None:
        self._plan = plan
        self._limits = limits
        self._notes = notes

    def frames(self, index: int, seek: Fraction | None = None) -> Iterator[VideoFrame]:
        """Decode one stream, in the order its frames are shown.

        Frames that can't be decoded are left out, and the first of them is noted; where a file has
        an alpha stream beside, it ends the clip.

        Parameters
        ----------
        index : int
            The stream.
        seek : Fraction, optional
            Begin with the last key frame before this stamp, seconds, as far as the file's index
            tells.

        Raises
        ------
        SourceError
            When the codec is unknown, a frame is over a limit, or there is no frame at all.
        """
        plan, number, fault = self._plan, 0, ""
        for found in self._read(index, seek):
            if isinstance(found, VideoFrame):
                number += 1
                yield found
                continue
            # A recording may begin between two key frames, and so may a seek.
            if not fault and (number or plan.count is not None):
                self._note_fault(number, found, seek)
            fault = found
            if plan.alpha is not None:
                break
        if seek is None:
            self._check_count(number, fault)

    def _note_fault(self, number: int, reason: str, seek: Fraction | None) -> None:
        where = f" at frame {number + 1}" if seek is None else ""
        if seek is None or not self._notes.damage:
            self._notes.add(f"{self._plan.name} is damaged{where}: {reason}", damage=True)

    def _check_count(self, number: int, fault: str) -> None:
        count = self._plan.count or 1
        if not number and fault:
            self._note_fault(0, fault, None)
        if number < count and not self._notes.damage:
            lost = f"only {number} of its {count} frames" if number else "it has no frame that"
            self._notes.add(f"{self._plan.name} is damaged: {lost} can be decoded", damage=True)
        if not number:
            raise SourceError(self._notes.damage[0])

    def _read(self, index: int, seek: Fraction | None) -> Iterator[VideoFrame | str]:
        """Open the file and yield the frames of a stream, and for each fault the reason."""
        name = self._plan.name
        try:
            with opened(self._plan.path) as container:
                stream: Any = container.streams[index]
                if stream.codec_context is None:
                    raise SourceError(f"{name} can't be decoded: its codec is unknown")
                self._limits.check_size(name, stream.width, stream.height)
                if seek is not None:
                    # Where that fails, the frames come from the first one on.
                    with contextlib.suppress(av.error.FFmpegError):
                        container.seek(int(seek / stream.time_base), stream=stream)
                for found in self._decoded(container, stream):
                    if isinstance(found, VideoFrame):
                        self._limits.check_size(name, found.width, found.height)
                    yield found
        except av.error.FFmpegError as error:
            yield in_words(error)

    def _decoded(self, container: Any, stream: Any) -> Iterator[VideoFrame | str]:
        """Yield the frames of a stream, and for each that is damaged the reason."""
        context = _context(stream, self._plan)
        lost = False
        for packet in container.demux(stream):
            if lost and packet.size and not packet.is_keyframe:
                continue
            lost = False
            try:
                frames = [] if packet.is_corrupt else context.decode(packet)
            except av.error.EOFError:
                return
            except av.error.FFmpegError as error:
                yield in_words(error)
                lost = context.name in _BLIND
                continue
            if packet.is_corrupt:
                yield "incomplete data"
                lost = context.name in _BLIND
            for frame in frames:
                yield "incomplete data" if frame.is_corrupt else frame


def _context(stream: Any, plan: Plan) -> Any:
    context = stream.codec_context
    if plan.decoder:
        context = av.CodecContext.create(plan.decoder, "r")
        context.extradata = stream.codec_context.extradata
    if plan.operating_point and context.name == "libdav1d":
        context.options = {"oppoint": str(plan.operating_point)}
    context.thread_type = "AUTO"
    return context
