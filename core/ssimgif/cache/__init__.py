"""Decisions about clips that were seen before."""

from ssimgif.cache.codec import DecisionCache, Decisions

__all__ = [
    "DecisionCache",
    "Decisions",
    "store",
]
