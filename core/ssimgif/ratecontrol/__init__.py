"""How much each frame must be worth, and where the search for it begins."""

from ssimgif.ratecontrol.budget import (
    AIMED_SHARE,
    fit_budget,
    full_step,
    near_budget,
    usual_sizes,
)
from ssimgif.ratecontrol.demand import demanded
from ssimgif.ratecontrol.lambda_search import Experience, Trial, least_valid, search
from ssimgif.ratecontrol.masking import BANDED
from ssimgif.ratecontrol.plan import PalettePlan
from ssimgif.ratecontrol.quality_scale import (
    LOWEST_QUALITY,
    eased,
    quality_seen,
    top_quality,
    usual_growth,
    usual_quality,
)
from ssimgif.ratecontrol.reservoir import MOST_MISSED, Reservoir
from ssimgif.ratecontrol.state import QUICK_CHROMA_GAIN, Emphasis, RateControlState, reach_factor
from ssimgif.ratecontrol.stats import Hint, PassStats

__all__ = [
    "AIMED_SHARE",
    "BANDED",
    "LOWEST_QUALITY",
    "MOST_MISSED",
    "QUICK_CHROMA_GAIN",
    "Emphasis",
    "Experience",
    "Hint",
    "PalettePlan",
    "PassStats",
    "RateControlState",
    "Reservoir",
    "Trial",
    "demanded",
    "eased",
    "fit_budget",
    "full_step",
    "least_valid",
    "near_budget",
    "quality_seen",
    "reach_factor",
    "search",
    "top_quality",
    "usual_growth",
    "usual_quality",
    "usual_sizes",
]
