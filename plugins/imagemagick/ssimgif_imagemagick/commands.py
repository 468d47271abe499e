"""``ssimgif imagemagick``: setting it up, and the program that ImageMagick calls."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

import click

from ssimgif import SettingsError, open_clip, say, staged
from ssimgif_imagemagick import delegates, diagnosis, installation, options
from ssimgif_imagemagick.header import Header


@click.group("imagemagick")
def imagemagick() -> None:
    """Use ssimgif from ImageMagick, as in: convert in.gif ssimgif:out.gif"""


_path = click.option(
    "--path",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder of delegates.xml, instead of the user's own.",
)
_user = click.option("--user", is_flag=True, help="The user's own delegates.xml (the default).")


@imagemagick.command("install")
@_user
@_path
def install_command(user: bool, path: Path | None) -> None:
    """Add ssimgif to a delegates.xml; what else is in it stays."""
    folder = _folder(user, path)
    click.echo(installation.install(folder))
    if path is None:
        for line in diagnosis.examine():
            click.echo(line)
    else:
        click.echo(f"export MAGICK_CONFIGURE_PATH={shlex.quote(str(folder))} makes it count")


@imagemagick.command("uninstall")
@_user
@_path
def uninstall_command(user: bool, path: Path | None) -> None:
    """Take ssimgif out of a delegates.xml; what else is in it stays."""
    click.echo(installation.uninstall(_folder(user, path)))


@imagemagick.command("status")
@click.pass_context
def status_command(ctx: click.Context) -> None:
    """Say whether ImageMagick finds ssimgif; exit code 1 if not."""
    for line in diagnosis.examine():
        click.echo(line)
    ctx.exit(0 if diagnosis.works() else 1)


@imagemagick.command("delegates")
def delegates_command() -> None:
    """Print the entries for a delegates.xml."""
    click.echo(delegates.merged(delegates.EMPTY, delegates.entries()), nl=False)


@imagemagick.command("encode", hidden=True)
@click.option("--quality", metavar="N", default=options.UNSET_QUALITY, help="-quality.")
@click.argument("miff", type=click.Path(path_type=Path), metavar="IN.miff")
@click.argument("gif", type=click.Path(path_type=Path), metavar="OUT.gif")
@click.pass_context
def encode_command(ctx: click.Context, quality: str, miff: Path, gif: Path) -> None:
    """Make a GIF of what ImageMagick hands over (it calls this itself)."""
    from ssimgif_imagemagick.clip import first_header

    root = ctx.find_root()
    convert = root.command.get_command(root, "convert")  # type: ignore[attr-defined]
    header = first_header(miff)
    asked = options.quality_values(quality)
    if asked and options.quality_is_the_sources(header):
        say(
            f"quality {quality} may be that of a JPEG file and is left out of account;"
            f" -set ssimgif:quality {quality} asks for it"
        )
        asked = {}
    outer = _environment(convert, ctx)
    extra = {name: outer.pop(name) for name in ("report", "quiet") if name in outer}
    outer.pop("force", None)
    properties = _properties(header, convert)
    values = options.merge(outer, asked, properties)
    target = Path(os.path.realpath(gif)) if gif.is_symlink() else gif
    # ImageMagick's temporary file, which has no suffix.
    ctx.invoke(convert, places=(str(miff), str(target)), force=True, **extra, **values)


def _properties(header: Header, convert: click.Command) -> dict[str, Any]:
    """Return the settings among a picture's properties; say which options it can't set."""
    values, others = options.property_values(header)
    unknown = set(others) - {param.name for param in convert.params}
    if unknown:
        raise SettingsError(f"there is no setting named {min(unknown)[:40]!r}")
    if others:
        say(
            f"a picture's properties can't set {', '.join(others)}; the environment variable"
            f" {options.VARIABLE} can set every option"
        )
    return values


def _environment(convert: click.Command, ctx: click.Context) -> dict[str, Any]:
    """Return the options in the environment, read as the command reads its own."""
    text = os.environ.get(options.VARIABLE, "")
    try:
        found, _, order = convert.make_parser(ctx).parse_args(shlex.split(text))
    except (ValueError, click.UsageError) as error:
        reason = error.format_message() if isinstance(error, click.UsageError) else str(error)
        raise SettingsError(f"{options.VARIABLE}: {reason}") from None
    if isinstance(found["places"], tuple):
        raise SettingsError(f"{options.VARIABLE}: {found['places'][0]!r} is no option")
    given = {param.name for param in order if isinstance(param, click.Option)}
    return {name: value for name, value in found.items() if name in given}


@imagemagick.command("decode", hidden=True)
@click.argument("source", type=click.Path(path_type=Path), metavar="IN")
@click.argument("miff", type=click.Path(path_type=Path), metavar="OUT.miff")
def decode_command(source: Path, miff: Path) -> None:
    """Write all frames of an animation for ImageMagick (it calls this itself)."""
    from ssimgif_imagemagick.writer import write_clip

    clip = open_clip(Path(os.path.realpath(source)))
    with staged(miff) as path, path.open("wb") as file:
        write_clip(clip, file)


def _folder(user: bool, path: Path | None) -> Path:
    if user and path is not None:
        raise SettingsError("--user and --path name two places; give one of them")
    return installation.user_folder() if path is None else path.absolute()
