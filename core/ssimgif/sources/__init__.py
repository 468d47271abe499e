"""Sources: whatever can be read becomes a Clip."""

from ssimgif.sources.alpha import matte
from ssimgif.sources.decoders import decoders
from ssimgif.sources.edit import edit, height_at
from ssimgif.sources.frame_cache import remember
from ssimgif.sources.frame_spool import FrameSpool
from ssimgif.sources.limits import Limits
from ssimgif.sources.opener import open_clip, open_file
from ssimgif.sources.placed import placed
from ssimgif.sources.spool import Spooled

__all__ = [
    "FrameSpool",
    "Limits",
    "Spooled",
    "decoders",
    "edit",
    "hdr",
    "height_at",
    "matte",
    "open_clip",
    "open_file",
    "placed",
    "remember",
]
