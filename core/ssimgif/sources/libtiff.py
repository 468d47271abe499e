"""libtiff, which Pillow reads TIFF with, and which prints lines of its own."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from functools import cache

from PIL import _imaging

_HANDLERS = ("TIFFSetErrorHandler", "TIFFSetWarningHandler")


@cache
def silence() -> None:
    """Keep libtiff from writing to standard error; what it says comes as an exception, too.

    Pillow has no switch for it. Where the functions can't be found, as in a static build, nothing
    changes.
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(_imaging.__file__)
        for name in _HANDLERS:
            install = getattr(library, name)
            install.restype, install.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
            install(None)
