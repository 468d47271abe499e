"""The ``ssimgif`` command: options in, exit code out; the work is done elsewhere.

Nothing heavy is imported at the top, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click
from click.shell_completion import shell_complete

from ssimgif import __version__
from ssimgif.cli.arguments import STREAM, check_page, check_places, told_apart
from ssimgif.cli.cache_command import cache_command
from ssimgif.cli.default_command import Convert, DefaultCommand
from ssimgif.cli.failures import NO_ARGUMENTS, USAGE, exit_code, named, sentence
from ssimgif.cli.options import EDITS, OPTIONS, settings_of, settings_options
from ssimgif.errors import Findings, TargetError
from ssimgif.settings import Settings

if TYPE_CHECKING:
    from ssimgif.model import Clip
    from ssimgif.pipeline import Look
    from ssimgif.report import Report

# Reports with these endings are pages to look at.
PAGES = (".html", ".htm")
# Says to shells that files complete it.
FILE = click.Path()
# Shells ask for completions by this variable.
COMPLETE = "_SSIMGIF_COMPLETE"


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
    standard input; OUT.gif is the file to write, or - for standard output. IN alone writes IN.gif
    beside it, where there is none yet.
    """


@command.command("convert", cls=Convert)
@click.argument("places", nargs=-1, metavar="IN... OUT.gif", type=FILE)
@settings_options(OPTIONS)
@click.option(
    "--report", metavar="FILE", type=FILE, help="Tell what was done: a page if .html, else JSON."
)
@click.option("--force", is_flag=True, help="Replace files that are no GIF, and use any name.")
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
def convert_command(
    places: Sequence[str], report: str | None, force: bool, quiet: bool, **values: Any
) -> None:
    """Convert IN to OUT.gif."""

    sources, destination = told_apart(places)
    settings = settings_of(values)
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
    from ssimgif.host import interruptible, keep_freed_memory, kernel_cache

    keep_freed_memory()
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
@click.argument("source", metavar="IN", type=FILE)
@click.argument("gif", metavar="OUT.gif", type=FILE)
@settings_options(EDITS)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify_command(source: str, gif: str, as_json: bool, **values: Any) -> None:
    """Score any GIF against any source, with scikit-image as the judge.

    The options change IN first, as they do in a conversion.
    """
    from ssimgif import plugins
    from ssimgif.cli.terminal import say, verification_json, verification_table
    from ssimgif.host import kernel_cache

    settings = settings_of(values)
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
@click.argument("gifs", nargs=2, metavar="A.gif B.gif", type=FILE)
@click.option(
    "--source", required=True, metavar="IN", type=FILE, help="What both GIFs were made of."
)
@click.option(
    "--report", metavar="FILE", type=FILE, default="compare.html", help="Page [compare.html]."
)
@settings_options(EDITS)
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

    settings = settings_of(values)
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


@command.command("help", hidden=True)
@click.argument("words", nargs=-1, metavar="COMMAND...")
def help_command(words: Sequence[str]) -> None:
    """Show the help of a command, or of all."""
    with command.make_context("ssimgif", [*words, "--help"]) as context:
        command.invoke(context)


command.add_command(cache_command)


def run(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code; every failure is one sentence on stderr."""
    from ssimgif.cli.terminal import plugin_warnings, say

    if COMPLETE in os.environ:
        return shell_complete(command, {}, "ssimgif", COMPLETE, os.environ[COMPLETE])
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
    except NO_ARGUMENTS as error:
        click.echo(error.format_message(), err=True)
        return USAGE
    except (Exception, KeyboardInterrupt) as error:
        if os.environ.get("SSIMGIF_TRACEBACK"):
            traceback.print_exc()
        if isinstance(error, BrokenPipeError):
            _abandon_stdout()
        say(sentence(error, named(command, arguments)))
        return exit_code(error)


def _abandon_stdout() -> None:
    """Keep Python from complaining at exit that nobody reads standard output."""
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())
