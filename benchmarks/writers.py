"""GIFs of Python's libraries by their own writers, and by ssimgif: ``writers.py [SETTINGS...]``.

Each of four animations is saved by each library with its defaults, and by ssimgif through the same
library with the first of the settings, such as ``quality=85,effort=3``, whose GIF is smaller and in
no figure worse; by the last ones where none is. The GIFs are read by Pillow, and compared on white
with the frames as they were drawn, by scikit-image alone: SSIM of luma as it is coded (sRGB) and in
linear light, colour difference (CIEDE2000), and PSNR. The exit code is 1 where a library's own GIF
wins in anything.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import matplotlib as mpl
import numpy as np
from matplotlib import animation
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image, ImageSequence
from skimage import color, metrics

import ssimgif_pillow
from animations import ANIMATIONS, FPS
from ssimgif.model import U8
from ssimgif_imageio import SsimGifPlugin
from ssimgif_matplotlib import SsimGifWriter

LADDER = ("", "quality=99,ssim=0.9999,delta_e=0.1")
MILLISECONDS = 1000 // FPS
LUMA = np.array([0.2126, 0.7152, 0.0722])
DPI = 100
Settings = dict[str, Any]
Floats = NDArray[np.float64]
# Takes a place, frames, and settings of ssimgif or None for the library's own writer.
Save = Callable[[Path, U8, Settings | None], object]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a GIF is worth: more is better, but for bytes and colour difference."""

    bytes: int
    ssim: float
    ssim_linear: float
    delta_e: float
    psnr: float

    def beats(self, other: Figures) -> bool:
        """Tell whether it is smaller, and no figure is worse."""
        return (
            self.bytes < other.bytes
            and self.ssim >= other.ssim
            and self.ssim_linear >= other.ssim_linear
            and self.delta_e <= other.delta_e
            and self.psnr >= other.psnr
        )

    def cells(self) -> list[str]:
        """Return it as the table has it."""
        similar = [f"{self.ssim:.5f}", f"{self.ssim_linear:.5f}"]
        psnr = "the same" if np.isinf(self.psnr) else f"{self.psnr:.1f} dB"
        return [f"{self.bytes:,}", *similar, f"{self.delta_e:.3f}", psnr]


def by_pillow(place: Path, frames: U8, settings: Settings | None) -> None:
    """Save as `Image.save` does."""
    own = settings is None
    first, *rest = map(Image.fromarray, frames)
    # Without a disposal, Pillow leaves what was opaque before.
    chosen = {"disposal": 2} if own and frames.shape[3] == 4 else settings or {}
    kind = "GIF" if own else ssimgif_pillow.FORMAT
    options = {"save_all": True, "append_images": rest, "duration": MILLISECONDS, "loop": 0}
    first.save(place, kind, **options, **chosen)


def by_imageio(place: Path, frames: U8, settings: Settings | None) -> None:
    """Save as `imageio.v3.imwrite` does."""
    own = settings is None
    chosen = {"disposal": 2} if own and frames.shape[3] == 4 else settings or {}
    plugin = "pillow" if own else SsimGifPlugin
    iio.imwrite(place, frames, plugin=plugin, duration=MILLISECONDS, loop=0, **chosen)


def by_matplotlib(place: Path, frames: U8, settings: Settings | None) -> None:
    """Save as `Animation.save` does, with a figure that shows the frames pixel by pixel."""
    height, width = frames.shape[1:3]
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    image = figure.figimage(frames[0])

    def draw(step: int) -> list[Any]:
        image.set_data(frames[step])
        return [image]

    moving = animation.FuncAnimation(figure, draw, len(frames), init_func=list)
    writer = animation.PillowWriter(FPS) if settings is None else SsimGifWriter(FPS, **settings)
    look = {"transparent": True} if frames.shape[3] == 4 else {}
    moving.save(place, writer=writer, dpi=DPI, savefig_kwargs=look)


LIBRARIES: dict[str, Save] = {
    "Pillow": by_pillow,
    "imageio": by_imageio,
    "matplotlib": by_matplotlib,
}


def measure(place: Path, frames: U8) -> Figures:
    """Compare a GIF with the frames that it was made of."""
    shown = on_screen(place)
    if len(shown) != len(frames):
        raise SystemExit(f"{place.name} lasts {len(shown)} frames instead of {len(frames)}")
    wanted = map(over_white, frames)
    scores = [frame_scores(one, other) for one, other in zip(wanted, shown, strict=True)]
    ssim, ssim_linear, delta_e, error = map(float, np.mean(scores, axis=0))
    psnr = float("inf") if error == 0 else -10 * float(np.log10(error))
    return Figures(place.stat().st_size, ssim, ssim_linear, delta_e, psnr)


def frame_scores(wanted: Floats, shown: Floats) -> tuple[float, float, float, float]:
    """Return SSIM, SSIM in linear light, mean CIEDE2000 and mean squared error of a frame."""
    if np.array_equal(wanted, shown):
        return 1.0, 1.0, 0.0, 0.0
    return (
        similar(wanted @ LUMA, shown @ LUMA),
        similar(linear(wanted) @ LUMA, linear(shown) @ LUMA),
        float(color.deltaE_ciede2000(color.rgb2lab(wanted), color.rgb2lab(shown)).mean()),
        float(((wanted - shown) ** 2).mean()),
    )


def on_screen(place: Path) -> list[Floats]:
    """Return what Pillow shows of a GIF at each frame's time, over white, 0..1."""
    shown = []
    with Image.open(place) as image:
        for frame in ImageSequence.Iterator(image):
            pixels = over_white(np.asarray(frame.convert("RGBA")))
            shown += [pixels] * round(frame.info["duration"] / MILLISECONDS)
    return shown


def over_white(pixels: U8) -> Floats:
    """Return pixels u8[h, w, 3 or 4] as they look on white, 0..1."""
    levels = pixels / 255
    if levels.shape[2] == 3:
        return levels
    alpha = levels[..., 3:]
    return levels[..., :3] * alpha + (1 - alpha)


def linear(levels: Floats) -> Floats:
    """Return sRGB in linear light."""
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def similar(one: Floats, other: Floats) -> float:
    """Return SSIM as its authors defined it (Wang et al. 2004)."""
    window = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return float(metrics.structural_similarity(one, other, data_range=1, **window))


def parsed(text: str) -> Settings:
    """Return settings that were written as on the command line."""
    return dict(part.split("=") for part in text.split(",") if part)


def compare(frames: U8, save: Save, ladder: Sequence[str], place: Path) -> tuple[Figures, ...]:
    """Return the figures of the library's own GIF, and of ssimgif's for each of the settings."""
    save(place, frames, None)
    figures = [measure(place, frames)]
    for text in ladder:
        save(place, frames, parsed(text))
        figures.append(measure(place, frames))
        if figures[-1].beats(figures[0]):
            break
    return tuple(figures)


def main(ladder: Sequence[str]) -> int:
    """Print the table, and how often ssimgif won."""
    mpl.use("Agg")
    print("| animation | written by | bytes | SSIM | in linear light | colour difference | PSNR |")
    print("|---|---|--:|--:|--:|--:|--:|")
    won = []
    with tempfile.TemporaryDirectory() as folder:
        for name, draw in ANIMATIONS.items():
            frames = draw()
            for library, save in LIBRARIES.items():
                own, *ours = compare(frames, save, ladder, Path(folder, "a.gif"))
                settings = ladder[len(ours) - 1]
                print_row(name, f"{library}'s own", own)
                print_row(name, f"ssimgif {settings}".strip(), ours[-1])
                won.append(ours[-1].beats(own))
    print(f"\nssimgif's is smaller, and no figure worse: {sum(won)} of {len(won)}")
    return 0 if all(won) else 1


def print_row(animation_name: str, writer: str, figures: Figures) -> None:
    """Print a line of the table."""
    print(f"| {' | '.join([animation_name, writer, *figures.cells()])} |", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or LADDER))
