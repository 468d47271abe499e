"""Sources: whatever can be read becomes a Clip."""

from ssimgif.sources.alpha import matte
from ssimgif.sources.decoders import decoders
from ssimgif.sources.edit import edit
from ssimgif.sources.frame_cache import remember
from ssimgif.sources.limits import Limits
from ssimgif.sources.opener import open_clip

__all__ = [
    "Limits",
    "decoders",
    "edit",
    "hdr",
    "matte",
    "open_clip",
    "remember",
]
