"""Everything that decides what training makes, read from a TOML file."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class PaletteSettings:
    """How PaletteNet is trained.

    Attributes
    ----------
    steps : int
    colors_per_batch : int
        Pictures of a batch times colours of their palettes.
    learning_rate : float
        At its height; it rises over the first steps and falls to 0 along a cosine.
    smallest, largest : int
        Sizes of palettes; drawn so that each doubling is as likely.
    augmentation : float
        See `color_change`.
    """

    steps: int = 1000
    colors_per_batch: int = 1024
    learning_rate: float = 1e-3
    smallest: int = 4
    largest: int = 256
    augmentation: float = 0.5


@dataclass(frozen=True)
class BandingSettings:
    """How BandingNet is trained.

    Attributes
    ----------
    steps, batch : int
    examples : int
        Most pictures that are made of few colours to learn from.
    crop : int
        Side of the pictures' parts, a multiple of 16.
    learning_rate : float
    huber : float
        Errors smaller than this are squared, larger ones count as they are.
    places_weight : float
        How much it counts where the banding is, against how much there is.
    dithered_discount : float
        Scores of Floyd-Steinberg pictures are multiplied by this for the network that serves as
        DitherNet's loss (the paper lowers them, too). 1 keeps the metric's own score.
    augmentation : float
    """

    steps: int = 5000
    batch: int = 8
    examples: int = 1600
    crop: int = 160
    learning_rate: float = 2e-3
    huber: float = 0.05
    places_weight: float = 1.0
    dithered_discount: float = 1.0
    augmentation: float = 0.5


@dataclass(frozen=True)
class DitherSettings:
    """How DitherNet is trained, and the weights of its losses (equations 6 and 9).

    Attributes
    ----------
    steps, joint_steps, batch : int
    examples, held_out : int
        Most pictures to learn from, and to report on.
    crop : int
        Side of the pictures' parts, a multiple of 16.
    learning_rate, joint_learning_rate : float
    first_temperature, last_temperature : float
        Of the soft projection, as a share of the palette's mean squared spacing.
    sizes : tuple of int
        Palette sizes, drawn alike.
    palette_weight, image_weight, error_weight, banding_weight, perceptual_weight : float
        Beta, lambda, gamma, delta and theta of the paper.
    blurred_weight, structure_weight : float
        Of blurred L2 and of 1 - SSIM, which the paper does not have. 1 - SSIM is taken by the mean
        error of the nearest colours, so that it counts alike for rich palettes and poor ones.
    pyramid_share : float
        How much of the banding loss looks at the pyramid of equation 8; the rest looks at the
        picture itself.
    augmentation : float
    """

    steps: int = 2000
    joint_steps: int = 40
    batch: int = 4
    examples: int = 600
    held_out: int = 4
    crop: int = 96
    learning_rate: float = 1e-3
    joint_learning_rate: float = 1e-4
    first_temperature: float = 0.5
    last_temperature: float = 0.1
    sizes: tuple[int, ...] = (12, 16, 24, 32, 48, 64, 96, 128)
    palette_weight: float = 0.1
    image_weight: float = 0.02
    error_weight: float = 0.005
    banding_weight: float = 1.1
    perceptual_weight: float = 0.05
    blurred_weight: float = 0.1
    structure_weight: float = 0.1
    pyramid_share: float = 0.1
    augmentation: float = 0.5


@dataclass(frozen=True)
class TrainingSettings:
    """All of it.

    Attributes
    ----------
    seed : int
    held_out : int
        Pictures that are only looked at to report progress.
    threads : int
        Of torch, on a CPU.
    pictures : int
        Most that are learned from, drawn by chance; 0 for all.
    """

    seed: int = 1
    held_out: int = 96
    threads: int = 1
    pictures: int = 0
    palette: PaletteSettings = field(default_factory=PaletteSettings)
    banding: BandingSettings = field(default_factory=BandingSettings)
    dither: DitherSettings = field(default_factory=DitherSettings)


def load_settings(path: Path | None) -> TrainingSettings:
    """Read a TOML file; what it does not name keeps its default.

    Raises
    ------
    ValueError
        With one sentence, if the file names something unknown or of the wrong type.
    """
    if path is None:
        return TrainingSettings()
    try:
        table = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: {error}") from error
    parts = {
        "palette": PaletteSettings,
        "banding": BandingSettings,
        "dither": DitherSettings,
    }
    made = {
        name: _filled(kind, table.pop(name, {}), f"{path}: {name}.") for name, kind in parts.items()
    }
    whole: TrainingSettings = _filled(TrainingSettings, table, f"{path}: ")
    return dataclasses.replace(whole, **made)


def _filled(kind: Any, table: dict[str, Any], where: str) -> Any:
    """Make a settings object of a table, checking its names and types."""
    defaults = kind()
    values = {}
    for name, value in table.items():
        if name not in {item.name for item in dataclasses.fields(kind)}:
            raise ValueError(f"{where}{name} is not a setting")
        default = getattr(defaults, name)
        wanted = tuple(value) if isinstance(default, tuple) and isinstance(value, list) else value
        if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            wanted = float(value)
        if type(wanted) is not type(default):
            raise ValueError(f"{where}{name} must be a {type(default).__name__}")
        values[name] = wanted
    return kind(**values)
