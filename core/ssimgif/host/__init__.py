"""The process and its machine: interrupts, files written whole, threads, compiled kernels."""

from ssimgif.host.allocator import keep_freed_memory
from ssimgif.host.atomic_file import check_destination, discard_unfinished, replaceable, staged
from ssimgif.host.interrupt import interruptible
from ssimgif.host.kernel_cache import kernels_ready
from ssimgif.host.threads import (
    Guess,
    Threads,
    ahead,
    bands,
    spare,
    start,
    together,
    workers,
    working,
)

__all__ = [
    "Guess",
    "Threads",
    "ahead",
    "bands",
    "check_destination",
    "discard_unfinished",
    "interruptible",
    "keep_freed_memory",
    "kernel_cache",
    "kernel_files",
    "kernels_ready",
    "replaceable",
    "spare",
    "staged",
    "start",
    "together",
    "workers",
    "working",
]
