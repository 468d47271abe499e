"""Decisions about scenes that were seen before."""

from ssimgif.cache.codec import Memory

__all__ = ["Memory"]
