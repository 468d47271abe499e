"""GIFs that show exactly what a clip shows, in the fewest bytes known."""

from ssimgif.lossless.optimising import Exact, write_exact

__all__ = ["Exact", "write_exact"]
