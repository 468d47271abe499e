"""A few runs of a clip's frames, that stand for all of it where sizes and rates are tried."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ssimgif.gif import bytes_by_frame
from ssimgif.lookahead import ClipFeatures
from ssimgif.model import F64, Bool, Clip

# Runs of consecutive frames, frames in each, and pixels of all of them together, at most.
RUNS, LENGTH = 3, 5
MOST_PIXELS = 8_000_000
SHORTEST = 3
# Bytes of a frame go with this power of 1 - SSIM to the one before.
CHANGE_POWER = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """Runs of a clip's frames, one after the other.

    Attributes
    ----------
    clip : Clip
        The frames.
    weights : f64[n]
        How many bytes each of these frames takes, up to a factor.
    begins : bool[n]
        Whether a run begins with the frame.
    others : float
        The weights of all frames of the whole clip but the first.
    """

    clip: Clip
    weights: F64
    begins: Bool
    others: float

    def share(self, gif: bytes) -> float:
        """Return the bytes of a GIF of this for one byte that the whole clip would take, about.

        Parameters
        ----------
        gif : bytes
            Of these frames, at their own rate.
        """
        durations = [frame.duration for frame in self.clip.frames()]
        sizes = np.array(bytes_by_frame(gif, durations), np.float64)
        following = float(self.weights[~self.begins].sum())
        a_weight = float(sizes[~self.begins].sum()) / following if following else 0.0
        whole = float(sizes[self.begins].mean()) + a_weight * self.others
        return float(sizes.sum()) / whole


def probe(clip: Clip, features: ClipFeatures) -> Probe:
    """Take runs of frames, each from about the middle of an equal part of all changes.

    Parameters
    ----------
    clip : Clip
    features : ClipFeatures
        Of the clip.
    """
    weights = change_weights(features)
    length = max(SHORTEST, min(LENGTH, MOST_PIXELS // (RUNS * clip.width * clip.height)))
    starts = run_starts(weights, length) if len(weights) > RUNS * length else [0]
    stops = [start + length for start in starts] if len(starts) > 1 else [len(weights)]
    wanted = [i for pair in zip(starts, stops, strict=True) for i in range(*pair)]
    known = frozenset(wanted)
    frames = [frame for i, frame in enumerate(clip.frames()) if i in known]
    return Probe(
        clip=replace(clip, open_frames=lambda: iter(frames), frame_count=len(frames)),
        weights=weights[wanted],
        begins=np.array([i - 1 not in known for i in wanted]),
        others=float(weights[1:].sum()),
    )


def change_weights(features: ClipFeatures) -> F64:
    """Return how many bytes each frame takes, up to a factor, f64[n]."""
    changes = np.clip(1.0 - features.ssim_previous.astype(np.float64), 0.0, 1.0)
    weights = changes**CHANGE_POWER
    weights[features.identical] = 0.0
    return np.asarray(weights)


def run_starts(weights: F64, length: int) -> list[int]:
    """Return where runs begin, in order and apart; the first one with the first frame."""
    count, done = len(weights), np.cumsum(weights)
    starts = [0]
    for number in range(1, RUNS):
        middle = int(np.searchsorted(done, done[-1] * number / (RUNS - 0.5)))
        latest = count - (RUNS - number) * length
        starts.append(min(max(middle - length // 2, starts[-1] + length), latest))
    return starts
