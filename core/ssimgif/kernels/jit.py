"""How kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from numba import njit


def compile_plain(function: Callable[..., Any], **options: Any) -> Any:
    """Compile, and leave caching to numba."""
    return njit(cache=True, **options)(function)


try:
    from ssimgif.kernels.jit_cache import WITHOUT_COUNTS, compile_quick
except Exception:  # Its names for its insides are others than those that we know.
    WITHOUT_COUNTS, compile_quick = {}, compile_plain


def kernel(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Compile a function that takes and returns arrays, and keep it compiled on disk.

    It runs without the interpreter's lock. ``@kernel`` and ``@kernel(option=value)`` both decorate.

    Parameters
    ----------
    function
        The function.
    **options
        More of ``numba.njit``.

    Returns
    -------
    callable
        What numba dispatches by the types of the arguments.
    """
    if function is None:
        return partial(kernel, **options)
    return compile_quick(function, nogil=True, **options)


def helper(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Compile a function that allocates nothing into the kernels that call it.

    Without reference counts: counting the arrays of a named tuple, or views of rows, with atomic
    instructions would take up to two thirds of the time.
    """
    return kernel(function, forceinline=True, **WITHOUT_COUNTS, **options)
