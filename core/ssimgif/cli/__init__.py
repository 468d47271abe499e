"""The ``ssimgif`` command."""

from ssimgif.cli.command import run

__all__ = ["run"]
