"""The evaluation tables, made with the networks as they are shipped (without torch)."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image
from skimage.filters import gaussian
from skimage.metrics import structural_similarity

from ssimgif_gifnets.arrays import F32, U8
from ssimgif_gifnets.banding_metric import banding_score
from ssimgif_gifnets.banding_net import BandingNet
from ssimgif_gifnets.color_bins import color_bins, initial_palette
from ssimgif_gifnets.dither_net import DitherNet
from ssimgif_gifnets.palette_net import PaletteNet
from ssimgif_gifnets.projection import Colors
from ssimgif_gifnets.training.noise import noise_tile
from ssimgif_gifnets.training.photographs import find_photographs
from ssimgif_gifnets.training.quantized import quantized_example
from ssimgif_gifnets.training.quantizers import (
    floyd_steinberg,
    lloyd_step,
    median_cut,
    nearest,
    noise_dither,
    rounded,
)

SIZES = (16, 32, 64, 128, 256)
BLUR = 1.5
# What DitherNet starts from.
NOISE_STRENGTH = 0.5
# Quantised examples of each picture, and the seed of the first.
EXAMPLES = 4
EXAMPLE_SEED = 7

Rows = list[tuple[str, dict[str, float]]]


def read_arrays(path: Path) -> dict[str, F32]:
    """Return the arrays of a network's file, in single precision."""
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name].astype(np.float32) for name in arrays.files}


def evaluate(folders: Sequence[Path], weights: Path, names: Sequence[str]) -> Iterator[str]:
    """Make tables in Markdown: for each folder, and for all of them together.

    Parameters
    ----------
    folders : sequence of Path
        See `find_photographs`; 256 x 256 centre crops are used.
    weights : Path
        A folder with the networks' files.
    names : sequence of str
        Tables, of ``palette``, ``banding`` and ``dither``.

    Yields
    ------
    str
        Lines.
    """
    kinds: dict[str, type[Table]] = {
        "palette": PaletteTable,
        "banding": BandingTable,
        "dither": DitherTable,
    }
    pictures = [[item.pixels() for item in find_photographs(folder)] for folder in folders]
    for name in names:
        table = kinds[name](weights)
        found = [[table.figures(pixels) for pixels in group] for group in pictures]
        groups = list(zip([folder.name for folder in folders], found, strict=True))
        if len(folders) > 1:
            groups.append((" + ".join(label for label, _ in groups), [f for g in found for f in g]))
        for label, figures in groups:
            yield f"{name}, {label}, {len(figures)} pictures"
            yield ""
            yield from markdown(table.title, _means_by_row(figures), table.form)
            yield ""


class Table(Protocol):
    """Measures pictures one by one.

    Attributes
    ----------
    title : str
        Of the first column.
    form : str
        How figures are written.
    """

    title: str
    form: str

    def __init__(self, weights: Path) -> None: ...

    def figures(self, pixels: U8) -> Rows:
        """Return the figures of one picture by row; a row may occur again."""


class PaletteTable:
    """Compares the PSNR of palettes, each pixel in the nearest colour."""

    title = "colours"
    form = "{:.2f}"

    def __init__(self, weights: Path) -> None:
        self._network = PaletteNet.of(read_arrays(weights / "palettenet.npz"))

    def figures(self, pixels: U8) -> Rows:
        """Measure one picture."""
        return [(str(size), self._sized(pixels, size)) for size in SIZES]

    def _sized(self, pixels: U8, size: int) -> dict[str, float]:
        cut = median_cut(pixels, size)
        bins, shares = color_bins(pixels)
        start = initial_palette(bins, shares, size)
        made = predicted(self._network, pixels, size)
        palettes = {
            "median cut": cut,
            "+ 2 Lloyd": lloyd_step(pixels, lloyd_step(pixels, cut)),
            "start": rounded(start),
            "start + 3 Lloyd": rounded(lloyd_on_bins(bins, shares, start, 3)),
            "PaletteNet": made,
            "PaletteNet + 1 Lloyd": lloyd_step(pixels, made),
        }
        figures = {
            name: psnr(pixels, palette[nearest(pixels, palette)])
            for name, palette in palettes.items()
        }
        return figures | {"gain": figures["PaletteNet"] - figures["median cut"]}


class BandingTable:
    """Compares BandingNet with the metric it learned, with and without the edge map."""

    title = "examples"
    form = "{:.3f}"

    def __init__(self, weights: Path) -> None:
        self._networks = {"BandingNet": BandingNet.of(read_arrays(weights / "bandingnet.npz"))}
        self._random = np.random.default_rng(EXAMPLE_SEED)
        without = weights / "bandingnet-luma.npz"
        if without.is_file():
            arrays = read_arrays(without)
            # A filter of zeros for the edge map makes it the network that never saw one.
            luma = arrays["convs.0.weight"]
            arrays["convs.0.weight"] = np.concatenate([luma, np.zeros_like(luma)], axis=1)
            self._networks["without edge map"] = BandingNet.of(arrays)

    def figures(self, pixels: U8) -> Rows:
        """Measure one picture, made of few colours in several ways."""
        rows: Rows = []
        for _ in range(EXAMPLES):
            example = quantized_example(pixels, self._random)
            score = banding_score(example.pixels)
            differences = {
                name: abs(network.score(example.pixels) - score)
                for name, network in self._networks.items()
            }
            kind = "Floyd-Steinberg" if example.diffused else "others"
            rows += [(name, {"mean score": score} | differences) for name in ("all", kind)]
        return rows


class DitherTable:
    """Compares ways to dither by five figures."""

    title = "colours, way"
    form = "{:.4g}"

    def __init__(self, weights: Path) -> None:
        self._palette_net = PaletteNet.of(read_arrays(weights / "palettenet.npz"))
        self._dither_net = DitherNet.of(read_arrays(weights / "dithernet.npz"))

    def figures(self, pixels: U8) -> Rows:
        """Measure one picture."""
        rows: Rows = []
        tile = noise_tile()
        noise = np.tile(tile, [-(-side // len(tile)) for side in pixels.shape[:2]])
        noise = noise[: pixels.shape[0], : pixels.shape[1]]
        full, blurry = np.ones(pixels.shape[:2], np.float32), blurred(pixels)
        for size in SIZES:
            cut, made = median_cut(pixels, size), predicted(self._palette_net, pixels, size)
            noisy = noise_dither(pixels, made, noise, NOISE_STRENGTH)
            dithered = self._dither_net.dither(pixels, Colors.of(made), full)
            ways = {
                "median cut + Floyd-Steinberg": (floyd_steinberg(pixels, cut), cut),
                "PaletteNet": (nearest(pixels, made), made),
                "PaletteNet + Floyd-Steinberg": (floyd_steinberg(pixels, made), made),
                f"PaletteNet + blue noise {NOISE_STRENGTH}": (noisy, made),
                "PaletteNet + DitherNet": (dithered, made),
            }
            for way, (indices, palette) in ways.items():
                rows.append((f"{size} {way}", dither_figures(pixels, blurry, indices, palette)))
        return rows


def predicted(network: PaletteNet, pixels: U8, size: int) -> U8:
    """Return PaletteNet's palette u8[k, 3] of a picture, nothing else done to it."""
    bins, shares = color_bins(pixels)
    start, levels = initial_palette(bins, shares, size), np.float32(255)
    return rounded(network.palette(bins / levels, shares, start / levels) * 255)


def lloyd_on_bins(bins: F32, shares: F32, palette: F32, steps: int) -> F32:
    """Do Lloyd steps on weighted colours f32[n, 3] in place of pixels."""
    moved = palette.astype(np.float64)
    for _ in range(steps):
        # The squared distance less that of the bin to 0, which is the same for all colours.
        labels = (np.square(moved).sum(axis=1) - 2 * bins @ moved.T).argmin(axis=1)
        mass = np.bincount(labels, shares, len(moved))
        for channel in range(3):
            sums = np.bincount(labels, shares * bins[:, channel], len(moved))
            moved[mass > 0, channel] = sums[mass > 0] / mass[mass > 0]
    return moved.astype(np.float32)


def blurred(pixels: U8) -> F32:
    """Return u8[h, w, 3] pixels after the Gaussian `BLUR`, as f32."""
    levels = pixels.astype(np.float32)
    return np.asarray(gaussian(levels, sigma=BLUR, channel_axis=2, preserve_range=True), np.float32)


def dither_figures(pixels: U8, blurry: F32, indices: U8, palette: U8) -> dict[str, float]:
    """Return PSNR, SSIM of luma, PSNR after a blur, banding score and bytes of a result.

    Parameters
    ----------
    pixels : u8[h, w, 3]
    blurry : f32[h, w, 3]
        The same, `blurred`.
    indices : u8[h, w]
    palette : u8[k, 3]
    """
    made = palette[indices]
    return {
        "PSNR": psnr(pixels, made),
        "SSIM": float(
            structural_similarity(
                _luma(pixels),
                _luma(made),
                gaussian_weights=True,
                sigma=1.5,
                use_sample_covariance=False,
                data_range=255,
            )
        ),
        "blurred PSNR": psnr(blurry, blurred(made)),
        "banding": banding_score(made),
        "bytes": float(gif_bytes(indices, palette)),
    }


def gif_bytes(indices: U8, palette: U8) -> int:
    """Return the length of the GIF that Pillow writes."""
    image = Image.fromarray(indices)
    image.putpalette(palette.tobytes())
    buffer = io.BytesIO()
    image.save(buffer, "GIF")
    return len(buffer.getvalue())


def psnr(first: U8 | F32, second: U8 | F32) -> float:
    """Return the peak signal-to-noise ratio of two pictures 0..255, in decibels."""
    error = np.square(first.astype(np.float64) - second).mean()
    return float(10 * np.log10(255**2 / max(float(error), 1e-6)))


def _luma(pixels: U8) -> U8:
    weighted = pixels @ np.array([0.299, 0.587, 0.114])
    return np.asarray(np.rint(weighted), np.uint8)


def _means_by_row(pictures: Sequence[Rows]) -> dict[str, dict[str, float]]:
    """Return the mean of each figure over all pictures, by row, in the order first seen."""
    found: dict[str, list[Mapping[str, float]]] = {}
    for rows in pictures:
        for name, figures in rows:
            found.setdefault(name, []).append(figures)
    return {
        name: {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
        for name, rows in found.items()
    }


def markdown(title: str, rows: Mapping[str, Mapping[str, float]], form: str) -> Iterator[str]:
    """Yield the lines of a table."""
    columns = list(next(iter(rows.values())))
    yield f"| {title} | " + " | ".join(columns) + " |"
    yield "| --- " * (len(columns) + 1) + "|"
    for name, row in rows.items():
        values = [
            f"{row[column]:,.0f}" if column == "bytes" else form.format(row[column])
            for column in columns
        ]
        yield f"| {name} | " + " | ".join(values) + " |"
