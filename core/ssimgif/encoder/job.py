"""What a conversion is: everything that the encoder's stages need to know, handed down as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ssimgif.dither import Banding, Dithering
from ssimgif.gif import Slot, timing
from ssimgif.lookahead import ClipFeatures, analyse, find_scenes
from ssimgif.model import Clip, Ditherer, Scene
from ssimgif.palette import PaletteChoice
from ssimgif.progress import ProgressCallback, notify
from ssimgif.ratecontrol import demanded
from ssimgif.settings import Settings
from ssimgif.speed import SpeedSettings, speed_settings
from ssimgif.stopwatch import Stopwatch
from ssimgif.target import Target

# A palette of no more colours than this has none to spare for "leave what is on screen".
FEWEST_WITH_TRANSPARENT = 2


@dataclass(frozen=True, slots=True)
class Tools:
    """What plug-ins and the core offer to the encoder.

    Attributes
    ----------
    ditherers : mapping of str to Ditherer
    palettes : PaletteChoice
        Proposes palettes for (frames, weights, size).
    banding : callable
        Tells how visible false contours are; see `ssimgif.plugins.banding`.
    names : tuple of str
        All plug-ins, in order: what was decided with others does not count.
    """

    ditherers: Mapping[str, Ditherer]
    palettes: PaletteChoice
    banding: Banding | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Equipment:
    """What conversions are made with, whatever the clip.

    Attributes
    ----------
    tools : Tools
    progress : callable or None
    watch : Stopwatch
    one_palette : bool
        Whether no frame may have a palette of its own.
    """

    tools: Tools
    progress: ProgressCallback | None = None
    watch: Stopwatch = field(default_factory=Stopwatch)
    one_palette: bool = False

    def silent(self) -> Equipment:
        """Return the same, of which nobody hears and which nobody times."""
        return replace(self, progress=None, watch=Stopwatch())


@dataclass(frozen=True, slots=True)
class EncodeJob:
    """One clip to be encoded.

    Attributes
    ----------
    clip : Clip
    features : ClipFeatures
    scenes : sequence of Scene
    slots : sequence of Slot
        Which source frame is on screen for how long.
    target : Target
    settings : Settings
    level : int
        The effort, 1..9.
    equipment : Equipment
    """

    clip: Clip
    features: ClipFeatures
    scenes: Sequence[Scene]
    slots: Sequence[Slot]
    target: Target
    settings: Settings
    level: int
    equipment: Equipment

    def at(self, target: Target, level: int | None = None) -> EncodeJob:
        """Return the same job for another target and, if it is named, at another effort."""
        return replace(self, target=target, level=self.level if level is None else level)

    @property
    def speed(self) -> SpeedSettings:
        """What the effort buys."""
        found = speed_settings(self.level)
        return replace(found, local_tables="none") if self.equipment.one_palette else found

    @property
    def transparent(self) -> bool:
        """Whether palettes need a transparent entry."""
        spare = self.settings.colors > FEWEST_WITH_TRANSPARENT
        return self.clip.has_alpha or (len(self.slots) > 1 and spare)

    def dithering(self) -> Dithering:
        """Return a ditherer of the clip's frames that has seen none of them."""
        tools = self.equipment.tools
        return Dithering(self.settings.dither, tools.ditherers, tools.banding)

    def tell(self, stage: str, total: int) -> Callable[[int], None]:
        """Return what is told how many steps of a stage are done."""
        return lambda done: notify(self.equipment.progress, stage, done, total)


def make_job(clip: Clip, settings: Settings, equipment: Equipment) -> EncodeJob:
    """Look at a clip, and return the job of encoding it as the settings ask.

    Parameters
    ----------
    clip : Clip
        As it will be shown: cut, scaled, timed, with one-bit transparency.
    settings : Settings
    equipment : Equipment
    """
    watch, progress, count = equipment.watch, equipment.progress, clip.frame_count
    with watch.stage("analysis"):
        features = analyse(clip, lambda done: notify(progress, "reading", done, count))
    with watch.stage("scenes"):
        whole = [Scene(0, len(features.durations))]
        one = equipment.one_palette
        scenes = whole if one else find_scenes(features, settings.scene_threshold)
    return EncodeJob(
        clip=clip,
        features=features,
        scenes=scenes,
        slots=timing.plan(features.durations),
        target=demanded(settings, features.flat),
        settings=settings,
        level=settings.effort,
        equipment=equipment,
    )
