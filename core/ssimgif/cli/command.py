"""The ``ssimgif`` command: options in, exit code out; the work is done elsewhere.

Nothing heavy is imported at the top, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from ssimgif import __version__
from ssimgif.cli.arguments import STREAM, check_page, check_places, told_apart
from ssimgif.cli.cache_command import cache_command
from ssimgif.errors import Cancelled, Findings, SettingsError, SsimGifError, TargetError
from ssimgif.places import PLACES
from ssimgif.settings import MAX_FRAMES, MAX_PIXELS, Settings
from ssimgif.target import PRESETS

if TYPE_CHECKING:
    from ssimgif.model import Clip
    from ssimgif.pipeline import Look
    from ssimgif.report import Report

FAILED, USAGE, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130
EXIT_CODES: dict[type[BaseException], int] = {
    click.UsageError: USAGE,
    SettingsError: USAGE,
    TargetError: UNREACHABLE,
    Cancelled: INTERRUPTED,
    KeyboardInterrupt: INTERRUPTED,
}
# Reports with these endings are pages to look at.
PAGES = (".html", ".htm")


class DefaultCommand(click.Group):
    """A group that takes a first word which is no command for the input of ``convert``."""

    default = "convert"
    plugins_asked = False

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command's name before arguments that have none."""
        own = (*ctx.help_option_names, "--version")
        if not args or (args[0] not in own and self.get_command(ctx, args[0]) is None):
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command, asking plug-ins only for a name that the core does not know."""
        if cmd_name not in self.commands and not cmd_name.startswith("-"):
            self._ask_plugins()
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List all commands but the default one, plug-ins' too."""
        self._ask_plugins()
        return [name for name in super().list_commands(ctx) if name != self.default]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show how the default command and the others are called."""
        formatter.write_usage(ctx.command_path, "[OPTIONS] IN... OUT.gif")
        formatter.write_usage(ctx.command_path, "COMMAND ...", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the options of the default command, the other commands, and the exit codes."""
        options = [*self.commands[self.default].params, *self.get_params(ctx)]
        records = [one.get_help_record(ctx) for one in options if isinstance(one, click.Option)]
        with formatter.section("Options"):
            formatter.write_dl([record for record in records if record])
        self.format_commands(ctx, formatter)

    def _ask_plugins(self) -> None:
        if not self.plugins_asked:
            self.plugins_asked = True
            if _plugins_installed():
                from ssimgif import plugins
                from ssimgif.host import kernel_cache

                kernel_cache.prepare()
                plugins.add_commands(self._add_plugin_command)

    def _add_plugin_command(self, new: click.Command) -> None:
        if new.name in self.commands:
            raise ValueError(f"there is already a command named {new.name!r}")
        self.add_command(new)


def _plugins_installed() -> bool:
    from importlib.metadata import entry_points

    return os.environ.get("SSIMGIF_PLUGINS") != "" and bool(entry_points(group="ssimgif"))


@click.group(
    cls=DefaultCommand,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 failed, 2 wrong usage, 3 target not reachable (--strict), "
    "130 interrupted.",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def command() -> None:
    """Make the smallest GIF that still looks like the original.

    IN is an animated AVIF, a video, an animation, a folder of pictures, several pictures, or - for
    standard input; OUT.gif is the file to write, or - for standard output.
    """


Function = Callable[..., Any]
# Name, what stands for its value (None for a flag), what it does.
Option = tuple[str, str | None, str]

EDITS: tuple[Option, ...] = (
    ("--fps", "F", "Frames a second: drops frames, or times pictures that have no times."),
    ("--width", "W", "Width in pixels; the height follows, where it isn't given."),
    ("--height", "H", "Height in pixels; the width follows, where it isn't given."),
    ("--scale-filter", "NAME", "auto, nearest (for pixel art) or smooth [auto]."),
    ("--crop", "WxH+X+Y", "Keep this part of the source's picture, X and Y from its corner."),
    ("--start", "TIME", "Begin here, in seconds or h:mm:ss."),
    ("--end", "TIME", "End here, in seconds or h:mm:ss."),
    ("--speed", "F", "Play so many times as fast, such as 2 or 0.5."),
    ("--loop", "N", "Total number of plays, 0 for ever [as the source]."),
    ("--reverse", None, "Play backwards."),
    ("--bounce", None, "Play forwards, then back; with --reverse the other way round."),
)
OPTIONS: tuple[Option, ...] = (
    ("--ssim", "T", "Least SSIM, mean and 10th percentile of the frames [0.95]."),
    ("--quality", "N", "How good it looks, 0 to 100: 90 like the source, 70 good; 0 is off."),
    ("--preset", "NAME", f"A target by name: {', '.join(PRESETS)}."),
    ("--lossless", None, "Keep every pixel and every delay; a GIF never becomes larger."),
    (
        "--max-bytes",
        "SIZE",
        "Best size, frame rate and quality that fit, such as 512KB or 2MB.",
    ),
    ("--for", "PLACE", f"Keep to the limits of a place: {', '.join(PLACES)}."),
    ("--keep-size", None, "With --max-bytes: choose no smaller size."),
    ("--keep-fps", None, "With --max-bytes: choose no lower frame rate."),
    ("--least-width", "W", "With --max-bytes: no narrower than this [64]."),
    ("--least-fps", "F", "With --max-bytes: no slower than this [4]."),
    ("--shown-width", "W", "Width at which the GIF is looked at [the source's]."),
    ("--delta-e", "X", "Greatest mean colour difference, CIEDE2000 [2.0; --quality alone 2.5]."),
    ("--colors", "N", "Most colours in a palette, 2 to 256 [256]."),
    ("--palettes", "NAMES", "Palette strategies: +NAME adds one, NAME,NAME uses these alone."),
    ("--dither", "NAME", "auto, none, bluenoise, floyd-steinberg, jarvis or ordered [auto]."),
    *EDITS,
    ("--background", "COLOR", "Flatten transparency onto #rrggbb or a colour name."),
    ("--feather", "PX", "Width of the soft edge of transparency, in pixels [0]."),
    ("--effort", "1..9", "Time to spend: 1 is quick, 9 tries everything [5]."),
    ("--jobs", "N", "Threads to use [all cores]."),
    ("--no-cache", None, "Neither use nor keep what was decided before."),
    ("--scene-threshold", "X", "SSIM of neighbouring frames below which a scene ends [0.88]."),
    ("--reuse-threshold", "X", "S above which scenes share a palette [the target]."),
    ("--max-frames", "N", f"Refuse clips with more frames [{MAX_FRAMES}]."),
    ("--max-pixels", "N", f"Refuse frames with more pixels [{MAX_PIXELS}]."),
    ("--strict", None, "Refuse damaged sources, and targets that can't be reached (exit 3)."),
)


def _settings_options(options: Sequence[Option]) -> Callable[[Function], Function]:
    """Add options for settings; `_settings` reads the texts and checks them."""

    def add(function: Function) -> Function:
        for name, metavar, text in reversed(options):
            flag = metavar is None
            names = (name, "made_for") if name == "--for" else (name,)
            option = click.option(*names, metavar=metavar, help=text, is_flag=flag, default=None)
            function = option(function)
        return function

    return add


def _settings(values: dict[str, Any]) -> Settings:
    return Settings.parse({k: v for k, v in values.items() if v is not None})


@command.command("convert")
@click.argument("places", nargs=-1, metavar="IN... OUT.gif")
@_settings_options(OPTIONS)
@click.option("--report", metavar="FILE", help="Tell what was done: a page if .html, else JSON.")
@click.option("--force", is_flag=True, help="Replace files that are no GIF, and use any name.")
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def convert_command(
    places: Sequence[str], report: str | None, force: bool, quiet: bool, **values: Any
) -> None:
    """Convert IN to OUT.gif."""

    sources, destination = told_apart(places)
    settings = _settings(values)
    check_places(sources, destination, report, force)
    page = Page() if report is not None and Path(report).suffix.lower() in PAGES else None
    source = sources[0] if len(sources) == 1 else sources
    try:
        result = _convert(source, destination, settings, quiet, page)
    except TargetError as error:
        _write_report(report, error.report, page)
        raise
    _write_report(report, result, page)
    if not quiet:
        from ssimgif.cli.terminal import say, summary

        for text in result.warnings:
            say(text)
        say(summary(destination, result))


class Page:
    """The report as HTML, made as soon as there is a GIF to look at."""

    text = ""

    def __call__(self, clip: Clip, gif: BinaryIO, report: Report) -> None:
        """Make it of what the pipeline shows."""
        from ssimgif.html_report import page_data, page_html

        self.text = page_html(page_data(clip, gif, report))


def _convert(
    source: str | Sequence[str],
    destination: str,
    settings: Settings,
    quiet: bool,
    look: Look | None = None,
) -> Report:
    from ssimgif.cli.terminal import progress_bar
    from ssimgif.host import interruptible, kernel_cache

    kernel_cache.prepare()
    with interruptible() as stopped, progress_bar(stopped, quiet) as progress:
        from ssimgif.pipeline import convert

        sink = sys.stdout.buffer if destination == STREAM else destination
        return convert(source, sink, settings, progress, look)


def _write_report(path: str | None, report: Findings | None, page: Page | None) -> None:
    if path is None or report is None:
        return
    text = report.to_json() if page is None else page.text
    if path == STREAM:
        click.echo(text, nl=False)
        return
    from ssimgif.host import staged

    with staged(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="replace" if page else "strict")


@command.command("verify")
@click.argument("source", metavar="IN")
@click.argument("gif", metavar="OUT.gif")
@_settings_options(EDITS)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify_command(source: str, gif: str, as_json: bool, **values: Any) -> None:
    """Score any GIF against any source, with scikit-image as the judge.

    The options change IN first, as they do in a conversion.
    """
    from ssimgif import plugins
    from ssimgif.cli.terminal import say, verification_json, verification_table
    from ssimgif.host import kernel_cache

    settings = _settings(values)
    kernel_cache.prepare()
    from ssimgif.pipeline import edited
    from ssimgif.verify import verify

    clip = edited(plugins.open_clip(source, settings.source_options), settings)
    shown = plugins.open_clip(gif)
    result = verify(clip, shown)
    for remark in dict.fromkeys((*clip.notes, *shown.notes)):
        say(remark)
    click.echo(verification_json(result) if as_json else verification_table(result))


@command.command("compare")
@click.argument("gifs", nargs=2, metavar="A.gif B.gif")
@click.option("--source", required=True, metavar="IN", help="What both GIFs were made of.")
@click.option("--report", metavar="FILE", default="compare.html", help="Page [compare.html].")
@_settings_options(EDITS)
@click.option("--force", is_flag=True, help="Replace a file that is no page.")
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def compare_command(
    gifs: Sequence[str], source: str, report: str, force: bool, quiet: bool, **values: Any
) -> None:
    """Show two GIFs of one source, from any programs, on a page.

    The other options change IN first, as they do in a conversion.
    """
    from ssimgif.cli.comparison import compared
    from ssimgif.cli.terminal import progress_bar, say
    from ssimgif.host import interruptible, kernel_cache, staged

    settings = _settings(values)
    check_page([*gifs, source], report, force)
    kernel_cache.prepare()
    with interruptible() as stopped, progress_bar(stopped, quiet) as progress:
        page, figures = compared(source, gifs, settings, progress)
    with staged(report) as temporary:
        temporary.write_text(page, encoding="utf-8", errors="replace")
    if not quiet:
        click.echo(figures)
        say(f"{report} shows them")


@command.command("doctor")
@click.option("--warm", is_flag=True, help="Compile the kernels and modules now.")
def doctor_command(warm: bool) -> None:
    """Say what is installed and whether it works."""
    from ssimgif.cli import doctor

    if warm:
        from ssimgif.cli.terminal import progress_bar
        from ssimgif.host import interruptible

        with interruptible() as stopped, progress_bar(stopped, quiet=False) as progress:
            seconds = doctor.warm(progress)
        click.echo(f"kernels compiled in {seconds:.1f} s")
    for line in doctor.examine():
        click.echo(line)


command.add_command(cache_command)


def run(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code; every failure is one sentence on stderr."""
    from ssimgif.cli.terminal import plugin_warnings, say

    try:
        with (
            plugin_warnings(quiet="--quiet" in arguments),
            command.make_context("ssimgif", list(arguments)) as context,
        ):
            command.invoke(context)
        sys.stdout.flush()
        return 0
    except click.exceptions.Exit as done:
        return done.exit_code
    except (Exception, KeyboardInterrupt) as error:
        if os.environ.get("SSIMGIF_TRACEBACK"):
            traceback.print_exc()
        if isinstance(error, BrokenPipeError):
            _abandon_stdout()
        say(_sentence(error))
        return next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), FAILED)


def _abandon_stdout() -> None:
    """Keep Python from complaining at exit that nobody reads standard output."""
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())


def _sentence(error: BaseException) -> str:
    """Tell an error to a person."""
    match error:
        case Cancelled() | KeyboardInterrupt():
            text = "interrupted"
        case click.UsageError():
            text = f"{error.format_message()} See ssimgif --help."
        case SsimGifError() | click.ClickException():
            text = str(error)
        case ImportError():
            text = f"a package it needs can't be loaded ({error}); see ssimgif doctor"
        case MemoryError():
            text = "there is not enough memory for this clip"
        case BrokenPipeError():
            text = "standard output was closed before all was written"
        case OSError():
            reason = (error.strerror or str(error)).lower()
            text = f"{error.filename or 'a temporary file'}: {reason}"
        case _:
            what = f"{type(error).__name__}: {' '.join(str(error).split())}"
            text = f"this is a bug, {what} (SSIMGIF_TRACEBACK=1 shows where)"
    return text
