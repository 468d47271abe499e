"""The process and its machine: interrupts, files written whole, compiled kernels."""

from ssimgif.host.allocator import keep_freed_memory
from ssimgif.host.atomic_file import check_destination, discard_unfinished, replaceable, staged
from ssimgif.host.interrupt import interruptible
from ssimgif.host.kernel_cache import kernels_ready

__all__ = [
    "check_destination",
    "discard_unfinished",
    "interruptible",
    "keep_freed_memory",
    "kernel_cache",
    "kernel_files",
    "kernels_ready",
    "replaceable",
    "staged",
]
