"""The table of README.md and the pictures of docs/gallery.md: ``gallery.py [--pictures FOLDER]``.

Film, a terminal, a drawing and pixel art are made into GIFs by ssimgif, with its defaults and at
--quality 90, and by the other programs that are installed, each over a grid: ffmpeg's palettegen
and paletteuse without dither at 256, 128, 64, 32, 16 and 8 colours, alone and through gifsicle -O3
--lossy=10 and 80; gifski (the program, or npm's gifski-wasm) at quality 20, 40, 60, 80, 90 and 100,
its last through gifsicle -O3 --lossy=80; ImageMagick and Pillow at 256 colours. The referees are
those of `referees.py`. A row has a GIF of ssimgif and the smallest other one that no referee likes
less.

The others' points are kept in a file of JSON lines, and not made again.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

import gifski_wasm
import peers
import ssimgif
from drawings import DRAWINGS, write_clip
from peers import Material, NotPossible, Recipe, Step, Workshop
from points import DRIFT, OURS
from referees import Scores, frames_at, judge, on_screen, programs
from sheets import write_readme, write_sheet

COLORS = (256, 128, 64, 32, 16, 8)
LOSSY = (10, 80)
QUALITIES = (20, 40, 60, 80, 90, 100)
ASKED = ("", "--quality 90")
# How many frames of a clip the referees look at, from the first to the last.
SAMPLES = 8
# What the others are forgiven by each referee, so that no hair decides.
SLACK = Scores(0.001, 0.5, 0.05)


@dataclass(frozen=True, slots=True)
class Entry:
    """One GIF: who made it and how, its bytes, its seconds more than the clip, what it scores."""

    clip: str
    program: str
    options: str
    bytes: int
    drift: float
    scores: Scores

    def as_good_as(self, other: Entry) -> bool:
        """Tell whether it has the clip's length, and no referee likes it less than another."""
        better = (
            self.scores.ssim - other.scores.ssim,
            self.scores.ssimulacra2 - other.scores.ssimulacra2,
            other.scores.butteraugli - self.scores.butteraugli,
        )
        return abs(self.drift) < DRIFT and all(
            gain >= -slack for gain, slack in zip(better, SLACK, strict=True)
        )


def own(options: str) -> Recipe:
    """Make ssimgif's GIF as the command does."""

    def make(material: Material, before: Path, out: Path) -> None:
        words = ["--no-cache", "--quiet", *options.split()]
        peers.call(sys.executable, "-m", "ssimgif", material.path, out, *words)

    return Recipe((Step(f"{OURS} {ssimgif.__version__}", options, make),))


def grid() -> Iterator[Recipe]:
    """Yield the recipes of all other programs that are installed."""
    packers = list(peers.programs("GIFSICLE", "gifsicle"))
    for path, version in peers.programs("FFMPEG", "ffmpeg"):
        for colors in COLORS:
            plain = Recipe((peers.ffmpeg(path, version, colors),))
            yield plain
            for packer in packers:
                yield from (plain.then(peers.gifsicle(*packer, lossy)) for lossy in LOSSY)
    for quality in QUALITIES:
        steps = [peers.gifski(*one, quality) for one in peers.programs("GIFSKI", "gifski")]
        for step in [*steps, *gifski_wasm.steps(quality)]:
            yield Recipe((step,))
            if quality == QUALITIES[-1]:
                yield from (Recipe((step, peers.gifsicle(*one, LOSSY[-1]))) for one in packers)
    for path, version in peers.programs("MAGICK", "magick", "convert"):
        yield Recipe((peers.magick(path, version, COLORS[0]),))
    yield Recipe((peers.pillow(COLORS[0]),))


def clips(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield names and clips; what is drawn is written into the folder."""
    yield "film", peers.BUNNY
    for name, draw in DRAWINGS.items():
        path = folder / f"{name}.nut"
        write_clip(path, draw())
        yield name, path


def measure(name: str, workshop: Workshop, material: Material, recipe: Recipe) -> Entry:
    """Make a GIF, and let the referees look at it."""
    gif, _ = workshop.make(material, recipe)
    durations = [frame.duration for frame in material.clip.frames()]
    chosen = np.linspace(0, len(durations) - 1, SAMPLES).round().astype(int)
    middles = [sum(durations[:number], durations[number] / 2) for number in chosen]
    scores = judge([material.pictures[number] for number in chosen], frames_at(gif, middles))
    drift = sum((seconds for seconds, _ in on_screen(gif)), Fraction(0)) - sum(durations)
    size = gif.stat().st_size
    return Entry(name, recipe.program, recipe.options, size, float(drift), scores)


def best_within(entries: Sequence[Entry], size: int) -> Entry:
    """Return the best looking GIF of at most so many bytes; the smallest where none is."""
    fitting = [entry for entry in entries if entry.bytes <= size]
    if not fitting:
        return min(entries, key=lambda entry: entry.bytes)
    return max(fitting, key=lambda entry: entry.scores.ssimulacra2)


def table(entries: Sequence[Entry]) -> str:
    """Return the Markdown table: ssimgif's GIFs, and the smallest others that are as good."""
    head = "clip|ssimgif|bytes|SSIM|SSIMULACRA2|butteraugli|smallest other as good|bytes|ours"
    rows = [head.split("|"), ["---", "---", *["--:"] * 4, "---", "--:", "--:"]]
    for ours in (entry for entry in entries if entry.program.startswith(OURS)):
        others = [e for e in entries if e.clip == ours.clip and not e.program.startswith(OURS)]
        good = [entry for entry in others if entry.as_good_as(ours)]
        best = min(good, key=lambda entry: entry.bytes, default=None)
        cells = [f"{_names(best)} {best.options}", f"{best.bytes:,}"] if best else ["none", ""]
        ssim, looks, error = ours.scores
        figures = [f"{ours.bytes:,}", f"{ssim:.3f}", f"{looks:.1f}", f"{error:.2f}"]
        ratio = f"{ours.bytes / best.bytes:.2f}" if best else ""
        rows.append([ours.clip, ours.options or "(default)", *figures, *cells, ratio])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def versions(entries: Sequence[Entry]) -> str:
    """Return the programs with their versions, each once."""
    programs = (program for entry in entries for program in entry.program.split(" + "))
    return ", ".join(dict.fromkeys(programs))


def _names(entry: Entry) -> str:
    return re.sub(r" [\d.]+\b", "", entry.program)


def read_entries(results: Path) -> dict[tuple[str, str, str], Entry]:
    """Return the others' points of a file, by clip, program and options; none where it isn't."""
    if not results.exists():
        return {}
    lines = map(json.loads, results.read_text(encoding="utf-8").splitlines())
    entries = [Entry(**line | {"scores": Scores(*line["scores"])}) for line in lines]
    return {(e.clip, e.program, e.options): e for e in entries}


def enter(name: str, path: Path, results: Path, pictures: Path | None) -> list[Entry]:
    """Return all entries of a clip, those of the file of results as they are there."""
    known = read_entries(results)
    recipes = [*map(own, ASKED), *grid()]
    entries = []
    with tempfile.TemporaryDirectory() as folder:
        material = peers.prepare(path, Path(folder))
        workshop = Workshop(Path(folder))
        for recipe in recipes:
            entry = known.get((name, recipe.program, recipe.options))
            if entry is None:
                try:
                    entry = measure(name, workshop, material, recipe)
                except NotPossible as error:
                    print(f"{name}: {recipe.program} left out, {error}", file=sys.stderr)
                    continue
                if not recipe.program.startswith(OURS):
                    with results.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(asdict(entry)) + "\n")
                print(entry, file=sys.stderr, flush=True)
            entries.append(entry)
        if pictures:
            best = best_within(entries[len(ASKED) :], entries[0].bytes)
            (peer,) = (r for r in recipes if (r.program, r.options) == (best.program, best.options))
            gifs = [workshop.make(material, recipe)[0] for recipe in (recipes[0], peer)]
            captions = [f"{e.program}, {e.bytes:,} bytes" for e in (entries[0], best)]
            write_sheet(material, name, gifs, captions, pictures)
    return entries


def main() -> None:
    """Measure all clips, print the table, and write the pictures if wanted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clips", nargs="*", metavar="NAME", help="such as film; all by default")
    parser.add_argument("--results", type=Path, default=Path("gallery.jsonl"), metavar="FILE")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="write the pictures there")
    arguments = parser.parse_args()
    programs()
    with tempfile.TemporaryDirectory() as folder:
        entries = [
            entry
            for name, path in clips(Path(folder))
            if name in arguments.clips or not arguments.clips
            for entry in enter(name, path, arguments.results, arguments.pictures)
        ]
    print(f"{table(entries)}\n\n{versions(entries)}")
    if arguments.pictures:
        write_readme(arguments.pictures)


if __name__ == "__main__":
    main()
