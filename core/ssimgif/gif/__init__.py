"""GIF89a: LZW, colour tables, timing, disposal, blocks."""

from ssimgif.gif.blocks import bytes_by_frame, gif_blocks
from ssimgif.gif.delta import Patch, patch
from ssimgif.gif.reparse import reparsed
from ssimgif.gif.tables import MAX_COLORS, minimum_code_size, table_size, with_transparent
from ssimgif.gif.timing import Slot
from ssimgif.gif.writer import GifWriter, data_bytes, overhead_bytes

__all__ = [
    "MAX_COLORS",
    "GifWriter",
    "Patch",
    "Slot",
    "bytes_by_frame",
    "data_bytes",
    "disposal",
    "gif_blocks",
    "lzw",
    "minimum_code_size",
    "overhead_bytes",
    "patch",
    "reader",
    "reparsed",
    "table_size",
    "timing",
    "with_transparent",
]
