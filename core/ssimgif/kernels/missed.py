"""Strong changes of luma from a frame to the next, and which of them are not shown."""

import numpy as np

from ssimgif.kernels.compilation import kernel


@kernel
def strong_changes(before, after, most, low, high):
    """Bound what shows at least half of each strong change, and count those.

    Parameters
    ----------
    before, after : u8[n]
        The source of two frames.
    most : int
        Levels that a change which is not strong may have.
    low, high : u8[n]
        Bounds of what is shown; 0 and 255 where there is no strong change.
    """
    count = 0
    for i in range(after.size):
        old, new = np.int32(before[i]), np.int32(after[i])
        step = abs(new - old)
        strong = step > most
        low[i] = max(new - step // 2, 0) if strong else 0
        high[i] = min(new + step // 2, 255) if strong else 255
        count += strong
    return count


@kernel
def count_outside(plane, low, high):
    """Count the values of u8[n] that lie beyond their bounds u8[n]."""
    count = 0
    for i in range(plane.size):
        count += (plane[i] < low[i]) | (plane[i] > high[i])
    return count
