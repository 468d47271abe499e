"""The road from a source to a GIF; the only place that knows the order of the stages."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from ssimgif import plugins
from ssimgif.dither import check_dither
from ssimgif.encoder import ClipEncoder, Equipment, Tools, check, make_job
from ssimgif.errors import SourceError, TargetError
from ssimgif.fitting import Fitted, fit
from ssimgif.host import check_destination, staged
from ssimgif.kernels.compiling import compile_kernels
from ssimgif.model import Clip
from ssimgif.places import PLACES
from ssimgif.progress import ProgressCallback
from ssimgif.report import Report
from ssimgif.settings import Settings
from ssimgif.sources import Limits, edit, matte, placed, remember
from ssimgif.stopwatch import Stopwatch
from ssimgif.stream_copy import preferred_copy, report_of_copy
from ssimgif.summary import make_report

Source = str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | BinaryIO
# Told of the clip as it was encoded, the GIF and its report, before the GIF is in place.
Look = Callable[[Clip, BinaryIO, Report], object]


@dataclass(frozen=True, slots=True)
class Result:
    """A finished GIF and what is known about it."""

    data: bytes
    report: Report


def convert(
    src: Source,
    dst: str | os.PathLike[str] | BinaryIO,
    settings: Settings | None = None,
    progress: ProgressCallback | None = None,
    look: Look | None = None,
) -> Report:
    """Turn a file into a GIF.

    Parameters
    ----------
    src : path, sequence of paths or binary stream
        Animated AVIF, video, animation, folder or glob of pictures, several pictures; ``"-"`` is
        standard input.
    dst : path or binary stream
        Where the GIF goes; a path appears only once it is complete.
    settings : Settings, optional
    progress : callable, optional
        Called with a `Progress`; returning False stops the work.
    look : callable, optional
        Called with the clip as it was encoded (cut, scaled, timed), the GIF as a binary stream
        and the report, before the GIF is in place; also where `TargetError` follows.

    Raises
    ------
    SourceError, OutputError, TargetError, Cancelled
    """
    settings = settings or Settings()
    if isinstance(dst, str | os.PathLike):
        for path in _paths(src):
            check_destination(path, dst)
    compile_kernels(progress)
    return write_gif(plugins.open_clip(src, settings.source_options), dst, settings, progress, look)


def write_gif(
    clip: Clip,
    dst: str | os.PathLike[str] | BinaryIO,
    settings: Settings,
    progress: ProgressCallback | None = None,
    look: Look | None = None,
) -> Report:
    """Turn a clip into a GIF in its place; see `convert`."""
    with _encoded(clip, settings, progress, look) as (stream, report):
        if isinstance(dst, str | os.PathLike):
            with staged(dst) as path, path.open("wb") as file:
                shutil.copyfileobj(stream, file)
        else:
            shutil.copyfileobj(stream, dst)
    plugins.encoded(report)
    return report


def _paths(source: Source) -> Sequence[str | os.PathLike[str]]:
    """Return the names of a source; an empty one where it has none."""
    if isinstance(source, str | os.PathLike):
        return [source]
    return source if isinstance(source, Sequence) else [""]


def encode(
    clip: Clip,
    settings: Settings | None = None,
    progress: ProgressCallback | None = None,
    look: Look | None = None,
    *,
    one_palette: bool = False,
) -> Result:
    """Turn a clip into the bytes of a GIF; see `convert`.

    Parameters
    ----------
    clip : Clip
    settings : Settings, optional
    progress : callable, optional
    look : callable, optional
    one_palette : bool
        Whether all frames must share one palette, so that no picture shows more than 256 colours.
    """
    with _encoded(clip, settings or Settings(), progress, look, one_palette) as (stream, report):
        data = stream.read()
    plugins.encoded(report)
    return Result(data, report)


@contextmanager
def _encoded(
    clip: Clip,
    settings: Settings,
    progress: ProgressCallback | None,
    look: Look | None,
    one_palette: bool = False,
) -> Iterator[tuple[BinaryIO, Report]]:
    """Walk the road; the GIF, at its beginning, lives as long as the ``with`` block."""
    compile_kernels(progress)
    tools = _tools(settings)
    watch = Stopwatch()
    threads = settings.jobs or os.cpu_count() or 1
    with ExitStack() as stack:
        executor = stack.enter_context(ThreadPoolExecutor(threads)) if threads > 1 else None
        equipment = Equipment(tools, executor, progress, watch, one_palette)
        source, clip = clip, prepared(clip, settings)
        job = make_job(clip, settings, equipment)
        if settings.strict and clip.notes.damage:
            raise SourceError(clip.notes.damage[0])
        if settings.max_bytes is None:
            fitted = Fitted(job, ClipEncoder(job, stack).best())
        else:
            fitted = fit(job, equipment, stack)
        attempt = fitted.attempt
        with watch.stage("verify"):
            check(clip.name, attempt)
            # Whatever its size, a source that misses nothing is better than what does.
            most = sys.maxsize if attempt.shortfalls else attempt.size
            copy = None if one_palette else preferred_copy(source, clip, settings, most)
        stream = attempt.stream
        report = make_report(fitted.job, attempt, source, fitted.report)
        if copy is not None:
            stream = stack.enter_context(copy.path.open("rb"))
            report = report_of_copy(report, copy, clip.notes)
        if look is not None:
            look(fitted.job.clip, stream, report)
            stream.seek(0)
        if settings.strict and not report.valid:
            raise TargetError(f"{clip.name}: {report.shortfalls[0]}", report)
        yield stream, report


def _tools(settings: Settings) -> Tools:
    """Ask plug-ins and the core for what the settings name.

    Raises
    ------
    SettingsError
        On a name that nobody has.
    """
    ditherers = plugins.ditherers()
    check_dither(settings.dither, ditherers)
    choice = plugins.palette_choice(settings.palettes)
    return Tools(ditherers, choice, plugins.banding, tuple(plugins.names()))


def prepared(clip: Clip, settings: Settings) -> Clip:
    """Return the clip as it will be shown: cut, scaled, timed, and with one-bit transparency.

    Raises
    ------
    SourceError
        As `edited` does.
    """
    clip = edited(clip, settings)
    if settings.made_for is not None:
        clip = placed(clip, PLACES[settings.made_for])
    return remember(matte(clip, settings.background, settings.feather))


def edited(clip: Clip, settings: Settings) -> Clip:
    """Return the clip cut, scaled and timed, and within the limits.

    Raises
    ------
    SourceError
        When it is too large for a GIF; while it is read, when it is too long.
    """
    clip = edit(clip, settings)
    limits = Limits(settings.max_frames, settings.max_pixels)
    limits.check_size(clip.name, clip.width, clip.height)
    return limits.while_read(clip)
