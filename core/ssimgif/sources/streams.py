"""Which streams of a file make the clip, and what its container says about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.logging

from ssimgif.errors import SourceError
from ssimgif.sources import ebml
from ssimgif.sources.avif_boxes import Presentation, is_iso_media, read_presentation
from ssimgif.sources.isobmff import BoxError
from ssimgif.sources.limits import STILL_DURATION
from ssimgif.sources.orient import UPRIGHT, Transform
from ssimgif.sources.properties import UNSTATED, StatedColor

av.logging.set_level(None)

# Containers only: playlists and scripts could name other files, and plain text is no film.
_CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,live_flv,mpegts,mpeg,mpegvideo,m4v,nut,ogg,asf,"
    "yuv4mpegpipe,ivf,obu,h264,hevc,av1,mxf,rm,dv,gif,apng,webp_pipe,png_pipe,jpeg_pipe,mjpeg,"
    "wav,mp3,aac,flac,w64,aiff,caf"
)
_OPTIONS = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "file,pipe"}
# PyAV 19 replaces what is not UTF-8 by itself, and has no such argument.
_OLD = int(av.__version__.split(".")[0]) < 19
_TEXTS: dict[str, Any] = {"metadata_errors": "replace"} if _OLD else {}
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


class UnknownFormatError(SourceError):
    """A file that this reader can't make sense of, though another one might."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which streams of a file make the clip, and what is done to their pictures.

    Attributes
    ----------
    path : Path
    name : str
    stream : int
        Index of the colour stream.
    alpha : int or None
        Index of the alpha stream.
    premultiplied : bool
        Whether the colours are multiplied by the alpha.
    transform : Transform
    color : StatedColor
    operating_point : int
        Which of an AV1 stream's operating points is shown.
    aspect : Fraction
        Width of a pixel over its height.
    decoder : str or None
        A decoder to use in place of the default one.
    count : int or None
        Frames there must be.
    known : int or None
        Frames the boxes state, some of which may not be shown.
    loop : int
    unshown : int
        Frames among them that are never on screen.
    still : bool
    has_boxes : bool
        Whether the container's boxes state the transform.
    step : Fraction
        Time between frames that have neither time stamps nor durations, seconds.
    damage : str or None
        What is missing of the file.
    """

    path: Path
    name: str
    stream: int
    alpha: int | None = None
    premultiplied: bool = False
    transform: Transform = UPRIGHT
    color: StatedColor = UNSTATED
    operating_point: int = 0
    aspect: Fraction = Fraction(1)
    decoder: str | None = None
    count: int | None = None
    known: int | None = None
    loop: int = 0
    unshown: int = 0
    still: bool = False
    has_boxes: bool = False
    step: Fraction = STILL_DURATION
    damage: str | None = None


def opened(path: Path) -> Any:
    """Open a container; its streams may lack a decoder, its texts may be in any encoding."""
    return av.open(f"file:{path}", options=_OPTIONS, **_TEXTS)


def plan_file(path: Path, name: str) -> Plan:
    """Choose the streams of a file.

    Raises
    ------
    UnknownFormatError
        When FFmpeg has no reader for it.
    SourceError
        When it is damaged or has no pictures.
    """
    with path.open("rb") as file:
        head = file.read(12)
    presentation, damage = Presentation(frozenset(), ""), None
    if is_iso_media(head):
        try:
            presentation = read_presentation(path)
        except BoxError as error:
            raise SourceError(f"{name} is damaged: {error}") from None
        if presentation.truncated:
            damage = f"{name} is damaged: {presentation.truncated}"
    elif missing := ebml.missing_bytes(path):
        damage = f"{name} is truncated: {missing} bytes are missing"
    try:
        with opened(path) as container:
            choose = _avif_plan if presentation.is_avif else _video_plan
            return replace(choose(container, presentation, path, name), damage=damage)
    except av.error.FFmpegError as error:
        if damage:
            raise SourceError(damage) from None
        raise UnknownFormatError(
            f"{name} is no picture or video that can be read: {in_words(error)}"
        ) from None


def _avif_plan(container: Any, shown: Presentation, path: Path, name: str) -> Plan:
    track = shown.color_track()
    if track is None:
        if shown.major_brand == "avis":
            raise SourceError(f"{name} is damaged: it says it is an animation but has no track")
        return _still_plan(container, shown, path, name)
    if not track.media_duration:
        raise SourceError(f"{name} is damaged: none of its frames has a duration")
    plan = Plan(
        path,
        name,
        stream=_track_stream(container, shown, track.id, track.samples, name),
        transform=track.transform,
        color=track.color,
        operating_point=track.operating_point,
        count=track.samples,
        known=track.samples,
        unshown=track.unshown,
        loop=track.plays,
        has_boxes=True,
    )
    alpha = shown.alpha_track(track)
    if alpha is not None:
        plan = replace(
            plan,
            alpha=_track_stream(container, shown, alpha.id, alpha.samples, name),
            premultiplied=alpha.id in track.premultiplied_by,
        )
    return plan


def _track_stream(container: Any, shown: Presentation, track: int, samples: int, name: str) -> int:
    """Return the index of a track's stream; a still item may have the same id."""
    same = [s.index for s in container.streams.video if s.id == track and s.frames == samples]
    if not same:
        raise SourceError(f"{name} is damaged: its track {track} can't be read")
    return int(same[-1] if shown.items_first else same[0])


def _still_plan(container: Any, shown: Presentation, path: Path, name: str) -> Plan:
    item = shown.primary
    if item is None:
        raise SourceError(f"{name} is damaged: it has neither a track nor a primary image")
    streams = {s.id: s.index for s in container.streams.video}
    if item.id not in streams:
        raise UnknownFormatError(f"{name} can't be read: its image is of type {item.kind!r}")
    return Plan(
        path,
        name,
        stream=streams[item.id],
        alpha=streams.get(item.alpha) if item.alpha is not None else None,
        premultiplied=item.premultiplied,
        transform=item.transform,
        color=item.color,
        operating_point=item.operating_point,
        count=1,
        known=1,
        still=True,
        has_boxes=True,
    )


def _video_plan(container: Any, shown: Presentation, path: Path, name: str) -> Plan:
    films = [s for s in container.streams.video if not _is_cover(s)]
    if not films:
        what = "sound only" if container.streams.audio else "no pictures"
        raise SourceError(f"{name} has {what}")
    best = container.streams.best("video")
    stream = best if best in films else films[0]
    track = next((t for t in shown.tracks if t.id == stream.id), None)
    decoder = None
    if stream.metadata.get("alpha_mode") == "1":
        decoder = _ALPHA_DECODERS.get(stream.codec_context.name)
    return Plan(
        path,
        name,
        stream=stream.index,
        transform=track.transform if track else UPRIGHT,
        color=track.color if track else UNSTATED,
        aspect=Fraction(stream.sample_aspect_ratio or 1),
        decoder=decoder,
        known=track.samples if track else None,
        has_boxes=track is not None,
        step=1 / Fraction(stream.guessed_rate or 25),
    )


def _is_cover(stream: Any) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def in_words(error: av.error.FFmpegError) -> str:
    """Return FFmpeg's reason in lower case, without its number."""
    return (error.strerror or "unknown data").lower()
