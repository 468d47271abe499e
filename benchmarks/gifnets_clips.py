"""What the networks do to whole clips: GIFs of few colours with and without the plug-in.

usage: python benchmarks/gifnets_clips.py CLIP ... [--colors 16,32,64] [--results FILE]

So few colours miss the usual targets. What is asked is what most clips can reach with them, and no
looks, so that sizes are mostly those of equal S, and looks and banding tell the rest.

Four conversions for each clip and number of colours: without the plug-in; with it, which lets
BandingNet judge where to dither; with PaletteNet's palettes besides; and dithered by DitherNet.
Every GIF is scored by `ssimgif.verify`. Rows go to the results as JSON lines, those that
are there are not made again, and a table of all is printed. Seconds are those of the CPU.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import process_time
from typing import Any

import ssimgif
from ssimgif import plugins
from ssimgif.settings import Settings
from ssimgif.verify import verify

VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "without": ("", {}),
    "with": ("gifnets", {}),
    "+palettenet": ("gifnets", {"palettes": "+palettenet"}),
    "dithernet": ("gifnets", {"dither": "dithernet"}),
}
# S and mean colour difference asked for, by the greatest number of colours that they are for.
TARGETS = {16: (0.80, 7.0), 32: (0.86, 5.0), 64: (0.91, 4.0), 256: (0.95, 2.0)}
COLUMNS = ("bytes", "S", "looks", "band", "palettes")


def measure(path: Path, colors: int, variant: str, options: dict[str, Any]) -> dict[str, Any]:
    """Make one GIF and score it."""
    names, choices = VARIANTS[variant]
    os.environ["SSIMGIF_PLUGINS"] = names
    plugins.plugin_manager.cache_clear()
    ssim, delta_e = next(target for most, target in TARGETS.items() if colors <= most)
    settings = Settings(
        ssim=ssim, quality=0.0, delta_e=delta_e, colors=colors, no_cache=True, **options, **choices
    )
    with tempfile.TemporaryDirectory() as folder:
        gif = Path(folder) / "out.gif"
        started = process_time()
        report = ssimgif.convert(path, gif, settings)
        seconds = process_time() - started
        score = verify(plugins.open_clip(path), plugins.open_clip(gif)).score
    won = Counter(scene.strategy for scene in report.scenes)
    return {
        "clip": path.stem,
        "colors": colors,
        "variant": variant,
        "bytes": report.bytes,
        "S": round(score.score, 4),
        "looks": round(score.looks_mean or 0.0, 1),
        "band": round(100 * (score.banding or 0.0), 2),
        "seconds": round(seconds, 1),
        "valid": report.valid,
        "palettes": ", ".join(f"{count} {name}" for name, count in won.most_common()),
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows as Markdown; sizes are compared with the first of their clip and colours."""
    lines = [f"| clip | colours | | {' | '.join(COLUMNS)} |", "| --- " * (3 + len(COLUMNS)) + "|"]
    base: dict[tuple[str, int], int] = {}
    for row in rows:
        before = base.setdefault((row["clip"], row["colors"]), row["bytes"])
        change = "" if before == row["bytes"] else f" ({100 * (row['bytes'] / before - 1):+.1f} %)"
        cells = [f"{row['bytes']:,}{change}", *(str(row[name]) for name in COLUMNS[1:])]
        missed = "" if row["valid"] else ", below the target"
        lines.append(
            f"| {row['clip']} | {row['colors']} | {row['variant']}{missed} | {' | '.join(cells)} |"
        )
    return "\n".join(lines)


def read(path: Path) -> dict[tuple[str, int, str], dict[str, Any]]:
    """Return the rows of a file of JSON lines by what tells them apart."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [json.loads(line) for line in lines]
    return {(row["clip"], row["colors"], row["variant"]): row for row in rows}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--colors", default="16,32,64")
    parser.add_argument("--variants", default=",".join(VARIANTS))
    parser.add_argument("--effort", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--results", type=Path, default=Path("gifnets_clips.jsonl"))
    given = parser.parse_args()
    options = {"effort": given.effort, "jobs": given.jobs}
    known = read(given.results)
    for path in given.clips:
        for colors in map(int, given.colors.split(",")):
            for variant in given.variants.split(","):
                if (path.stem, colors, variant) in known:
                    continue
                row = measure(path, colors, variant, options)
                with given.results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
                print(json.dumps(row), flush=True)
    print(table(list(read(given.results).values())))


if __name__ == "__main__":
    main()
