"""The ``ssimgif`` command, and what is said on its terminal."""

from ssimgif.cli.command import run
from ssimgif.cli.terminal import printable, say

__all__ = ["printable", "run", "say"]
