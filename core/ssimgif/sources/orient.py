"""Cropping, turning and mirroring that a file asks for (MIAF: clap, then irot, then imir)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ssimgif.model import U8

TOP_BOTTOM, LEFT_RIGHT = 0, 1


@dataclass(frozen=True, slots=True)
class CleanAperture:
    """A crop in pixels: its size, and its centre's offset from the picture's (14496-12, 12.1.4)."""

    width: Fraction
    height: Fraction
    right: Fraction
    down: Fraction

    @classmethod
    def from_box(cls, numbers: Sequence[int]) -> CleanAperture | None:
        """Make a crop of the box's four fractions; None when a denominator is 0."""
        if not all(numbers[1::2]):
            return None
        return cls(*(Fraction(n, d) for n, d in zip(numbers[::2], numbers[1::2], strict=True)))

    def rectangle(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom in a picture of this size.

        A crop that leaves the picture is no valid crop; the whole picture is returned then.
        """
        left = Fraction(width - 1, 2) + self.right - (self.width - 1) / 2
        top = Fraction(height - 1, 2) + self.down - (self.height - 1) / 2
        box = round(left), round(top), round(left + self.width), round(top + self.height)
        inside = 0 <= box[0] < box[2] <= width and 0 <= box[1] < box[3] <= height
        return box if inside else (0, 0, width, height)


@dataclass(frozen=True, slots=True)
class Transform:
    """How a coded picture becomes the shown one.

    Attributes
    ----------
    crop : CleanAperture or None
    quarter_turns : int
        Anticlockwise turns by 90 degrees, 0..3.
    mirror : int or None
        0 swaps top and bottom, 1 swaps left and right.
    """

    crop: CleanAperture | None = None
    quarter_turns: int = 0
    mirror: int | None = None

    @classmethod
    def from_matrix(cls, a: float, b: float, c: float, d: float) -> Transform:
        """Read the matrix ``x' = a x + c y, y' = b x + d y`` of a track header (y points down)."""
        if abs(a) + abs(d) >= abs(b) + abs(c):
            signs, turns = (a < 0, d < 0), 0
        else:
            # A clockwise turn has b > 0 and c < 0: one turn anticlockwise is b < 0, c > 0.
            signs, turns = (b > 0, c < 0), 1
        if signs == (True, True):
            return cls(quarter_turns=turns + 2)
        mirror = None
        if turns == 0:
            mirror = LEFT_RIGHT if signs[0] else TOP_BOTTOM if signs[1] else None
        elif signs[0] or signs[1]:
            mirror = TOP_BOTTOM if signs[0] else LEFT_RIGHT
        return cls(quarter_turns=turns, mirror=mirror)

    def apply(self, pixels: U8) -> U8:
        """Return the shown picture, contiguous.

        Parameters
        ----------
        pixels : array[h, w, ...]
        """
        out = pixels
        if self.crop:
            left, top, right, bottom = self.crop.rectangle(out.shape[1], out.shape[0])
            out = out[top:bottom, left:right]
        if self.quarter_turns:
            out = np.rot90(out, self.quarter_turns)
        if self.mirror is not None:
            out = out[::-1] if self.mirror == TOP_BOTTOM else out[:, ::-1]
        return np.ascontiguousarray(out)


UPRIGHT = Transform()
