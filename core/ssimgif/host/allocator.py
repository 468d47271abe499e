"""How the C library hands memory back, which costs more than to keep it."""

from __future__ import annotations

import sys

# Parameters of glibc's mallopt (malloc.h), and their values in bytes: from which size on memory is
# mapped by itself, at most what any glibc takes; what is freed at the end of the heap and kept;
# what the heap grows by. The first goes first: without it the others do harm.
OPTIONS = {-3: 32 << 20, -1: 256 << 20, -2: 16 << 20}


def keep_freed_memory() -> bool:
    """Let this process keep the memory of planes that are freed, for the next ones.

    Otherwise the kernel clears their pages again and again, which takes a twentieth of the time on
    flat clips. Returns whether the C library was told so; only glibc can be.
    """
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return all(mallopt(option, value) for option, value in OPTIONS.items())
