"""How the pictures of an animation are laid over one another, as GIF and APNG have it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ssimgif.model import U8


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of the canvas, pixels; it may reach beyond it."""

    left: int
    top: int
    width: int
    height: int

    def of(self, canvas: U8) -> U8:
        """Return the part of the canvas that lies in the rectangle, as a view."""
        rows = slice(self.top, self.top + self.height)
        return canvas[rows, self.left : self.left + self.width]


def draw_over(below: U8, picture: U8) -> None:
    """Composite a picture over what is there (PNG, third edition, 13.16: alpha processing).

    Parameters
    ----------
    below : u8[h, w, 4]
        Straight alpha; drawn on.
    picture : u8[h, w, 4]
        Straight alpha.
    """
    opaque = picture[..., 3] == 255
    mixed = (picture[..., 3] != 0) & ~opaque
    below[opaque] = picture[opaque]
    if mixed.any():
        below[mixed] = _over(picture[mixed], below[mixed])


def _over(above: U8, below: U8) -> U8:
    """Return pixels u8[n, 4] over others, correctly rounded."""
    front = 255 * above[:, 3:].astype(np.int64)
    back = below[:, 3:].astype(np.int64) * (255 - above[:, 3:])
    total = front + back
    out = np.empty_like(above)
    colors = front * above[:, :3] + back * below[:, :3]
    out[:, :3] = (2 * colors + total) // (2 * total)
    out[:, 3:] = (2 * total + 255) // 510
    return out
