"""GIF89a: LZW, colour tables, timing, disposal, blocks."""

from ssimgif.gif.blocks import (
    NONE,
    PREVIOUS,
    Control,
    Image,
    Repeats,
    Screen,
    blocks,
    colors,
)
from ssimgif.gif.delta import Patch, patch
from ssimgif.gif.parsing import smallest, well_cleared
from ssimgif.gif.parts import bytes_by_frame, gif_blocks
from ssimgif.gif.reparse import reparsed
from ssimgif.gif.syntax import data_bytes, overhead_bytes
from ssimgif.gif.tables import (
    MAX_COLORS,
    minimum_code_size,
    table_bytes,
    table_size,
    with_transparent,
)
from ssimgif.gif.timing import Slot
from ssimgif.gif.writer import GifWriter

__all__ = [
    "MAX_COLORS",
    "NONE",
    "PREVIOUS",
    "Control",
    "GifWriter",
    "Image",
    "Patch",
    "Repeats",
    "Screen",
    "Slot",
    "blocks",
    "bytes_by_frame",
    "colors",
    "data_bytes",
    "disposal",
    "gif_blocks",
    "lzw",
    "minimum_code_size",
    "overhead_bytes",
    "patch",
    "reader",
    "reparsed",
    "smallest",
    "syntax",
    "table_bytes",
    "table_size",
    "timing",
    "well_cleared",
    "with_transparent",
]
