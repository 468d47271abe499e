"""Sources: whatever can be read becomes a Clip."""

from ssimgif.sources.opener import open_clip

__all__ = ["open_clip"]
