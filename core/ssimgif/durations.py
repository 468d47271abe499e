"""How long frames stay on screen, as programs tell it: numbers of many types."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np

from ssimgif.errors import FrameError, SettingsError

# A plain number from here on is taken for milliseconds that were meant as such; a Fraction is not.
UNLIKELY = 15
_FINEST = 1_000_000


def seconds(duration: Any) -> Fraction:
    """Return a duration as an exact number of seconds.

    Parameters
    ----------
    duration : Fraction, int, float or a number of numpy
        More than 0; below 15, unless it is a Fraction.

    Raises
    ------
    SettingsError
        On anything else.
    """
    try:
        exact = _exact(duration)
    except (TypeError, ValueError, OverflowError):
        raise SettingsError(f"duration {duration!r} is not a number of seconds") from None
    if exact <= 0:
        raise SettingsError(f"duration must be more than 0 seconds, not {duration}")
    if exact >= UNLIKELY and not isinstance(duration, Fraction):
        raise SettingsError(
            f"duration {duration} is in seconds: for milliseconds give {float(exact) / 1000:g},"
            f" and where so many seconds are meant Fraction({duration})"
        )
    return exact


def durations_of(durations: Any, count: int) -> list[Fraction]:
    """Return a duration for each of so many frames.

    Parameters
    ----------
    durations : a number, or as many as there are frames
        As `seconds` takes them.
    count : int

    Raises
    ------
    SettingsError
        On what is no number of seconds.
    FrameError
        On another number of durations.
    """
    if isinstance(durations, str | bytes) or not _is_several(durations):
        return [seconds(durations)] * count
    each = [seconds(one) for one in durations]
    if len(each) != count:
        raise FrameError(f"there are {count} frames, but {len(each)} durations")
    return each


def _is_several(durations: Any) -> bool:
    """Tell whether something is a sequence; an array of no dimensions is a number."""
    if isinstance(durations, np.ndarray):
        return durations.ndim > 0
    return isinstance(durations, Iterable)


def _exact(number: Any) -> Fraction:
    if isinstance(number, str | bytes | bool | np.bool_):
        raise TypeError
    exact = number if isinstance(number, Fraction) else Fraction(float(number))
    return exact.limit_denominator(_FINEST)
