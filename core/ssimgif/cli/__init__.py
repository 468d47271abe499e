"""The ``ssimgif`` command, and what is said on its terminal."""

from ssimgif.cli.command import run
from ssimgif.cli.terminal import printable, progress_bar, say

__all__ = ["printable", "progress_bar", "run", "say"]
