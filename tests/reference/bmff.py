"""Surgery on ISO base media files: find, change and add boxes."""

from __future__ import annotations

_SKIP = {"meta": 4, "stsd": 8, "av01": 78, "avc1": 78}


def box(kind: str, *parts: bytes) -> bytes:
    """Return a box."""
    content = b"".join(parts)
    return (8 + len(content)).to_bytes(4) + kind.encode() + content


def full_box(kind: str, version: int, flags: int, *parts: bytes) -> bytes:
    """Return a box with version and flags."""
    return box(kind, version.to_bytes(1) + flags.to_bytes(3), *parts)


def u32(*numbers: int) -> bytes:
    """Return big-endian 32-bit numbers, negative ones as two's complement."""
    return b"".join((n & 0xFFFFFFFF).to_bytes(4) for n in numbers)


def find(data: bytes, *kinds: str, occurrence: int = 0) -> tuple[int, int]:
    """Return start and end of the box at a path; ``occurrence`` counts the first kind's."""
    starts, start, end = [], 0, len(data)
    for depth, kind in enumerate(kinds):
        matches = []
        while start + 8 <= end:
            size = int.from_bytes(data[start : start + 4]) or end - start
            if data[start + 4 : start + 8] == kind.encode():
                matches.append((start, start + size))
            start += size
        last = depth == len(kinds) - 1
        chosen, stop = matches[occurrence if kind == "trak" else 0]
        if last:
            return chosen, stop
        starts.append(chosen)
        start, end = chosen + 8 + _SKIP.get(kind, 0), stop
    raise AssertionError(kinds)


def add(data: bytes, path: tuple[str, ...], child: bytes, track: int = 0) -> bytes:
    """Append a box to the one at ``path``, which begins at moov.

    The changed moov goes to the file's end, so that no offset into the file changes.
    """
    start, end = find(data, "moov")
    moov = bytearray(data[start:end])
    _, stop = find(bytes(moov), *path, occurrence=track)
    ancestors = [find(bytes(moov), *path[: i + 1], occurrence=track)[0] for i in range(len(path))]
    for at in ancestors:
        moov[at : at + 4] = (int.from_bytes(moov[at : at + 4]) + len(child)).to_bytes(4)
    moov[stop:stop] = child
    return data[: start + 4] + b"free" + data[start + 8 :] + bytes(moov)


def set_duration(data: bytes, duration: int) -> bytes:
    """Set the first track header's duration (version 1)."""
    start, _ = find(data, "moov", "trak", "tkhd")
    at = start + 12 + 8 + 8 + 4 + 4
    return data[:at] + duration.to_bytes(8) + data[at + 8 :]


def set_edit(data: bytes, flags: int, segment: int) -> bytes:
    """Set the flags and the segment duration of the first edit list (version 0)."""
    start, _ = find(data, "moov", "trak", "edts", "elst")
    changed = flags.to_bytes(3) + u32(1, segment)
    return data[: start + 9] + changed + data[start + 20 :]


def set_matrix(data: bytes, a: int, b: int, c: int, d: int) -> bytes:
    """Set the first track header's matrix (version 0 or 1)."""
    start, _ = find(data, "moov", "trak", "tkhd")
    at = start + 12 + (32 if data[start + 8] else 20) + 16
    one = 1 << 16
    matrix = u32(a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30)
    return data[:at] + matrix + data[at + 36 :]
