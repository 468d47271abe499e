"""To a limit of bytes: the size, the frame rate and the quality that look best together."""

from ssimgif.fitting.fitted import Fitted, fit

__all__ = ["Fitted", "fit"]
