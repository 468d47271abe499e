"""``ssimgif batch``."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Any

import click

from ssimgif import PLACES, Cancelled, ConfinedLimits, Settings, SettingsError, printable, say

_file = click.Path(path_type=Path, dir_okay=False)


@click.command("batch")
@click.argument("sources", nargs=-1, required=True, metavar="SRC...")
@click.option("--out", required=True, metavar="DIR|URL", help="Where the GIFs go.")
@click.option("--preset", metavar="NAME", help="A target by name, as for one file.")
@click.option(
    "--for",
    "place",
    metavar="PLACE",
    help=f"Keep to the limits of a place: {', '.join(PLACES)}.",
)
@click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="[PATTERN:]NAME=VALUE",
    help="Any setting, as max-bytes=8MB, or for some files, as 'icons/*:width=64,colors=32'.",
)
@click.option("--no-cache", is_flag=True, help="Neither use nor keep what was decided before.")
@click.option("--jobs", metavar="N", type=click.IntRange(1, 1024), help="Files at once [cores].")
@click.option("--cluster", metavar="ADDRESS", help="Work on a Dask cluster, as tcp://host:8786.")
@click.option("--timeout", metavar="TIME", default="600", help="Seconds a file may take [600].")
@click.option("--memory", metavar="SIZE", default="4GB", help="Memory a file may take [4GB].")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option(
    "--summary",
    "summaries",
    multiple=True,
    type=_file,
    metavar="FILE",
    help="Write what became of all files, as .json or .html.",
)
@click.option("--log", type=_file, metavar="FILE", help="Add a JSON line for each file there.")
@click.option("--prometheus", type=_file, metavar="FILE", help="Keep figures for Prometheus there.")
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
@click.pass_context
def batch_command(
    ctx: click.Context,
    sources: tuple[str, ...],
    out: str,
    preset: str | None,
    place: str | None,
    rules: tuple[str, ...],
    no_cache: bool,
    jobs: int | None,
    cluster: str | None,
    timeout: str,
    memory: str,
    dry_run: bool,
    summaries: tuple[Path, ...],
    log: Path | None,
    prometheus: Path | None,
    quiet: bool,
) -> None:
    """Convert many files; run it again to do what is missing or has changed.

    SRC is a file, a folder, a pattern, a manifest (.csv or .jsonl with a column "source", and
    "output" or any setting), or a URL of one of them. Exit code 1 says that some files failed.
    """
    from ssimgif_batch import summary
    from ssimgif_batch.discovery import Rule, check, find_jobs
    from ssimgif_batch.places import Destination
    from ssimgif_batch.running import Batch

    summary.check_paths(summaries)
    base = {"preset": preset} if preset else {}
    if place:
        base["for"] = place
    if no_cache:
        base["no_cache"] = "yes"
    check(base, "batch")
    root = Destination(out).root
    batch = Batch(
        jobs=find_jobs(sources, base, [Rule.parse(text) for text in rules], root),
        root=root,
        limits=ConfinedLimits(
            seconds=float(_setting("timeout", "end", timeout)),
            memory=_setting("memory", "max-bytes", memory),
        ),
        processes=jobs or os.cpu_count() or 1,
        cluster=cluster,
        summaries=summaries,
        log=log,
        prometheus=prometheus,
        quiet=quiet,
    )
    if dry_run:
        planned = batch.plan()
        for job, reason in planned:
            click.echo(f"{reason}\t{printable(job.source)}\t{printable(job.output)}")
        for text in batch.refusals():
            say(text)
        say(f"{len(planned):,} of {len(batch.jobs):,} files to convert")
        return
    try:
        result = batch.run()
    except Cancelled:
        if not quiet:
            say("what is done stays done; the same command goes on from here")
        raise
    if not quiet:
        for failure in result["failures"][:10]:
            say(_told(failure))
        if len(result["failures"]) > 10:
            say(f"and {len(result['failures']) - 10:,} more failures, see --summary")
        say(summary.line(result))
    ctx.exit(1 if result["failed"] else 0)


def _told(failure: dict[str, str]) -> str:
    """Return what happened, with the whole name of the file in it."""
    source, message = printable(failure["source"]), failure["message"]
    name = PurePosixPath(source).name
    if source in message:
        return message
    return message.replace(name, source, 1) if name in message else f"{source}: {message}"


def _setting(option: str, name: str, text: str) -> Any:
    """Read a time or a size as the setting does that is written alike."""
    try:
        return getattr(Settings.parse({name: text}), name.replace("-", "_"))
    except SettingsError as error:
        message = str(error).removeprefix(name)
        raise SettingsError(f"{option}{message}") from None
