"""Conversions in a confined process of their own."""

from ssimgif.sandbox.parent import ConfinedConverter, ConfinedLimits, LimitError

__all__ = ["ConfinedConverter", "ConfinedLimits", "LimitError"]
