"""Write a clip as it is: the same pixels, delays and plays."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import BinaryIO

from ssimgif.gif import syntax
from ssimgif.lossless.coding import coded_blocks
from ssimgif.lossless.changes import Changes
from ssimgif.lossless.planning import planned
from ssimgif.lossless.screen import Screen
from ssimgif.lossless.tables import global_table
from ssimgif.model import Clip


@dataclass(frozen=True, slots=True)
class Exact:
    """What was written."""

    size: int
    images: tuple[int, ...]


def write_exact(clip: Clip, stream: BinaryIO, executor: Executor | None = None, most: int | None = None) -> Exact | None:
    changes = Changes(clip, True)
    shape = (clip.width, clip.height)
    blocks = planned(clip.name, Screen(*shape), changes)
    common = global_table(blocks)
    start = syntax.head(clip.width, clip.height, common.to_bytes())
    if len(blocks) > 1:
        start += syntax.loop(clip.loop)
    stream.write(start)
    size = len(start) + len(syntax.TRAILER)
    images = []
    for data in coded_blocks(blocks, Screen(*shape), changes, common, executor):
        stream.write(data)
        images.append(len(data))
        size += len(data)
        if most is not None and size > most:
            return None
    stream.write(syntax.TRAILER)
    return Exact(size, tuple(images))
