"""GIF89a: LZW, colour tables, timing, blocks."""
