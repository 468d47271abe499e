"""``ssimgif web``: convert in a browser, on this machine alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ssimgif import OutputError, hookimpl

PORT = 8765


@click.command("web")
@click.option(
    "--port", metavar="N", type=click.IntRange(0, 65_535), default=PORT, help="Port [8765]; 0: any."
)
def web_command(port: int) -> None:
    """Open a page for conversions; only this machine can reach it."""
    try:
        from ssimgif_web.server import serve
    except ImportError as error:
        raise OutputError(
            f"ssimgif web needs more packages ({error}): pip install 'ssimgif[web]'"
        ) from error
    serve(port)


@hookimpl
def ssimgif_commands(add: Callable[[Any], None]) -> None:
    """Add the command ``web``."""
    add(web_command)
