"""GIFs from matplotlib: ``animation.save("a.gif", writer="ssimgif")``."""

from ssimgif_matplotlib.movie_writer import SsimGifWriter

__all__ = ["SsimGifWriter"]
