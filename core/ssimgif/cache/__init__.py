"""Decisions about scenes that were seen before."""

from ssimgif.cache.codec import Decisions, Memory

__all__ = ["Decisions", "Memory"]
