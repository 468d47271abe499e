"""The options of the filters inside PyAV, asked of libavfilter itself by ctypes."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av

CONSTANT = "constant"
TEXT = ("string", "binary", "dictionary")
# AVOptionType of libavutil/opt.h; arrays have a flag of their own on top.
_TYPES = (
    *("flags", "int", "int64", "double", "float", "string", "rational", "binary", "dictionary"),
    *("uint64", CONSTANT, "image size", "pixel format", "sample format", "video rate", "duration"),
    *("color", "boolean", "channel layout", "uint"),
)
_ARRAY = 1 << 16


@dataclass(frozen=True)
class Option:
    """One option of a filter: aliases of one another have the same ``place``."""

    name: str
    help: str
    place: int
    type: str


class _Option(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("help", ctypes.c_char_p),
        ("offset", ctypes.c_int),
        ("type", ctypes.c_int),
        ("default", ctypes.c_int64),
        ("min", ctypes.c_double),
        ("max", ctypes.c_double),
        ("flags", ctypes.c_int),
        ("unit", ctypes.c_char_p),
    ]


class _Filter(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("description", ctypes.c_char_p),
        ("inputs", ctypes.c_void_p),
        ("outputs", ctypes.c_void_p),
        ("options", ctypes.c_void_p),
        ("flags", ctypes.c_int),
    ]


def _library(name: str) -> ctypes.CDLL | None:
    folder = Path(av.__file__).parent.parent / "av.libs"
    found = sorted(folder.glob(f"lib{name}*"))
    return ctypes.CDLL(str(found[0])) if found else None


class Library:
    """libavfilter and libavutil as PyAV has loaded them."""

    def __init__(self, filters: ctypes.CDLL, utilities: ctypes.CDLL) -> None:
        self._find = filters.avfilter_get_by_name
        self._find.restype, self._find.argtypes = ctypes.POINTER(_Filter), [ctypes.c_char_p]
        self._next = utilities.av_opt_next
        self._next.restype = ctypes.POINTER(_Option)
        self._next.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        self._child = utilities.av_opt_child_class_iterate
        self._child.restype, self._child.argtypes = ctypes.c_void_p, [ctypes.c_void_p] * 2

    @classmethod
    def find(cls) -> Library | None:
        """Return the library; None where PyAV brings none of its own."""
        filters, utilities = _library("avfilter"), _library("avutil")
        return cls(filters, utilities) if filters and utilities else None

    def options(self, name: str) -> tuple[list[Option], list[Option]]:
        """Return a filter's own options in their order, and those of what it is made of."""
        kind = self._find(name.encode()).contents.options
        if not kind:
            return [], []
        inner: list[Option] = []
        place = ctypes.c_void_p(None)
        while child := self._child(kind, ctypes.byref(place)):
            inner += self._of(child)
        return list(self._of(kind)), inner

    def _of(self, kind: int) -> Iterator[Option]:
        holder = ctypes.c_void_p(kind)
        at = self._next(ctypes.byref(holder), None)
        while at:
            one = at.contents
            kind_of_value = _TYPES[(one.type & ~_ARRAY) - 1]
            text = (one.help or b"").decode()
            yield Option(one.name.decode(), text, one.offset, kind_of_value)
            at = self._next(ctypes.byref(holder), at)
