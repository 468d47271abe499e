"""Other programs' GIFs against ssimgif's: ``make peers``, or ``peers.py [CLIP...] [options]``.

Each program of the grid makes GIFs of each clip; every GIF is scored by `ssimgif.verify`,
which computes SSIM and CIEDE2000 by scikit-image. Points go to a file of JSON lines; others' that
are there already are not made again, ssimgif's are. Programs are taken from the variables FFMPEG,
GIFSICLE, GIFSKI and MAGICK (several versions are separated as in PATH), else from PATH; what is
not installed is left out with a line. Clips are taken as opaque, on white.

The grid: ffmpeg's palettegen and paletteuse without dither at 256, 128, 64 and 32 colours, alone
and through gifsicle -O3 --lossy=10, 20 and 80; gifski at quality 60, 80 and 100, and its last
through gifsicle -O3 --lossy=80; ImageMagick and Pillow, which make a palette a frame, at 256 and
64 colours without dither.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from time import perf_counter

import av
import numpy as np
import PIL
from PIL import Image

import ssimgif
from points import OURS, Point, all_points, append_point, read_points, table
from ssimgif import plugins
from ssimgif.gif.timing import Slot, plan
from ssimgif.metrics.score import on_white
from ssimgif.model import Clip
from ssimgif.verify import verify

BUNNY = Path(__file__).parents[1] / "tests" / "data" / "bunny.avif"
COLORS = (256, 128, 64, 32)
FEW_COLORS = (256, 64)
LOSSY = (10, 20, 80)
QUALITIES = (60, 80, 100)
TARGETS = (0.92, 0.95)
LONGEST = 600
# Ticks of a second in the file that ffmpeg reads.
TIMEBASE = 90_000


class NotPossible(Exception):
    """Why a program makes no GIF of a clip, in one line."""


@dataclass(frozen=True, slots=True)
class Material:
    """A clip in the forms that the programs read.

    Attributes
    ----------
    clip : Clip
    name : str
    path : Path
        The clip itself.
    video : Path
        FFV1 without loss, with the clip's own times.
    pictures : tuple of Path
        PNG, one a frame.
    rate : Fraction or None
        Frames a second; None where it varies.
    slots : tuple of Slot
        The frames' delays in centiseconds.
    """

    clip: Clip
    name: str
    path: Path
    video: Path
    pictures: tuple[Path, ...]
    rate: Fraction | None
    slots: tuple[Slot, ...]


Make = Callable[[Material, Path, Path], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One program's work: ``make(material, what the step before made, what to make)``."""

    program: str
    options: str
    make: Make


@dataclass(frozen=True, slots=True)
class Recipe:
    """The steps that make one GIF."""

    steps: tuple[Step, ...]

    @property
    def program(self) -> str:
        """All programs, with versions."""
        return " + ".join(step.program for step in self.steps)

    @property
    def options(self) -> str:
        """All options."""
        return " ".join(step.options for step in self.steps)

    def then(self, step: Step) -> Recipe:
        """Return the recipe with one step more."""
        return Recipe((*self.steps, step))


@dataclass(slots=True)
class Workshop:
    """Makes GIFs, and remembers what a step made, for recipes that begin alike."""

    folder: Path
    made: dict[Recipe, tuple[Path, float]] = field(default_factory=dict)

    def make(self, material: Material, recipe: Recipe) -> tuple[Path, float]:
        """Return the GIF and the seconds that all its steps took."""
        if not recipe.steps:
            return material.video, 0.0
        if recipe not in self.made:
            before, seconds = self.make(material, Recipe(recipe.steps[:-1]))
            out = self.folder / f"{len(self.made)}.gif"
            started = perf_counter()
            recipe.steps[-1].make(material, before, out)
            self.made[recipe] = out, seconds + perf_counter() - started
        return self.made[recipe]


def call(*words: object) -> None:
    """Run a program.

    Raises
    ------
    NotPossible
        When it fails, with the last line of what it said.
    """
    try:
        subprocess.run(
            [str(word) for word in words], capture_output=True, check=True, timeout=LONGEST
        )
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise NotPossible(lines[-1]) from None
    except subprocess.TimeoutExpired:
        raise NotPossible(f"it took more than {LONGEST} s") from None


def programs(variable: str, *names: str) -> Iterator[tuple[str, str]]:
    """Yield the path and version of each installed program; say so where there is none."""
    paths = os.environ.get(variable, "").split(os.pathsep)
    found = [path for path in map(shutil.which, filter(None, paths)) if path]
    found = found or [path for path in map(shutil.which, names) if path][:1]
    if not found:
        print(f"{names[0]} is not installed and left out", file=sys.stderr)
    for path in found:
        said = subprocess.run([path, "-version"], capture_output=True, text=True, check=False)
        if said.returncode:
            said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        version = re.search(r"\d+(\.\d+)+", said.stdout)
        yield path, version[0] if version else "?"


def ffmpeg(path: str, version: str, colors: int) -> Step:
    """Make one palette for the clip, and map to the nearest colours."""
    graph = (
        f"split[a][b];[a]palettegen=max_colors={colors}:stats_mode=full[p];"
        "[b][p]paletteuse=dither=none:diff_mode=rectangle"
    )
    times = ["-fps_mode", "passthrough", "-enc_time_base", "1:100"]

    def make(material: Material, before: Path, out: Path) -> None:
        # The video does not say how long its last frame stays.
        last = ["-final_delay", material.slots[-1].delay]
        call(path, "-v", "error", "-i", before, "-lavfi", graph, *times, *last, out)

    return Step(f"ffmpeg {version}", f"colors={colors}", make)


def gifsicle(path: str, version: str, lossy: int) -> Step:
    """Pack a GIF again with loss."""

    def make(material: Material, before: Path, out: Path) -> None:
        call(path, "-O3", f"--lossy={lossy}", before, "-o", out)

    return Step(f"gifsicle {version}", f"lossy={lossy}", make)


def gifski(path: str, version: str, quality: int) -> Step:
    """Make palettes and dither over time; frames at one rate only."""

    def make(material: Material, before: Path, out: Path) -> None:
        if material.rate is None:
            raise NotPossible("it takes frames at one rate only")
        rate = float(material.rate)
        options = ["-q", "-Q", quality, "--fps", rate, "-W", material.clip.width]
        call(path, *options, "--no-sort", "-o", out, *material.pictures)

    return Step(f"gifski {version}", f"quality={quality}", make)


def magick(path: str, version: str, colors: int) -> Step:
    """Make a palette a frame, and leave out what stays."""

    def make(material: Material, before: Path, out: Path) -> None:
        words: list[object] = [path, "-loop", 0]
        for slot in material.slots:
            words += ["-delay", slot.delay, material.pictures[slot.source]]
        call(*words, "+dither", "-colors", colors, "-layers", "Optimize", out)

    return Step(f"ImageMagick {version}", f"colors={colors}", make)


def pillow(colors: int) -> Step:
    """Make a palette a frame by median cut."""

    def make(material: Material, before: Path, out: Path) -> None:
        frames = []
        for slot in material.slots:
            with Image.open(material.pictures[slot.source]) as picture:
                frames.append(picture.quantize(colors, dither=Image.Dither.NONE))
        delays = [10 * slot.delay for slot in material.slots]
        frames[0].save(out, save_all=True, append_images=frames[1:], duration=delays, loop=0)

    return Step(f"Pillow {PIL.__version__}", f"colors={colors}", make)


def own(target: float, effort: int) -> Recipe:
    """Make ssimgif's own GIF for an SSIM."""

    def make(material: Material, before: Path, out: Path) -> None:
        options = ["--ssim", target, "--effort", effort, "--quiet"]
        call(sys.executable, "-m", "ssimgif", material.path, out, *options)

    options = f"ssim={target:g} effort={effort}"
    return Recipe((Step(f"{OURS} {ssimgif.__version__}", options, make),))


def grid() -> Iterator[Recipe]:
    """Yield the recipes of all peers that are installed."""
    packers = list(programs("GIFSICLE", "gifsicle"))
    for path, version in programs("FFMPEG", "ffmpeg"):
        for colors in COLORS:
            plain = Recipe((ffmpeg(path, version, colors),))
            yield plain
            for packer in packers:
                yield from (plain.then(gifsicle(*packer, lossy)) for lossy in LOSSY)
    for path, version in programs("GIFSKI", "gifski"):
        for quality in QUALITIES:
            yield Recipe((gifski(path, version, quality),))
        best = Recipe((gifski(path, version, QUALITIES[-1]),))
        yield from (best.then(gifsicle(*packer, LOSSY[-1])) for packer in packers)
    for path, version in programs("MAGICK", "magick", "convert"):
        yield from (Recipe((magick(path, version, colors),)) for colors in FEW_COLORS)
    yield from (Recipe((pillow(colors),)) for colors in FEW_COLORS)


def open_clip(path: Path) -> Clip:
    """Open a clip or a GIF as ssimgif does."""
    return plugins.open_clip(str(path))


def prepare(path: Path, folder: Path) -> Material:
    """Write a clip in the forms that the programs read."""
    clip = open_clip(path)
    video = folder / "clip.nut"
    pictures: list[Path] = []
    durations: list[Fraction] = []
    with av.open(str(video), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = clip.width, clip.height, "bgr0"
        stream.codec_context.time_base = Fraction(1, TIMEBASE)
        for number, frame in enumerate(clip.frames()):
            rgb = np.ascontiguousarray(on_white(frame.pixels))
            pictures.append(folder / f"{number:05}.png")
            Image.fromarray(rgb).save(pictures[-1], compress_level=1)
            picture = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="bgr0")
            picture.time_base = Fraction(1, TIMEBASE)
            picture.pts = round(sum(durations) * TIMEBASE)
            container.mux(stream.encode(picture))
            durations.append(frame.duration)
        container.mux(stream.encode(None))
    rate = 1 / durations[0] if len(set(durations)) == 1 else None
    return Material(clip, path.stem, path, video, tuple(pictures), rate, tuple(plan(durations)))


def measure(workshop: Workshop, material: Material, recipe: Recipe) -> Point:
    """Make a GIF and score it."""
    gif, seconds = workshop.make(material, recipe)
    verified = verify(material.clip, open_clip(gif))
    score = verified.score
    return Point(
        clip=material.name,
        program=recipe.program,
        options=recipe.options,
        bytes=gif.stat().st_size,
        seconds=round(seconds, 2),
        score=round(score.score, 6),
        delta_e_mean=round(score.delta_e_mean, 4),
        delta_e_p95=round(score.delta_e_p95, 4),
        looks_mean=round(score.looks_mean or 0.0, 3),
        looks_p10=round(score.looks_p10 or 0.0, 3),
        banding=round(score.banding or 0.0, 6),
        drift=round(verified.drift, 4),
    )


def measure_clip(path: Path, recipes: Sequence[Recipe], results: Path) -> None:
    """Add to the results what they lack of a clip."""
    known = {point.key for point in read_points(results) if not point.is_ours}
    missing = [r for r in recipes if (path.stem, r.program, r.options) not in known]
    if not missing:
        return
    with tempfile.TemporaryDirectory() as folder:
        material = prepare(path, Path(folder))
        workshop = Workshop(Path(folder))
        for recipe in missing:
            line = f"{path.stem}: {recipe.program} {recipe.options}"
            try:
                point = measure(workshop, material, recipe)
            except (NotPossible, ssimgif.SsimGifError) as error:
                print(f"{line}: left out, {error}", file=sys.stderr)
                continue
            append_point(results, point)
            print(f"{line}: {point.bytes:,} bytes, S {point.score:.4f}", file=sys.stderr)


def main() -> None:
    """Measure the named clips and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clips", nargs="*", type=Path, default=[BUNNY], metavar="CLIP")
    parser.add_argument("--results", type=Path, default=Path("peers.jsonl"), metavar="FILE")
    parser.add_argument("--target", type=float, action="append", help="SSIM; may be repeated")
    parser.add_argument("--effort", type=int, default=5)
    parser.add_argument("--only", default="", help="a regular expression for programs, options")
    parser.add_argument("--all", action="store_true", help="print all points as well")
    parser.add_argument("--plot", type=Path, metavar="FOLDER", help="write an SVG for each clip")
    arguments = parser.parse_args()
    targets = arguments.target or TARGETS
    recipes = [*grid(), *(own(target, arguments.effort) for target in targets)]
    recipes = [r for r in recipes if re.search(arguments.only, f"{r.program} {r.options}")]
    call(sys.executable, "-m", "ssimgif", "doctor", "--warm")
    for clip in arguments.clips:
        measure_clip(clip, recipes, arguments.results)
    names = [clip.stem for clip in arguments.clips]
    points = [point for point in read_points(arguments.results) if point.clip in names]
    print(table(points, targets))
    if arguments.all:
        print(f"\n{all_points(points)}")
    if arguments.plot:
        from plot import plot

        arguments.plot.mkdir(parents=True, exist_ok=True)
        for name in names:
            plot([p for p in points if p.clip == name], arguments.plot / f"{name}.svg")


if __name__ == "__main__":
    main()
