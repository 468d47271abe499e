"""What is known of a clip before it is coded: features, scene cuts, what will stay, samples."""

from ssimgif.lookahead.features import ClipFeatures, analyse
from ssimgif.lookahead.frames import Shown, playback
from ssimgif.lookahead.rest import resting
from ssimgif.lookahead.sampling import Run, Samples, reduced, scene_samples
from ssimgif.lookahead.scenecut import find_scenes

__all__ = [
    "ClipFeatures",
    "Run",
    "Samples",
    "Shown",
    "analyse",
    "find_scenes",
    "playback",
    "reduced",
    "resting",
    "scene_samples",
]
