"""What the user asks for, checked in one place with one message per fault."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Unpack

from ssimgif.errors import SettingsError
from ssimgif.places import PLACES
from ssimgif.setting_values import READERS, Crop, Given, parse_names
from ssimgif.target import (
    DEFAULT_SSIM,
    PRESETS,
    QUALITY_ALONE_DELTA_E,
    Target,
    local_limit,
    looks_floor,
)

# What a source may have, unless more is asked for: frames, and pixels in each.
MAX_FRAMES = 20_000
MAX_PIXELS = 50_000_000

# What has no meaning where every pixel is kept.
LOSSY = (
    "ssim",
    "quality",
    "preset",
    "made_for",
    "max_bytes",
    "delta_e",
    "colors",
    "palettes",
    "dither",
)
SCALE_FILTERS = ("auto", "nearest", "smooth")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice a user can make; the fields have the names of the command's options.

    A value may be a text, too, as the command takes it: ``max_bytes="2MB"``, ``start="0:01"``.

    Attributes
    ----------
    ssim : float or None
        Least mean and 10th percentile of the frames' SSIM, 0.5 to 0.9999. None is 0.95, unless
        ``quality`` or ``preset`` sets the target.
    quality : float or None
        Least mean SSIMULACRA2, 0 to 100: 90 looks like the source, 70 is good, 0 is off.
    preset : str or None
        A target by name: messaging, social, email or lossless-look; not along with ``ssim``.
    lossless : bool
        Keep every pixel and every delay; the settings of a target have no meaning then.
    max_bytes : int or None
        Greatest size of the GIF, 100 or more: what looks best and fits is made.
    delta_e : float or None
        Greatest mean colour difference, CIEDE2000, 0.1 to 100. None is 2.0, or 2.5 where
        ``quality`` is the only target.
    colors : int
        Most colours in a palette, 2 to 256.
    palettes : str or None
        Palette strategies by name, with commas: ``+NAME`` adds one to the usual ones, names without
        ``+`` are used alone.
    dither : str
        auto, none, bluenoise, floyd-steinberg, jarvis, ordered, or one of a plug-in's.
    fps : Fraction or None
        Frames a second, 1/1000 to 1000: drops frames, or times pictures without times.
    width, height : int or None
        Pixels, 1 to 65535; one follows from the other where it isn't given.
    scale_filter : str
        auto, nearest (for pixel art) or smooth.
    crop : tuple of 4 int or None
        Width, height, left and top of the part of the source's picture to keep, pixels.
    start, end : Fraction or None
        The part of the source to keep, seconds from its beginning.
    speed : Fraction or None
        Play so many times as fast, 1/100 to 100.
    loop : int or None
        Total number of plays, 0 to 65535, 0 for ever. None is as the source.
    reverse : bool
        Play backwards.
    bounce : bool
        Play forwards, then back; with ``reverse`` the other way round.
    background : tuple of 3 int or None
        Red, green and blue, 0 to 255, onto which transparency is flattened. None keeps it.
    feather : float
        Width of the soft edge of transparency, pixels, 0 to 64.
    effort : int
        Time to spend: 1 is quick, 9 tries everything.
    strict : bool
        Refuse damaged sources, and targets out of reach.
    jobs : int or None
        Threads to use, 1 to 1024. None is all cores.
    no_cache : bool
        Neither use nor keep what was decided before.
    scene_threshold : float
        SSIM of neighbours below which a scene ends, 0 to 1.
    reuse_threshold : float or None
        SSIM above which scenes share a palette, 0 to 1. None is the target's.
    max_frames, max_pixels : int
        Refuse clips with more frames, and frames with more pixels.
    made_for : str or None
        A place whose limits are kept, one of `ssimgif.PLACES`; the command's ``--for``.
    keep_size, keep_fps : bool
        With ``max_bytes``: choose no smaller size, no lower frame rate.
    least_width : int or None
        With ``max_bytes``: no narrower than this, pixels. None is 64.
    least_fps : Fraction or None
        With ``max_bytes``: no slower than this, frames a second. None is 4.
    shown_width : int or None
        Width at which the GIF is looked at, 8 to 65535 pixels. None is the source's.

    Raises
    ------
    SettingsError
        From the constructor, with one sentence that names the option and its range.
    """

    ssim: float | None = None
    quality: float | None = None
    preset: str | None = None
    lossless: bool = False
    max_bytes: int | None = None
    delta_e: float | None = None
    colors: int = 256
    palettes: str | None = None
    dither: str = "auto"
    fps: Fraction | None = None
    width: int | None = None
    height: int | None = None
    scale_filter: str = "auto"
    crop: Crop | None = None
    start: Fraction | None = None
    end: Fraction | None = None
    speed: Fraction | None = None
    loop: int | None = None
    reverse: bool = False
    bounce: bool = False
    background: tuple[int, int, int] | None = None
    feather: float = 0.0
    effort: int = 5
    strict: bool = False
    jobs: int | None = None
    no_cache: bool = False
    scene_threshold: float = 0.88
    reuse_threshold: float | None = None
    max_frames: int = MAX_FRAMES
    max_pixels: int = MAX_PIXELS
    made_for: str | None = None
    keep_size: bool = False
    keep_fps: bool = False
    least_width: int | None = None
    least_fps: Fraction | None = None
    shown_width: int | None = None

    if TYPE_CHECKING:

        def __init__(self, **given: Unpack[Given]) -> None: ...

    def __post_init__(self) -> None:
        self._read_values()
        _in_range("ssim", self.ssim, 0.5, 0.9999)
        _in_range("quality", self.quality, 0.0, 100.0)
        _in_range("max-bytes", self.max_bytes, 100, None)
        _in_range("delta-e", self.delta_e, 0.1, 100.0)
        _in_range("colors", self.colors, 2, 256)
        _in_range("fps", self.fps, Fraction(1, 1000), 1000)
        _in_range("width", self.width, 1, 65_535)
        _in_range("height", self.height, 1, 65_535)
        _in_range("least-width", self.least_width, 1, 65_535)
        _in_range("least-fps", self.least_fps, Fraction(1, 1000), 1000)
        _in_range("shown-width", self.shown_width, 8, 65_535)
        _in_range("speed", self.speed, Fraction(1, 100), 100)
        _in_range("start", self.start, 0, None)
        _in_range("end", self.end, 0, None)
        _in_range("loop", self.loop, 0, 65_535)
        _in_range("feather", self.feather, 0.0, 64.0)
        _in_range("effort", self.effort, 1, 9)
        _in_range("jobs", self.jobs, 1, 1024)
        _in_range("scene-threshold", self.scene_threshold, 0.0, 1.0)
        _in_range("reuse-threshold", self.reuse_threshold, 0.0, 1.0)
        _in_range("max-frames", self.max_frames, 1, None)
        _in_range("max-pixels", self.max_pixels, 1, None)
        if self.palettes is not None:
            parse_names("palettes", self.palettes)
        if self.preset is not None and self.preset not in PRESETS:
            raise SettingsError(f"preset {self.preset!r} is none of {', '.join(PRESETS)}")
        if self.scale_filter not in SCALE_FILTERS:
            names = ", ".join(SCALE_FILTERS)
            raise SettingsError(f"scale-filter {self.scale_filter!r} is none of {names}")
        if self.crop is not None and not (min(self.crop[:2]) >= 1 and min(self.crop) >= 0):
            raise SettingsError("crop must keep 1 pixel or more of width and of height")
        if self.end is not None and self.end <= (self.start or 0):
            raise SettingsError("end must be later than start")
        if self.preset is not None and self.ssim is not None:
            raise SettingsError("preset and ssim both set a target; give one of them")
        if self.lossless:
            self._check_lossless()
        if self.made_for is not None:
            self._go_by(self.made_for)

    def _read_values(self) -> None:
        """Make texts and numbers of other libraries what the fields say."""
        for one in fields(self):
            value = getattr(self, one.name)
            if value is not None or one.default is not None:
                # The class is frozen, and this is still its making.
                object.__setattr__(self, one.name, READERS[one.name](value))

    def _go_by(self, name: str) -> None:
        """Take over the limits of a place, where no narrower ones are given."""
        if name not in PLACES:
            raise SettingsError(f"for {name!r} is none of {', '.join(PLACES)}")
        place = PLACES[name]
        object.__setattr__(self, "max_bytes", min(self.max_bytes or sys.maxsize, place.max_bytes))
        object.__setattr__(self, "shown_width", self.shown_width or place.shown_width)
        object.__setattr__(self, "keep_size", self.keep_size or place.exact)

    def _check_lossless(self) -> None:
        for one in fields(self):
            if one.name in LOSSY and getattr(self, one.name) != one.default:
                name = one.name.replace("_", "-")
                raise SettingsError(f"lossless keeps every pixel, so that {name} has no meaning")

    @property
    def keeps_frames(self) -> bool:
        """Whether a clip's pixels and times stay; how often it plays may change."""
        edits = ("fps", "width", "height", "crop", "start", "end", "speed", "background")
        alike = not (self.reverse or self.bounce or self.feather)
        return alike and all(getattr(self, name) is None for name in edits)

    @property
    def names_target(self) -> bool:
        """Whether a quality was asked for, rather than left to the default."""
        return self.ssim is not None or self.preset is not None or bool(self.quality)

    @property
    def source_options(self) -> dict[str, Any]:
        """What opening a source is told: ``fps``, ``max_frames`` and ``max_pixels``.

        Of a piece, or at another rate, the frames that are kept are counted.
        """
        whole = self.start is self.end is self.fps is None
        most = self.max_frames if whole else sys.maxsize
        return {"fps": self.fps, "max_frames": most, "max_pixels": self.max_pixels}

    def target(self) -> Target:
        """The contract these settings ask for."""
        if self.preset is not None:
            target = PRESETS[self.preset]
        elif self.ssim is None and self.quality:
            target = Target(0.0, 0.0, self.quality, QUALITY_ALONE_DELTA_E)
        else:
            ssim = DEFAULT_SSIM if self.ssim is None else self.ssim
            target = Target(ssim, ssim, looks_floor(ssim))
        target = replace(target, local=local_limit(target))
        if self.quality is not None:
            # 0 leaves what is seen to the other parts.
            target = replace(target, looks=self.quality, local=target.local * bool(self.quality))
        if self.delta_e is not None:
            target = replace(target, delta_e=self.delta_e)
        return target

    @classmethod
    def parse(cls, values: dict[str, Any]) -> Settings:
        """Make settings of texts, as hosts and pipelines hand them over.

        Names may be written with ``-`` or ``_``; values may be texts or of the field's type.

        Raises
        ------
        SettingsError
            On an unknown name or a value that can't be read.
        """
        names = {f.name for f in fields(cls)}
        out: dict[str, Any] = {}
        for name, value in values.items():
            key = "made_for" if name == "for" else name.replace("-", "_")
            if key not in names:
                raise SettingsError(f"there is no setting named {name!r}")
            out[key] = value
        return cls(**out)


def _in_range(name: str, value: Any, low: Any, high: Any) -> None:
    if value is None:
        return
    if not (value >= low and (high is None or value <= high)):
        bounds = [f"{one:g}" if isinstance(one, float) else str(one) for one in (low, high, value)]
        span = f"{bounds[0]} or more" if high is None else f"between {bounds[0]} and {bounds[1]}"
        raise SettingsError(f"{name} must be {span}, not {bounds[2]}")
