"""What a layer's name says about its frame: "Sky (120ms) (replace)".

For Python 2.7 and 3.
"""

import re

SHORTEST, LONGEST = 20, 655350

_DELAY = re.compile(r"\(\s*(\d{1,9})\s*ms", re.IGNORECASE)
_REPLACE = re.compile(r"\(\s*replace\s*\)", re.IGNORECASE)
_COMBINE = re.compile(r"\(\s*combine\s*\)", re.IGNORECASE)


def milliseconds(name, default, use_names):
    # type: (str, int, bool) -> int
    """Return how long a frame is shown, within what a GIF can say."""
    found = _DELAY.search(name) if use_names else None
    return min(max(int(found.group(1)) if found else default, SHORTEST), LONGEST)


def replaces(name, by_default):
    # type: (str, bool) -> bool
    """Tell whether a frame stands alone, rather than on top of the frames before it."""
    if _REPLACE.search(name):
        return True
    return by_default and not _COMBINE.search(name)


def with_milliseconds(number, time):
    # type: (int, int) -> str
    """Return the name of a layer that is a frame of an animation."""
    return "Frame {} ({}ms)".format(number, time)
