"""Values of settings: texts as people write them, and numbers as programs have them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from numbers import Integral, Real
from typing import Any, SupportsFloat, SupportsIndex, TypedDict

from ssimgif.errors import SettingsError

# Width, height, left and top, pixels.
Crop = tuple[int, int, int, int]

# What programs may give: Python's numbers and those of other libraries, and texts.
Number = SupportsFloat | str
Whole = SupportsIndex | str
Boolean = bool | str
Color = tuple[SupportsIndex, SupportsIndex, SupportsIndex] | str
Rectangle = tuple[SupportsIndex, SupportsIndex, SupportsIndex, SupportsIndex] | str


class Given(TypedDict, total=False):
    """What each field of `Settings` may be given as; what is kept is a number."""

    ssim: Number | None
    quality: Number | None
    preset: str | None
    lossless: Boolean
    max_bytes: Whole | None
    delta_e: Number | None
    colors: Whole
    palettes: str | None
    dither: str
    fps: Number | None
    width: Whole | None
    height: Whole | None
    scale_filter: str
    crop: Rectangle | None
    start: Number | None
    end: Number | None
    speed: Number | None
    loop: Whole | None
    reverse: Boolean
    bounce: Boolean
    background: Color | None
    feather: Number
    effort: Whole
    strict: Boolean
    jobs: Whole | None
    no_cache: Boolean
    scene_threshold: Number
    reuse_threshold: Number | None
    max_frames: Whole
    max_pixels: Whole
    made_for: str | None
    keep_size: Boolean
    keep_fps: Boolean
    least_width: Whole | None
    least_fps: Number | None
    shown_width: Whole | None


_COLOR_NAMES = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
}

_CROP = re.compile(r"(\d{1,5})x(\d{1,5})\+(\d{1,5})\+(\d{1,5})", re.ASCII)
_FRACTION = re.compile(r"[+-]?(\d{1,9}(/0*[1-9]\d{0,8}|\.\d{0,9})?|\.\d{1,9})", re.ASCII)


def parse_bytes(text: str) -> int:
    """Read a size such as ``1500000``, ``512KB``, ``2MB`` or ``1MiB``."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kKmMgG]?)(i?)[bB]?\s*", text)
    if not match:
        raise SettingsError(f"max-bytes {text!r} is not a size such as 1500000, 512KB or 2MB")
    number, unit, binary = match.groups()
    base = 1024 if binary else 1000
    return int(Fraction(number) * base ** " kmg".index(unit.lower() or " "))


def parse_color(text: str) -> tuple[int, int, int]:
    """Read ``#rrggbb``, ``rrggbb``, ``#rgb`` or a basic colour name."""
    name = text.strip().lower()
    if name in _COLOR_NAMES:
        return _COLOR_NAMES[name]
    digits = name.removeprefix("#")
    if re.fullmatch(r"[0-9a-f]{3}", digits):
        digits = "".join(2 * d for d in digits)
    if not re.fullmatch(r"[0-9a-f]{6}", digits):
        raise SettingsError(f"background {text!r} is not a colour such as #ff8800 or white")
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def parse_crop(text: str) -> Crop:
    """Read ``WxH+X+Y``: width, height, and where the left upper corner is."""
    match = _CROP.fullmatch(text.strip())
    if not match:
        raise SettingsError(f"crop {text!r} is not WIDTHxHEIGHT+LEFT+TOP such as 320x180+0+40")
    width, height, left, top = map(int, match.groups())
    return width, height, left, top


def parse_fraction(name: str, text: str) -> Fraction:
    """Read ``25``, ``12.5`` or ``30000/1001``, with at most nine digits in a row."""
    number = text.strip()
    if not _FRACTION.fullmatch(number):
        raise SettingsError(f"{name} {text!r} is not a number")
    return Fraction(number)


def parse_seconds(name: str, text: str) -> Fraction:
    """Read ``1.5``, ``90``, ``1:30`` or ``0:01:30.25`` as seconds."""
    parts = text.strip().split(":")
    if len(parts) > 3:
        raise SettingsError(f"{name} {text!r} is not a time such as 1.5 or 0:01:30")
    total = Fraction(0)
    for part in parts:
        total = total * 60 + parse_fraction(name, part)
    return total


def parse_names(name: str, text: str) -> tuple[frozenset[str], bool]:
    """Read names with commas, and whether they are added: all of them begin with ``+``, or none."""
    names = [part.strip() for part in text.split(",")]
    added = {one.startswith("+") for one in names}
    names = [one.removeprefix("+") for one in names]
    if len(added) > 1:
        raise SettingsError(f"{name} {text!r} begins some names with + and others without")
    if not all(names):
        raise SettingsError(f"{name} {text!r} has an empty name")
    return frozenset(names), added == {True}


def _whole(name: str, value: Any) -> int:
    whole = value
    if isinstance(value, str):
        whole = int(value) if re.fullmatch(r"\s*[+-]?\d{1,18}\s*", value, re.ASCII) else None
    if isinstance(whole, bool) or not isinstance(whole, Real) or not float(whole).is_integer():
        raise SettingsError(f"{name} {value!r} is not a whole number")
    return int(_plain(whole))


def _number(name: str, value: Any) -> Any:
    try:
        number = float(value) if isinstance(value, str) else value
    except ValueError:
        number = None
    if isinstance(number, bool) or not isinstance(number, Real):
        raise SettingsError(f"{name} {value!r} is not a number")
    return _plain(number)


def _plain(number: Real) -> Any:
    """Return a number of another library as one of Python's."""
    if isinstance(number, int | float | Fraction):
        return number
    return int(number) if isinstance(number, Integral) else float(number)


def _rate(name: str, value: Any) -> Any:
    return parse_fraction(name, value) if isinstance(value, str) else _number(name, value)


def _time(name: str, value: Any) -> Any:
    return parse_seconds(name, value) if isinstance(value, str) else _number(name, value)


def _size(name: str, value: Any) -> int:
    return parse_bytes(value) if isinstance(value, str) else _whole(name, value)


def _boolean(name: str, value: Any) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True}
    words |= {"0": False, "false": False, "no": False, "off": False}
    # True and False of numpy are written as Python's.
    word = str(value).strip().lower()
    if word not in words:
        raise SettingsError(f"{name} {value!r} is neither yes nor no")
    return words[word]


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise SettingsError(f"{name} {value!r} is not a name")
    return value


def _color(name: str, value: Any) -> tuple[int, ...]:
    if isinstance(value, str):
        return parse_color(value)
    levels = _wholes(name, value, 3, "red, green and blue, 0 to 255 each")
    if max(levels) > 255:
        raise SettingsError(f"{name} {value!r} is not red, green and blue, 0 to 255 each")
    return levels


def _rectangle(name: str, value: Any) -> tuple[int, ...]:
    if isinstance(value, str):
        return parse_crop(value)
    return _wholes(name, value, 4, "width, height, left and top, pixels")


def _wholes(name: str, value: Any, count: int, what: str) -> tuple[int, ...]:
    """Return so many whole numbers that are not negative."""
    try:
        numbers = tuple(_whole(name, one) for one in value)
    except (TypeError, SettingsError):
        numbers = ()
    if len(numbers) != count or min(numbers) < 0:
        raise SettingsError(f"{name} {value!r} is not {what}")
    return numbers


_KINDS: dict[Callable[[str, Any], Any], Sequence[str]] = {
    _whole: (
        *("colors", "width", "height", "least_width", "shown_width", "loop", "effort", "jobs"),
        *("max_frames", "max_pixels"),
    ),
    _size: ("max_bytes",),
    _number: ("ssim", "quality", "delta_e", "feather", "scene_threshold", "reuse_threshold"),
    _rate: ("fps", "least_fps", "speed"),
    _time: ("start", "end"),
    _boolean: ("lossless", "reverse", "bounce", "keep_size", "keep_fps", "strict", "no_cache"),
    _text: ("preset", "palettes", "dither", "scale_filter", "made_for"),
    _color: ("background",),
    _rectangle: ("crop",),
}


def _reader(read: Callable[[str, Any], Any], field: str) -> Callable[[Any], Any]:
    name = "for" if field == "made_for" else field.replace("_", "-")
    return lambda value: read(name, value)


# What reads each field's values.
READERS = {field: _reader(read, field) for read, names in _KINDS.items() for field in names}
