"""``ssimgif cache``: what is remembered of earlier conversions."""

from __future__ import annotations

import click


@click.group("cache")
def cache_command() -> None:
    """Look at or clear what is remembered of earlier conversions."""


@cache_command.command("info")
def info_command() -> None:
    """Say where the cache is and what is in it."""
    from ssimgif.cache import store

    found = store.information()
    click.echo(f"{found.path}")
    click.echo(f"{found.clips:,} clips, {found.bytes:,} bytes of at most {store.MOST_BYTES:,}")
    if found.problem:
        click.echo(f"problem: {found.problem}; ssimgif cache clear mends it")


@cache_command.command("clear")
def clear_command() -> None:
    """Forget all; conversions take longer until it has filled again."""
    from ssimgif.cache import store

    before = store.information()
    store.clear()
    click.echo(f"{before.clips:,} clips forgotten")
