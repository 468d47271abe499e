"""A copy of a GIF's images as they are coded, without what does not show."""

from __future__ import annotations

from pathlib import Path
from struct import pack
from typing import BinaryIO

from ssimgif.sources.gif_file import Control, Image, Repeats, Screen, blocks

_HEAD_BYTES = 6 + 7
# Viewers show shorter delays for 10 centiseconds, but not all of them.
_SHORTEST_DELAY, _DEFAULT_DELAY = 2, 10


def copy_images(path: Path, target: BinaryIO) -> None:
    """Write a GIF of the images of another one; comments and metadata are left out.

    Delays of which viewers make a tenth of a second are written as that.

    Raises
    ------
    DamagedError
        Where no block goes on.
    """
    with path.open("rb") as blocks_of, path.open("rb") as file:
        for block in blocks(blocks_of):
            match block:
                case Screen():
                    target.write(file.read(_HEAD_BYTES + len(block.table)))
                case Repeats():
                    target.write(b"!\xff\x0bNETSCAPE2.0\x03\x01" + pack("<HB", block.count, 0))
                case Image():
                    if block.control != Control():
                        target.write(_control(block.control))
                    start, end = block.span
                    file.seek(start)
                    target.write(file.read(end - start))
    target.write(b";")


def _control(control: Control) -> bytes:
    delay = control.delay if control.delay >= _SHORTEST_DELAY else _DEFAULT_DELAY
    return b"!\xf9\x04" + pack("<BHBB", control.flags, delay, control.index, 0)
