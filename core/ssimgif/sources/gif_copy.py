"""A copy of a GIF's images as they are coded, without what does not show."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from ssimgif.gif import Control, Image, Repeats, Screen, blocks, syntax, timing

_HEAD_BYTES = 13


def copy_images(path: Path, target: BinaryIO, keep_delays: bool = False) -> None:
    """Write a GIF of the images of another one; comments and metadata are left out.

    Parameters
    ----------
    path : Path
    target : BinaryIO
    keep_delays : bool
        Whether delays stay of which viewers, but not all of them, make a tenth of a second;
        otherwise they are written as that.

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
                    target.write(syntax.loop(block.plays))
                case Image():
                    control = block.control
                    if control != Control():
                        delay = control.delay if keep_delays else timing.on_screen(control.delay)
                        target.write(control.to_bytes(delay))
                    start, end = block.span
                    file.seek(start)
                    target.write(file.read(end - start))
    target.write(syntax.TRAILER)
