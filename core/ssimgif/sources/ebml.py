"""Whether a Matroska or WebM file is all there (RFC 8794: EBML, RFC 9559: Matroska)."""

from __future__ import annotations

from pathlib import Path

SIGNATURE = b"\x1a\x45\xdf\xa3"
_SEGMENT = b"\x18\x53\x80\x67"


def missing_bytes(path: Path) -> int:
    """Return how many bytes are missing of the size that the file's segment states.

    0 for complete files, for those of unknown size (live recordings) and for other formats.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.startswith(SIGNATURE):
        return 0
    length, header = _size(head, len(SIGNATURE))
    start = len(SIGNATURE) + length + (header or 0)
    if head[start : start + 4] != _SEGMENT:
        return 0
    length, content = _size(head, start + 4)
    if content is None:
        return 0
    return max(0, start + 4 + length + content - path.stat().st_size)


def _size(data: bytes, position: int) -> tuple[int, int | None]:
    """Read a variable-length number: its own length, and its value or None for unknown."""
    first = data[position] if position < len(data) else 0
    length = 9 - first.bit_length()
    if length > 8 or position + length > len(data):
        return 1, None
    ones = (1 << 7 * length) - 1
    value = int.from_bytes(data[position : position + length]) & ones
    return length, None if value == ones else value
