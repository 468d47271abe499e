"""Packets to frames: where decoding begins, and what is kept of a damaged stream."""

from __future__ import annotations

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

        Frames that can't be decoded are left out and noted; where a file has an alpha stream
        beside, the first of them ends the clip.

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
        plan, number = self._plan, 0
        try:
            with opened(plan.path) as container:
                stream: Any = container.streams[index]
                if stream.codec_context is None:
                    raise SourceError(f"{plan.name} can't be decoded: its codec is unknown")
                self._limits.check_size(plan.name, stream.width, stream.height)
                if seek is not None:
                    container.seek(int(seek / stream.time_base), stream=stream)
                for found in self._decoded(container, stream):
                    if isinstance(found, VideoFrame):
                        number += 1
                        self._limits.check_size(plan.name, found.width, found.height)
                        yield found
                        continue
                    # A recording may begin between two key frames, and so may a seek.
                    if number or plan.count is not None:
                        self._damaged(number, found, seek)
                    if plan.alpha is not None:
                        break
        except av.error.FFmpegError as error:
            self._damaged(number, in_words(error), seek)
        if seek is None and not number:
            damage = self._notes.damage
            raise SourceError(
                damage[0]
                if damage
                else f"{plan.name} is damaged: it has no frame that can be decoded"
            )
        short = plan.count is not None and number < plan.count
        if seek is None and short and not self._notes.damage:
            self._notes.add(
                f"{plan.name} is damaged: only {number} of its {plan.count} frames can be decoded",
                damage=True,
            )

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

    def _damaged(self, number: int, reason: str, seek: Fraction | None) -> None:
        where = f" at frame {number + 1}" if seek is None else ""
        if seek is None or not self._notes.damage:
            self._notes.add(f"{self._plan.name} is damaged{where}: {reason}", damage=True)


def _context(stream: Any, plan: Plan) -> Any:
    context = stream.codec_context
    if plan.decoder:
        context = av.CodecContext.create(plan.decoder, "r")
        context.extradata = stream.codec_context.extradata
    if plan.operating_point and context.name == "libdav1d":
        context.options = {"oppoint": str(plan.operating_point)}
    context.thread_type = "AUTO"
    return context
