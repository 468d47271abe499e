"""Many files at once: ``ssimgif batch SRC... --out DIR``, on this machine or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ssimgif import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def ssimgif_commands(add: Callable[[click.Command], None]) -> None:
    """Add ``ssimgif batch``."""
    from ssimgif_batch.command import batch_command

    add(batch_command)
