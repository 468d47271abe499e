"""What was made and how good it is, as one value that goes to JSON and back.

docs/report.schema.json describes the JSON; its keys are the attributes below.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import TYPE_CHECKING, Any

from ssimgif import __version__
from ssimgif.model import Palette, PaletteCandidate

if TYPE_CHECKING:
    from ssimgif.settings import Settings
    from ssimgif.target import Target

SCHEMA = 1
PACKAGES = ("numpy", "numba", "av", "pillow")


@dataclass(frozen=True, slots=True)
class SourceReport:
    """The clip that was read.

    Attributes
    ----------
    name : str
    width, height : int
        Pixels.
    frames : int
    duration : float
        Seconds of one play.
    loop : int
        Total number of plays; 0 is for ever.
    """

    name: str
    width: int
    height: int
    frames: int
    duration: float
    loop: int


@dataclass(frozen=True, slots=True)
class SceneReport:
    """One scene: frames ``start`` to ``stop - 1``.

    Attributes
    ----------
    start, stop : int
        Source frames, half open.
    cluster : int
        Equal for scenes that look alike.
    palette : int
        Index into ``Report.palettes`` of the scene's first palette; -1 where none of its frames
        is shown.
    colors : int
        Colours, at most, of the scene's palettes, of which the transparent entry is none.
    strategy : str
        The candidate that won.
    score : float
        S of the scene's frames.
    bytes : int
        What the scene's image blocks take.
    candidates : tuple of PaletteCandidate
        All that were tried.
    """

    start: int
    stop: int
    cluster: int
    palette: int
    colors: int
    strategy: str
    score: float
    bytes: int
    candidates: tuple[PaletteCandidate, ...] = ()


@dataclass(frozen=True, slots=True)
class TriedShape:
    """A size and a frame rate that were tried on a part of the clip.

    Attributes
    ----------
    width, height : int
        Pixels.
    fps : str or None
        Frames a second, exactly; None is as many as the source has.
    quality : float
        Asked for.
    bytes : int
        Estimate for the whole GIF.
    seen : float
        The quality that is seen, scaled to the size at which the source is shown.
    """

    width: int
    height: int
    fps: str | None
    quality: float
    bytes: int
    seen: float


@dataclass(frozen=True, slots=True)
class FitReport:
    """How a limit of bytes was met.

    Attributes
    ----------
    width, height : int
        Chosen, pixels.
    fps : str or None
        Chosen; None is as many as the source has.
    shown_width, shown_height : int
        The size at which the GIF and the source are compared.
    seen : float
        The quality that is seen of the GIF over all source frames.
    tried : tuple of TriedShape
    reason : str
        Why this one was chosen, in a sentence.
    """

    width: int
    height: int
    fps: str | None
    shown_width: int
    shown_height: int
    seen: float
    tried: tuple[TriedShape, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything known about a finished GIF.

    Attributes
    ----------
    bytes : int
        Size of the GIF.
    bytes_per_second : float
        ``bytes`` over the seconds of one play.
    frames_source, frames_coded : int
        Frames read, and image blocks written (equal frames are merged).
    score : float
        S, the lesser of ``mean`` and ``p10``.
    mean, p10, variance, duration_weighted_mean : float
        Of ``ssim``; p10 is the 10th percentile.
    delta_e_mean, delta_e_p95 : float
        CIEDE2000 over all compared pixels.
    looks_mean, looks_p10 : float or None
        SSIMULACRA2; None where it was not measured.
    local_mean, local_p90 : float or None
        How bad the worst places of the frames are, by butteraugli's 3-norm, and its 90th
        percentile; None where it was not measured.
    missed : float
        Share of the source's strong changes that don't arrive, 0..1.
    ssim : tuple of float
        One figure a source frame.
    local : tuple of (float or None)
        How bad the worst places of each source frame are.
    valid : bool
        Whether the target was met.
    shortfalls : tuple of str
        One sentence for each part of the target that was missed.
    warnings : tuple of str
        One sentence each.
    source : SourceReport
    scenes : tuple of SceneReport
    palettes : tuple of tuple of str
        Colours as ``#rrggbb``.
    seconds : mapping
        Stage to wall-clock seconds.
    settings, target : mapping
        What was asked; exact fractions are texts such as ``"25/2"``.
    versions : mapping
        Of Python and the packages that did the work.
    fit : FitReport or None
        How size and frame rate were chosen for a limit of bytes; None where they were not.
    schema : int
        Version of this layout.
    """

    bytes: int
    bytes_per_second: float
    frames_source: int
    frames_coded: int
    score: float
    mean: float
    p10: float
    variance: float
    duration_weighted_mean: float
    delta_e_mean: float
    delta_e_p95: float
    looks_mean: float | None
    looks_p10: float | None
    local_mean: float | None
    local_p90: float | None
    missed: float
    ssim: tuple[float, ...] = field(repr=False)
    local: tuple[float | None, ...] = field(repr=False)
    valid: bool
    shortfalls: tuple[str, ...]
    warnings: tuple[str, ...]
    source: SourceReport
    scenes: tuple[SceneReport, ...] = field(repr=False)
    palettes: tuple[tuple[str, ...], ...] = field(repr=False)
    seconds: Mapping[str, float]
    settings: Mapping[str, Any]
    target: Mapping[str, Any]
    versions: Mapping[str, str]
    fit: FitReport | None = None
    schema: int = SCHEMA

    def to_json(self) -> str:
        """Return the report as JSON text, indented, ending with a newline."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Read what ``to_json`` wrote.

        Raises
        ------
        ValueError
            When the text is no report or one of another schema version.
        """
        data = json.loads(text)
        found = data.get("schema") if isinstance(data, dict) else None
        if found != SCHEMA:
            raise ValueError(f"a report of schema {SCHEMA} is needed, not {found}")
        missing = {f.name for f in fields(cls)} ^ data.keys()
        if missing:
            raise ValueError(f"not a report: {', '.join(sorted(missing))}")
        data["source"] = SourceReport(**data["source"])
        data["scenes"] = tuple(_scene(scene) for scene in data["scenes"])
        data["fit"] = None if data["fit"] is None else _fit(data["fit"])
        data["palettes"] = tuple(tuple(colors) for colors in data["palettes"])
        for name in ("ssim", "local", "shortfalls", "warnings"):
            data[name] = tuple(data[name])
        return cls(**data)


def _scene(data: dict[str, Any]) -> SceneReport:
    candidates = tuple(PaletteCandidate(**candidate) for candidate in data.pop("candidates"))
    return SceneReport(**data, candidates=candidates)


def _fit(data: dict[str, Any]) -> FitReport:
    tried = tuple(TriedShape(**one) for one in data.pop("tried"))
    return FitReport(**data, tried=tried)


def as_plain(values: Settings | Target) -> dict[str, Any]:
    """Return settings or a target as values that JSON knows."""
    return {name: _plain(value) for name, value in asdict(values).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def hex_colors(palette: Palette) -> tuple[str, ...]:
    """Return the colours of a palette as ``#rrggbb``, without the transparent entry."""
    rows: Iterable[tuple[int, list[int]]] = enumerate(palette.colors.tolist())
    return tuple(f"#{r:02x}{g:02x}{b:02x}" for i, (r, g, b) in rows if i != palette.transparent)


def package_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a result depends on."""
    own = {"ssimgif": __version__, "python": python_version()}
    return own | {name: _version(name) for name in PACKAGES}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
