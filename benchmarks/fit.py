"""To a limit of bytes, by itself and by hand: ``fit.py [CLIP...] [options]``.

For each clip and limit, ssimgif chooses width, frame rate and quality; beside it stand the best of
a grid by hand (widths of 100, 75, 50 and 35 %, all, half and a third of the frames, each with
``--max-bytes``) and the best of ffmpeg's palettegen and paletteuse with gifsicle --lossy and of
gifski (from the variables FFMPEG, GIFSICLE and GIFSKI, else from PATH; what is not installed is
left out) over the same widths and rates. "Best" is by the quality as shown: scaled up to the
source's size, each picture held as long as it stays, over all frames.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from pathlib import Path
from statistics import median_low
from time import process_time

import ssimgif
from peers import BUNNY, call, programs
from ssimgif.fitting.candidate import played
from ssimgif.fitting.shown import score_shown
from ssimgif.model import Clip
from ssimgif.ratecontrol import quality_seen

LIMITS = (128_000, 256_000, 512_000, 1_000_000, 2_000_000)
WIDTHS = (1.0, 0.75, 0.5, 0.35)
DIVISORS = (1, 2, 3)
COLORS = (256, 64)
LOSSY = (20, 80, 200)
GIFSKI_QUALITIES = (40, 70, 100)
ROWS = "| clip | limit | how | size | bytes | used | as shown | looks | worst places | CPU s |"


@dataclass(frozen=True, slots=True)
class Made:
    """A GIF, how it was made, and what it took."""

    how: str
    shape: str
    gif: bytes
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Bench:
    """A clip, and what conversions of it are told."""

    path: Path
    seconds: Fraction | None
    effort: int
    widths: Sequence[float]
    divisors: Sequence[int]

    def settings(self, **changes: object) -> ssimgif.Settings:
        """Return settings for the piece of the clip."""
        return ssimgif.Settings(
            end=self.seconds,
            effort=self.effort,
            no_cache=True,
            **changes,  # type: ignore[arg-type]
        )

    def source(self) -> Clip:
        """Return the piece of the clip."""
        return ssimgif.prepared(ssimgif.open_clip(self.path), self.settings())

    def rate(self) -> Fraction:
        """Return the frames a second that the clip mostly has."""
        return 1 / median_low(frame.duration for frame in self.source().frames())

    def shapes(self) -> Iterator[tuple[int, Fraction | None]]:
        """Yield widths and frame rates of the grid; None is the clip's own."""
        clip = self.source()
        for share, divisor in product(self.widths, self.divisors):
            fps = (self.rate() / divisor).limit_denominator(1000)
            yield round(share * clip.width), None if divisor == 1 else fps

    def ours(self, how: str, **changes: object) -> Made:
        """Let ssimgif make one."""
        start = process_time()
        made = ssimgif.encode(ssimgif.open_clip(self.path), self.settings(**changes))
        source = made.report.source
        shape = f"{source.width}x{source.height}, {made.report.frames_coded} frames"
        return Made(how, shape, made.data, process_time() - start)

    def by_hand(self, limit: int) -> Iterator[Made]:
        """Yield a GIF of each width and rate."""
        for width, fps in self.shapes():
            fixed = {"max_bytes": limit, "width": width, "fps": fps, "keep_fps": True}
            yield self.ours("grid by hand", **fixed)

    def others(self, folder: Path) -> Iterator[Made]:
        """Yield other programs' GIFs, of all sizes."""
        pictures = folder / "pictures"
        pictures.mkdir()
        rate = self.rate()
        for number, frame in enumerate(self.source().frames()):
            _save(pictures / f"{number:04}.png", frame.pixels)
        for width, fps in self.shapes():
            yield from _ffmpeg(folder, pictures, rate, width, fps or rate)
            yield from _gifski(folder, pictures, rate, width, fps or rate)


def _save(path: Path, pixels: object) -> None:
    from PIL import Image

    Image.fromarray(pixels[..., :3]).save(path)  # type: ignore[index]


def _ffmpeg(
    folder: Path, pictures: Path, rate: Fraction, width: int, fps: Fraction
) -> Iterator[Made]:
    for (ffmpeg, _), (gifsicle, _) in product(
        programs("FFMPEG", "ffmpeg"), programs("GIFSICLE", "gifsicle")
    ):
        for colors in COLORS:
            path, packed = folder / "f.gif", folder / "g.gif"
            graph = (
                f"fps={fps},scale={width}:-1:flags=lanczos,split[a][b];"
                f"[a]palettegen=max_colors={colors}[p];[b][p]paletteuse=dither=none"
            )
            given = ("-framerate", rate, "-i", pictures / "%04d.png")
            call(ffmpeg, "-y", "-loglevel", "error", *given, "-vf", graph, path)
            for lossy in LOSSY:
                call(gifsicle, "-O3", f"--lossy={lossy}", path, "-o", packed)
                shape = f"{width} px at {float(fps):.3g}, {colors} colours, lossy {lossy}"
                yield Made("ffmpeg, gifsicle", shape, packed.read_bytes())


def _gifski(
    folder: Path, pictures: Path, rate: Fraction, width: int, fps: Fraction
) -> Iterator[Made]:
    step = round(rate / fps)
    names = sorted(pictures.iterdir())[::step]
    for gifski, _ in programs("GIFSKI", "gifski"):
        for quality in GIFSKI_QUALITIES:
            path = folder / "k.gif"
            given = ("-Q", quality, "--width", width, "--fps", float(fps), "-o", path)
            call(gifski, "--quiet", *given, *names)
            shape = f"{width} px at {float(fps):.3g}, quality {quality}"
            yield Made("gifski", shape, path.read_bytes())


def row(bench: Bench, limit: int, source: Clip, made: Made) -> tuple[float, str]:
    """Return the quality that is seen of a GIF, and its row of the table."""
    shown = played(io.BytesIO(made.gif))
    score = score_shown(source.frames(), shown, (source.width, source.height))
    seen = quality_seen(score)
    size = len(made.gif)
    figures = f"{seen:.1f} | {score.looks_mean:.1f} | {score.local_mean:.2f} | {made.seconds:.0f}"
    name = f"{bench.path.stem} | {limit:,} | {made.how} | {made.shape}"
    return seen, f"| {name} | {size:,} | {size / limit:.0%} | {figures} |"


def best_row(bench: Bench, limit: int, source: Clip, made: Sequence[Made]) -> str | None:
    """Return the row of the best GIF within a limit, with the seconds of all of them."""
    fitting = [row(bench, limit, source, one) for one in made if len(one.gif) <= limit]
    return max(fitting)[1] if fitting else None


def measure(bench: Bench, limits: Sequence[int], peers: bool, grid: bool) -> Iterator[str]:
    """Yield the rows of a clip."""
    source = bench.source()
    with tempfile.TemporaryDirectory() as folder:
        others = list(bench.others(Path(folder))) if peers else []
    for limit in limits:
        chosen = bench.ours("chosen", max_bytes=limit)
        yield row(bench, limit, source, chosen)[1]
        groups = [list(bench.by_hand(limit))] if grid else []
        groups += [[one for one in others if one.how == how] for how in {o.how for o in others}]
        yield from filter(None, (best_row(bench, limit, source, group) for group in groups))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="*", type=Path, default=[BUNNY])
    parser.add_argument("--limits", nargs="+", type=int, default=LIMITS)
    parser.add_argument("--seconds", type=Fraction, help="only so much of each clip")
    parser.add_argument("--effort", type=int, default=3)
    parser.add_argument("--widths", nargs="+", type=float, default=WIDTHS)
    parser.add_argument("--divisors", nargs="+", type=int, default=DIVISORS)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--no-grid", action="store_true", help="nothing by hand")
    asked = parser.parse_args()
    peers = not asked.no_peers and bool(shutil.which("ffmpeg"))
    print(ROWS, "|".join(["", *["---"] * 10, ""]), sep="\n", flush=True)
    for path in asked.clips:
        bench = Bench(path, asked.seconds, asked.effort, asked.widths, asked.divisors)
        for text in measure(bench, asked.limits, peers, not asked.no_grid):
            print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
