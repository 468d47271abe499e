"""The text in front of each image of a MIFF file.

The format is described at https://imagemagick.org/script/miff.php; what ImageMagick 6 and 7 write
beyond it is followed too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from ssimgif_imagemagick.stream import END, ByteReader, MiffError

MAGIC = b"id=ImageMagick"
_LONGEST_HEADER = 1 << 24
_SPACE = frozenset(b" \t\n\v\f\r")
_OPEN, _CLOSE, _ESCAPE, _COLON, _EQUALS = b"{}\\:="
_PAGE = re.compile(r"(?:(\d+)x(\d+))?(?:([+-]\d+)([+-]\d+))?")


@dataclass(frozen=True, slots=True)
class Page:
    """An image's place on its virtual canvas, pixels; a width or height of 0 is not stated."""

    width: int = 0
    height: int = 0
    x: int = 0
    y: int = 0


@dataclass(frozen=True, slots=True)
class Header:
    """What precedes the data of one image.

    Attributes
    ----------
    fields : mapping of str to str
        Keywords in lower case, and values; properties that users set are among them.
    profiles : int
        How many profiles follow.
    """

    fields: Mapping[str, str]
    profiles: int = 0

    def word(self, name: str, default: str) -> str:
        """Return a value in lower case."""
        return self.fields.get(name, default).lower()

    def number(self, name: str, default: int) -> int:
        """Return a value that is a whole number, 0 or more."""
        text = self.fields.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
            raise MiffError(f"its {name} is {text[:40]!r}, not a number")
        return int(text)

    @property
    def columns(self) -> int:
        """Width, pixels."""
        return self.number("columns", 0)

    @property
    def rows(self) -> int:
        """Height, pixels."""
        return self.number("rows", 0)

    @property
    def has_alpha(self) -> bool:
        """Whether each pixel has an alpha sample."""
        if "alpha-trait" in self.fields:
            return self.word("alpha-trait", "") != "undefined"
        return self.word("matte", "false") == "true"

    @property
    def indexed(self) -> bool:
        """Whether pixels are indices of a colour map."""
        return self.word("class", "directclass") == "pseudoclass"

    @property
    def page(self) -> Page:
        """The virtual canvas and the place on it."""
        match = _PAGE.fullmatch(self.fields.get("page", ""))
        if match is None:
            raise MiffError(f"its page is {self.fields['page'][:40]!r}, which is no geometry")
        return Page(*(int(group or 0) for group in match.groups()))

    @property
    def delay(self) -> Fraction:
        """Time on screen, seconds; 0 where none is stated."""
        return Fraction(self.number("delay", 0), self.number("ticks-per-second", 0) or 100)


def read_header(reader: ByteReader) -> Header | None:
    """Read up to the data of the next image; return None at the end of the file.

    Raises
    ------
    MiffError
        When it is no header.
    """
    byte = reader.byte()
    while byte != END and not 0x21 <= byte <= 0x7E:
        byte = reader.byte()
    if byte == END:
        return None
    fields: dict[str, str] = {}
    profiles, left = 0, _LONGEST_HEADER
    while byte != _COLON:
        if byte == _OPEN:
            left -= len(_braced(reader, left))
        elif byte not in _SPACE:
            name = chr(byte) + _until(reader, _EQUALS, left)
            value = _value(reader, left)
            left -= len(name) + len(value)
            name = name.strip().lower()
            if not fields and (name, value.lower()) != ("id", "imagemagick"):
                raise MiffError("what follows is not an image")
            fields[name] = value
            profiles += name == "profile"
        byte = _next(reader)
    reader.read(1)
    return Header(fields, profiles)


def _next(reader: ByteReader) -> int:
    byte = reader.byte()
    if byte == END:
        raise MiffError("it ends within a header")
    return byte


def _until(reader: ByteReader, stop: int, most: int) -> str:
    text = bytearray()
    while (byte := _next(reader)) != stop:
        text.append(byte)
        _check_length(text, most)
    return text.decode("utf-8", "replace")


def _value(reader: ByteReader, most: int) -> str:
    byte = _next(reader)
    if byte == _OPEN:
        return _braced(reader, most)
    text = bytearray()
    while byte not in _SPACE:
        text.append(byte)
        _check_length(text, most)
        byte = _next(reader)
    reader.unread()
    return text.decode("utf-8", "replace")


def _braced(reader: ByteReader, most: int) -> str:
    """Read up to the closing brace; a backslash makes a brace a letter."""
    text = bytearray()
    while (byte := _next(reader)) != _CLOSE:
        if byte == _ESCAPE:
            byte = _next(reader)
            if byte not in (_OPEN, _CLOSE, _ESCAPE):
                text.append(_ESCAPE)
        text.append(byte)
        _check_length(text, most)
    return text.decode("utf-8", "replace")


def _check_length(text: bytearray, most: int) -> None:
    if len(text) > most:
        raise MiffError("its header does not end")
