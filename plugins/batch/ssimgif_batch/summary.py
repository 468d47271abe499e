"""What became of a whole batch, for people and machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from ssimgif import SettingsError, staged
from ssimgif_batch.job import CAUSES, Outcome

SCHEMA = 1
MOST_ROWS = 1000
# Outputs below their target that one line names.
MOST_NAMED = 3
_SHARES = (("min", 0), ("p5", 5), ("p10", 10), ("p25", 25), ("median", 50), ("p75", 75),
           ("p90", 90), ("max", 100))  # fmt: skip


def summarise(outcomes: Sequence[Outcome], unchanged: int, seconds: float) -> dict[str, Any]:
    """Return the summary of a batch as plain values.

    Parameters
    ----------
    outcomes : sequence of Outcome
        The latest of each file, those of earlier runs too.
    unchanged : int
        Files that this run had nothing to do for.
    seconds : float
        Of this run.
    """
    done = [one for one in outcomes if one.done]
    failed = [one for one in outcomes if not one.done]
    return {
        "schema": SCHEMA,
        "files": len(outcomes),
        "done": len(done),
        "failed": len(failed),
        "below_target": sum(not one.valid for one in done),
        "outputs_below_target": [one.output for one in done if not one.valid],
        "unchanged": unchanged,
        "seconds": round(seconds, 3),
        "source_bytes": sum(one.source_bytes for one in done),
        "gif_bytes": sum(one.bytes for one in done),
        "score": distribution([one.score for one in done if one.score is not None]),
        "looks": distribution([one.looks for one in done if one.looks is not None]),
        "local": distribution([one.local for one in done if one.local is not None]),
        "bytes": distribution([float(one.bytes) for one in done]),
        "seconds_per_file": distribution([one.seconds for one in done]),
        "failures_by_cause": dict(sorted(Counter(one.cause for one in failed).items())),
        "failures": [
            {"source": one.source, "output": one.output, "cause": one.cause, "message": one.message}
            for one in failed
        ],
    }


def distribution(values: Sequence[float]) -> dict[str, float]:
    """Return mean and percentiles; nothing of nothing."""
    if not values:
        return {}
    ordered = sorted(values)
    last = len(ordered) - 1
    shares = {name: round(ordered[round(last * share / 100)], 6) for name, share in _SHARES}
    return {"mean": round(sum(ordered) / len(ordered), 6), **shares}


def check_paths(paths: Sequence[Path]) -> None:
    """Raise SettingsError for a summary whose suffix says neither JSON nor HTML."""
    for path in paths:
        if path.suffix.lower() not in {".json", ".html", ".htm"}:
            raise SettingsError(f"summary {path} must end in .json or .html")


def write(path: Path, summary: dict[str, Any], outcomes: Sequence[Outcome]) -> None:
    """Write a summary as JSON or HTML, by the path's suffix."""
    if path.suffix.lower() == ".json":
        text = json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
    else:
        text = page(summary, outcomes)
    with staged(path) as temporary:
        temporary.write_bytes(text.encode("utf-8", "replace"))


def line(summary: dict[str, Any]) -> str:
    """Return the summary in one line."""
    parts = [f"{summary['done']:,} of {summary['files']:,} files done"]
    if summary["unchanged"]:
        parts.append(f"{summary['unchanged']:,} unchanged since an earlier run")
    if summary["failed"]:
        causes = ", ".join(f"{n} {cause}" for cause, n in summary["failures_by_cause"].items())
        parts.append(f"{summary['failed']:,} failed ({causes})")
    if summary["below_target"]:
        parts.append(_below(summary["outputs_below_target"]))
    if summary["done"]:
        parts.append(f"{_size(summary['source_bytes'])} to {_size(summary['gif_bytes'])}")
        if summary["score"]:
            parts.append(f"S {summary['score']['median']:.4f} in the middle")
    parts.append(f"{summary['seconds']:.0f} s")
    return ", ".join(parts)


def _below(outputs: Sequence[str]) -> str:
    more = ", ..." if len(outputs) > MOST_NAMED else ""
    return f"{len(outputs):,} below their target ({', '.join(outputs[:MOST_NAMED])}{more})"


def _size(number: float) -> str:
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:,.3g} GB"


_STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem} h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%} td,th{padding:.25rem .6rem;text-align:left;
border-bottom:1px solid #8884;vertical-align:top;overflow-wrap:anywhere}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
svg{width:100%;height:9rem} rect{fill:#3b7dd8} text{font-size:11px;fill:currentColor}
"""


def page(summary: dict[str, Any], outcomes: Sequence[Outcome]) -> str:
    """Return the summary as one HTML page that needs nothing else."""
    done = [one for one in outcomes if one.done]
    failed = [one for one in outcomes if not one.done]
    below = sorted((one for one in done if not one.valid), key=lambda one: one.score or 0.0)
    largest = sorted(done, key=lambda one: -one.bytes)[:20]
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>ssimgif batch</title><style>{_STYLE}</style>",
        f"<h1>ssimgif batch</h1><p>{escape(line(summary))}</p>",
        "<h2>S, the lesser of mean and 10th percentile of SSIM</h2>",
        bars([one.score for one in done if one.score is not None], "{:.3f}"),
        "<h2>Bytes of the GIFs</h2>",
        bars([float(one.bytes) for one in done], "{:,.0f}"),
        _table(
            "Failures",
            ("source", "cause", "what happened"),
            [(one.source, CAUSES.get(one.cause, one.cause), one.message) for one in failed],
        ),
        _table(
            "Below their target",
            ("output", "S", "why"),
            [(one.output, f"{one.score:.4f}", "; ".join(one.warnings)) for one in below],
        ),
        _table(
            "Largest",
            ("output", "bytes", "S"),
            [(one.output, f"{one.bytes:,}", f"{one.score:.4f}") for one in largest],
        ),
        "</html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def bars(values: Sequence[float], form: str, count: int = 24) -> str:
    """Return a histogram as SVG."""
    if not values:
        return "<p>none</p>"
    low, high = min(values), max(values)
    width = (high - low) / count or 1.0
    counts = Counter(min(int((value - low) / width), count - 1) for value in values)
    most = max(counts.values())
    shapes = []
    for place, number in sorted(counts.items()):
        height = 100 * number / most
        title = f"{form.format(low + place * width)} and more: {number}"
        shapes.append(
            f'<rect x="{place * 25}" y="{110 - height:.1f}" width="23" height="{height:.1f}">'
            f"<title>{escape(title)}</title></rect>"
        )
    ends = (
        f'<text x="0" y="128">{form.format(low)}</text>'
        f'<text x="600" y="128" text-anchor="end">{form.format(high)}</text>'
        f'<text x="0" y="8">{most}</text>'
    )
    return f'<svg viewBox="0 0 600 130">{"".join(shapes)}{ends}</svg>'


def _table(title: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(value)}</td>" for value in row) + "</tr>"
        for row in rows[:MOST_ROWS]
    )
    more = len(rows) - MOST_ROWS
    rest = f"<p>and {more:,} more, which the JSON has</p>" if more > 0 else ""
    return f"<h2>{title} ({len(rows):,})</h2><table><tr>{head}</tr>{body}</table>{rest}"
