"""Properties of images and tracks in boxes: colour, alpha, and how a picture is turned and cropped.

ISO/IEC 14496-12 (colr), 23008-12 (irot, imir, auxC), 23000-22 (clap) and the AV1 Image File Format
(a1op).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ssimgif.sources.isobmff import Box
from ssimgif.sources.orient import UPRIGHT, CleanAperture, Transform

ALPHA_TYPES = frozenset(
    {"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", "urn:mpeg:hevc:2015:auxid:1"}
)


@dataclass(frozen=True, slots=True)
class StatedColor:
    """What a container says of colours; it goes before what the coded pictures say.

    Attributes
    ----------
    codes : tuple of int or None
        Primaries, transfer and matrix, code points of ITU-T H.273.
    full : bool or None
        Full range.
    profile : bytes or None
        An ICC profile, which goes before primaries and transfer.
    """

    codes: tuple[int, int, int] | None = None
    full: bool | None = None
    profile: bytes | None = None

    def with_box(self, box: Box) -> StatedColor:
        """Add what a ``colr`` box says; there may be one of each kind."""
        box = replace(box, position=0)
        kind = bytes(box.take(4))
        if kind == b"nclx":
            codes = box.uint(2), box.uint(2), box.uint(2)
            return replace(self, codes=codes, full=bool(box.uint(1) >> 7))
        if kind in {b"prof", b"rICC"}:
            return replace(self, profile=bytes(box.data[box.position :]))
        return self


UNSTATED = StatedColor()


def stated_color(properties: list[Box]) -> StatedColor:
    """Return what the ``colr`` boxes among the properties say."""
    color = UNSTATED
    for box in properties:
        if box.kind == "colr":
            color = color.with_box(box)
    return color


def operating_point(properties: list[Box]) -> int:
    """Return which of an AV1 stream's operating points is to be decoded."""
    found = next((box for box in properties if box.kind == "a1op"), None)
    return replace(found, position=0).uint(1) & 31 if found else 0


def is_alpha(properties: list[Box]) -> bool:
    """Tell whether an auxiliary image is the alpha of another."""
    kinds = (replace(box, position=4) for box in properties if box.kind == "auxC")
    return any(box.text() in ALPHA_TYPES for box in kinds)


def transform(properties: list[Box]) -> Transform:
    """Return how the coded picture becomes the shown one."""
    found = UPRIGHT
    for one in properties:
        box = replace(one, position=0)
        if box.kind == "irot":
            found = replace(found, quarter_turns=box.uint(1) & 3)
        elif box.kind == "imir":
            found = replace(found, mirror=box.uint(1) & 1)
        elif box.kind == "clap":
            numbers = [(box.uint if i < 4 or i % 2 else box.sint)(4) for i in range(8)]
            found = replace(found, crop=CleanAperture.from_box(numbers))
    return found
