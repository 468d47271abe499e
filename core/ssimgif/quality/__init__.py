"""How good a GIF is, as numbers."""
