"""GIFs that show exactly what a clip shows, in the fewest bytes known."""

from ssimgif.lossless.exact_report import blank_report, report_of_exact
from ssimgif.lossless.optimising import Request, exact_gif, preferred

__all__ = ["Request", "blank_report", "exact_gif", "preferred", "report_of_exact"]
