"""``ssimgif gimp``: put the plug-in into GIMP, take it out, look at it; and serve it."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def gimp() -> None:
    """Export from GIMP, with a preview of size and look; open animated AVIF there."""


_profiles = click.option(
    "--profile",
    "named",
    metavar="DIR",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A profile of GIMP's, such as ~/.config/GIMP/3.0, instead of all that are found.",
)


@gimp.command("install")
@_profiles
def install_command(named: tuple[Path, ...]) -> None:
    """Put the plug-in into GIMP's profiles, or bring it up to date."""
    from ssimgif_gimp import installer, profiles

    for profile in profiles.chosen(named):
        click.echo(installer.install(profile))


@gimp.command("uninstall")
@_profiles
def uninstall_command(named: tuple[Path, ...]) -> None:
    """Take the plug-in out of GIMP's profiles."""
    from ssimgif_gimp import installer, profiles

    for profile in profiles.chosen(named):
        click.echo(installer.uninstall(profile))


@gimp.command("status")
@_profiles
def status_command(named: tuple[Path, ...]) -> None:
    """Say where the plug-in is installed, and whether it can work."""
    from ssimgif_gimp import installer, profiles

    for profile in profiles.chosen(named):
        click.echo(installer.status(profile))


@gimp.command("serve", hidden=True)
def serve_command() -> None:
    """Do what a plug-in asks for, line by line; it is the plug-in that starts this."""
    from ssimgif_gimp.server import serve

    serve()
