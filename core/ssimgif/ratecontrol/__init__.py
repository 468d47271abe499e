"""How much each frame must be worth, and where the search for it begins."""

from ssimgif.ratecontrol.budget import fit_budget
from ssimgif.ratecontrol.demand import demanded
from ssimgif.ratecontrol.lambda_search import Experience, Trial, least_valid, search
from ssimgif.ratecontrol.masking import BANDED
from ssimgif.ratecontrol.plan import PalettePlan
from ssimgif.ratecontrol.reservoir import HASTE, Ledger
from ssimgif.ratecontrol.state import QUICK_CHROMA_GAIN, Emphasis, Steering
from ssimgif.ratecontrol.stats import Guide, Hint

__all__ = [
    "BANDED",
    "HASTE",
    "QUICK_CHROMA_GAIN",
    "Emphasis",
    "Experience",
    "Guide",
    "Hint",
    "Ledger",
    "PalettePlan",
    "Steering",
    "Trial",
    "demanded",
    "fit_budget",
    "least_valid",
    "search",
]
