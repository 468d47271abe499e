"""``ssimgif compare``: two GIFs of one source, as a page and as figures side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssimgif.progress import ProgressCallback
    from ssimgif.report import Report
    from ssimgif.settings import Settings


def compared(
    source: str, gifs: Sequence[str], settings: Settings, progress: ProgressCallback
) -> tuple[str, str]:
    """Measure GIFs against their source; return the page and the figures as lines.

    Raises
    ------
    SourceError, Cancelled
        OSError, too, where a GIF can't be opened.
    """
    from ssimgif import plugins
    from ssimgif.html_report import comparison_data, judged, page_html
    from ssimgif.pipeline import prepared
    from ssimgif.progress import notify

    clip = prepared(plugins.open_clip(source, settings.source_options), settings)
    names = _names(gifs)
    with ExitStack() as stack:
        files = [stack.enter_context(Path(gif).open("rb")) for gif in gifs]
        reports = [
            judged(clip, name, file, progress) for name, file in zip(names, files, strict=True)
        ]
        data = comparison_data(
            clip,
            list(zip(names, files, reports, strict=True)),
            lambda done, total: notify(progress, "drawing the page", done, total),
        )
    return page_html(data), figures(names, reports)


def figures(names: Sequence[str], reports: Sequence[Report]) -> str:
    """Return what GIFs score, one column for each."""
    rows: list[tuple[str, Callable[[Report], str], str]] = [
        ("bytes", lambda one: f"{one.bytes:,}", ""),
        ("quality", lambda one: _fixed(one.looks_mean, 1), "90 looks like the source, 70 is good"),
        ("worst places", lambda one: _fixed(one.local_mean, 2), "1 is hard to see, 2 is plain"),
        ("missed changes", lambda one: f"{one.missed:.1%}", ""),
        ("colour difference", lambda one: f"{one.delta_e_mean:.2f}", "2 is hard to see"),
        ("mean SSIM", lambda one: f"{one.mean:.4f}", "1 is the source"),
        ("frames", lambda one: str(one.frames_coded), f"source {reports[0].frames_source}"),
    ]
    width = max(10, *map(len, names)) + 2
    lines = [" " * 19 + "".join(f"{name:<{width}}" for name in names)]
    for title, text, note in rows:
        cells = "".join(f"{text(report):<{width}}" for report in reports)
        lines.append(f"{title:<19}{cells}{note}")
    return "\n".join(line.rstrip() for line in lines)


def _fixed(figure: float | None, digits: int) -> str:
    return "-" if figure is None else f"{figure:.{digits}f}"


def _names(gifs: Sequence[str]) -> list[str]:
    """Return the files' names, with their folders where those alone tell them apart."""
    names = [Path(gif).name for gif in gifs]
    return names if len(set(names)) == len(names) else list(gifs)
