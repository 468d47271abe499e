"""Find the best SSIM whose GIF fits a number of bytes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol, TypeVar

from ssimgif.settings import Target, looks_floor

LOWEST, HIGHEST = 0.40, 0.9995
FIRST = 0.95
MOST_ATTEMPTS = 10


class Sized(Protocol):
    """Anything that takes a number of bytes."""

    @property
    def size(self) -> int:
        """Bytes."""


Attempt = TypeVar("Attempt", bound=Sized)


def fit_budget(
    attempt: Callable[[Target], Attempt], max_bytes: int, slack: float, delta_e: float
) -> Attempt:
    """Return the best attempt that fits, or the smallest where none does.

    Bytes are nearly a power of 1 - SSIM, so the search is a secant on the logarithms of both,
    kept between the best that fits and the worst that does not.

    Parameters
    ----------
    attempt : callable
        Makes the GIF for a target.
    max_bytes : int
    slack : float
        An attempt within this share below ``max_bytes`` is good enough.
    delta_e : float
        The colour guard at high quality.
    """
    fitting: tuple[float, Attempt] | None = None
    larger: tuple[float, Attempt] | None = None
    x = math.log(1 - FIRST)
    lowest, highest = math.log(1 - HIGHEST), math.log(1 - LOWEST)
    for _ in range(MOST_ATTEMPTS):
        made = attempt(budget_target(1 - math.exp(x), delta_e))
        if made.size <= max_bytes:
            fitting = (x, made)
            if made.size >= (1 - slack) * max_bytes or x <= lowest:
                break
        else:
            larger = (x, made)
            if x >= highest:
                break
        x = min(max(_next(fitting, larger, max_bytes, slack), lowest), highest)
        if fitting and larger and abs(fitting[0] - larger[0]) < 0.002:
            break
    chosen = fitting or larger
    assert chosen is not None
    return chosen[1]


def budget_target(ssim: float, delta_e: float) -> Target:
    """Return the whole contract that goes with an SSIM in the search for a budget.

    Below .92 the colour guard gives way as SSIM does, or it alone would decide the size.
    """
    relaxed = delta_e * (1 + 8 * max(0.0, 0.92 - ssim))
    return Target(ssim, ssim, max(looks_floor(ssim), 0.0), relaxed)


def _next(
    fitting: tuple[float, Sized] | None,
    larger: tuple[float, Sized] | None,
    max_bytes: int,
    slack: float,
) -> float:
    """Return the log of 1 - SSIM to try next."""
    goal = math.log(max_bytes * (1 - 0.4 * slack))
    if fitting is None or larger is None:
        known = fitting or larger
        assert known is not None
        x, made = known
        return x + 1.3 * (math.log(made.size) - goal) + (0.05 if larger else -0.05)
    (x0, above), (x1, below) = larger, fitting
    share = (math.log(above.size) - goal) / max(math.log(above.size / below.size), 1e-9)
    return x0 + (x1 - x0) * min(max(share, 0.08), 0.92)
