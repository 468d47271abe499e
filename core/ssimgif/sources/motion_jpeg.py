"""Whether a file that begins as a JPEG is a row of them (raw Motion JPEG)."""

from __future__ import annotations

import mmap
from pathlib import Path

_IMAGE_START = b"\xff\xd8\xff"
_APP2, _SCAN_START, _IMAGE_END = 0xE2, 0xDA, 0xD9
# Markers without a length: TEM, RST0 to RST7 and SOI.
_ALONE = {0x01, *range(0xD0, 0xD9)}


def is_motion_jpeg(path: Path) -> bool:
    """Tell whether another picture follows right behind the first one (ITU-T T.81, annex B).

    The second picture of a Multi-Picture file (CIPA DC-007) is another view, not another frame.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data[:3] != _IMAGE_START:
            return False
        end = _end_of_image(data)
        return end is not None and data[end : end + 3] == _IMAGE_START


def _end_of_image(data: mmap.mmap) -> int | None:
    """Return where the first picture ends; None for what isn't one, or says it has others."""
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        length = int.from_bytes(data[position + 2 : position + 4])
        if marker == _IMAGE_END:
            return position + 2
        if marker == _APP2 and data[position + 4 : position + 8] == b"MPF\0":
            return None
        if marker == 0xFF:  # fill byte
            position += 1
        elif marker in _ALONE:
            position += 2
        else:
            position += 2 + length
        if marker == _SCAN_START:
            position = _next_marker(data, position)
    return position + 2 if data[position : position + 2] == b"\xff\xd9" else None


def _next_marker(data: mmap.mmap, position: int) -> int:
    """Skip entropy-coded data, in which FF stands before 0 or a restart marker."""
    while True:
        position = data.find(b"\xff", position)
        if position < 0 or position + 1 >= len(data):
            return len(data)
        if data[position + 1] != 0 and not 0xD0 <= data[position + 1] <= 0xD7:
            return position
        position += 2
