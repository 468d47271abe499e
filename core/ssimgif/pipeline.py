"""The road from a source to a GIF; the only place that knows the order of the stages."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from ssimgif import plugins
from ssimgif.dither import check_dither
from ssimgif.encoder import ClipEncoder, Equipment, Tools, check, make_job
from ssimgif.errors import OutputError, SettingsError, SourceError, TargetError
from ssimgif.fitting import Fitted, fit
from ssimgif.host import Threads, check_destination, staged, working
from ssimgif.kernels.compiling import compile_kernels
from ssimgif.lossless import Request, blank_report, exact_gif, preferred, report_of_exact
from ssimgif.model import Clip
from ssimgif.places import PLACES
from ssimgif.progress import ProgressCallback, notify
from ssimgif.report import Report
from ssimgif.settings import Settings
from ssimgif.sources import Limits, edit, matte, placed, remember
from ssimgif.stopwatch import Stopwatch
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
    settings = _settings_of(settings)
    _check_source(src)
    check_stream(dst, "write")
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
    with _made(clip, settings, progress, look) as (stream, report):
        if isinstance(dst, str | os.PathLike):
            with staged(dst) as path, path.open("wb") as file:
                shutil.copyfileobj(stream, file)
        else:
            shutil.copyfileobj(stream, dst)
    plugins.encoded(report)
    return report


def check_stream(place: Any, method: str) -> None:
    """Refuse what is neither a path nor a binary stream that can be read or written.

    Raises
    ------
    SourceError, OutputError
    """
    if isinstance(place, str | os.PathLike):
        return
    if isinstance(place, io.TextIOBase) or not hasattr(place, method):
        kind = "a stream of text" if isinstance(place, io.TextIOBase) else type(place).__name__
        if method == "write":
            raise OutputError(f"a GIF is written to a path or a binary stream, not to {kind}")
        raise SourceError(f"a source is a path, paths or a binary stream, not {kind}")


def _check_source(source: Any) -> None:
    several = isinstance(source, Sequence) and not isinstance(source, str | bytes | bytearray)
    for one in source if several else [source]:
        check_stream(one, "read")


def _settings_of(settings: Settings | None) -> Settings:
    if settings is None:
        return Settings()
    _check_kind("settings", settings, Settings, "such as Settings(quality=80)")
    return settings


def _check_kind(what: str, value: Any, kind: type, example: str) -> None:
    if not isinstance(value, kind):
        raise SettingsError(
            f"{what} must be {kind.__name__}, not {type(value).__name__}: {example}"
        )


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
    settings = _settings_of(settings)
    with _made(clip, settings, progress, look, one_palette) as (stream, report):
        data = stream.read()
    plugins.encoded(report)
    return Result(data, report)


@contextmanager
def _made(
    clip: Clip,
    settings: Settings,
    progress: ProgressCallback | None,
    look: Look | None,
    one_palette: bool = False,
) -> Iterator[tuple[BinaryIO, Report]]:
    """Walk one of the two roads; the GIF, at its beginning, lives as long as the ``with`` block."""
    _check_kind("a clip", clip, Clip, "Clip.from_frames makes one of pictures")
    compile_kernels(progress)
    if not settings.lossless:
        with _encoded(clip, settings, progress, look, one_palette) as made:
            yield made
    elif one_palette:
        raise SettingsError("lossless can't be had where all frames must share one palette")
    else:
        with _exact(clip, settings, progress, look) as made:
            yield made


@contextmanager
def _exact(
    source: Clip, settings: Settings, progress: ProgressCallback | None, look: Look | None
) -> Iterator[tuple[BinaryIO, Report]]:
    """Walk the road without loss: nothing is searched or measured."""
    watch = Stopwatch()
    with ExitStack() as stack:
        _share_work(settings, stack)
        shown = prepared(source, settings)
        if settings.strict and source.notes.damage:
            raise SourceError(source.notes.damage[0])
        with watch.stage("encode"):
            request = Request(
                source,
                shown,
                settings,
                lambda done, total: notify(progress, "encoding", done, total),
            )
            gif = exact_gif(request)
        assert gif is not None
        report = report_of_exact(blank_report(source, shown, settings, watch.seconds), gif)
        stream = stack.enter_context(gif.path.open("rb"))
        if look is not None:
            look(shown, stream, report)
            stream.seek(0)
        yield stream, report


def _share_work(settings: Settings, stack: ExitStack) -> None:
    """Let as many threads as the settings say share what follows."""
    threads = settings.jobs or os.cpu_count() or 1
    if threads > 1:
        stack.enter_context(working(Threads(threads)))


@contextmanager
def _encoded(
    clip: Clip,
    settings: Settings,
    progress: ProgressCallback | None,
    look: Look | None,
    one_palette: bool = False,
) -> Iterator[tuple[BinaryIO, Report]]:
    """Walk the road to a target."""
    tools = _tools(settings)
    watch = Stopwatch()
    with ExitStack() as stack:
        _share_work(settings, stack)
        equipment = Equipment(tools, progress, watch, one_palette)
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
            exact = None if one_palette else preferred(source, clip, settings, most)
        stream = attempt.stream
        report = make_report(fitted.job, attempt, source, fitted.report)
        if exact is not None:
            stream = stack.enter_context(exact.path.open("rb"))
            remark = f"it is kept without loss: at the target it would take {attempt.size} bytes"
            report = report_of_exact(replace(report, warnings=tuple(clip.notes)), exact, remark)
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
