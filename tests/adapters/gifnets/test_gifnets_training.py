"""Training of GIFnets: losses fall, projections harden, and a seed decides everything."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from conftest import ROOT
from ssimgif_gifnets.arrays import U8
from ssimgif_gifnets.banding_inputs import banding_inputs
from ssimgif_gifnets.training.config import (
    BandingSettings,
    DitherSettings,
    PaletteSettings,
    TrainingSettings,
    load_settings,
)
from ssimgif_gifnets.training.photographs import find_photographs, recolored, split
from ssimgif_gifnets.training.quantizers import (
    lloyd_step,
    median_cut,
    nearest,
)

PACKAGE = ROOT / "plugins/gifnets/ssimgif_gifnets"
DEFAULT = PACKAGE / "training" / "default.toml"
WEIGHTS = PACKAGE / "weights"


def photo(seed: int) -> U8:
    """Return a smooth picture with an edge and some texture, u8[256, 256, 3]."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:256, 0:256] / 256
    directions = random.normal(0, 90, (3, 2))
    planes = [130 + a * (x - 0.5) + b * (y - 0.5) + 20 * np.sin(9 * x * y) for a, b in directions]
    picture = np.stack(planes, axis=2)
    picture[:90, :90] += random.normal(0, 15, (90, 90, 3))
    picture[140:, 150:] = 255 - picture[140:, 150:]
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder of eight pictures."""
    path: Path = tmp_path_factory.mktemp("photographs")
    for seed in range(8):
        Image.fromarray(photo(seed)).save(path / f"{seed}.png")
    return path


def test_quantizers() -> None:
    pixels = photo(1)
    palette = median_cut(pixels, 16)
    assert palette.dtype == np.uint8 and len(palette) <= 16
    distance = np.square(pixels[..., None, :].astype(float) - palette).sum(3)
    found = nearest(pixels, palette)
    chosen = np.take_along_axis(distance, found[..., None].astype(np.int64), 2)[..., 0]
    np.testing.assert_array_equal(chosen, distance.min(2))
    moved = lloyd_step(pixels, palette)
    after = np.square(pixels[..., None, :].astype(float) - moved).sum(3).min(2).mean()
    assert after < distance.min(2).mean()


def test_photographs_are_found_split_and_recolored(folder: Path) -> None:
    photographs = find_photographs(folder)
    training, held_out = split(photographs, 3, seed=1)
    assert len(training) == 5 and len(held_out) == 3
    assert not {item.group for item in training} & {item.group for item in held_out}
    assert split(photographs, 3, seed=1) == (training, held_out)
    pixels = photographs[0].pixels()
    changed = [recolored(pixels, np.random.default_rng(3), 1.0) for _ in range(2)]
    np.testing.assert_array_equal(changed[0], changed[1])
    assert (changed[0] != pixels).any()
    with pytest.raises(ValueError, match="too few"):
        split(photographs, 8, seed=1)


def test_many_pictures_in_one_file(folder: Path, tmp_path: Path) -> None:
    parts = [(folder / f"{i}.png").read_bytes() for i in range(2)]
    (tmp_path / "train.bin").write_bytes(b"".join(parts))
    rows = [["a", "one.png", 0, len(parts[0])], ["a", "two.png", len(parts[0]), len(parts[1])]]
    (tmp_path / "manifest.json").write_text(json.dumps({"train": rows}))
    found = find_photographs(tmp_path)
    for item, seed in zip(found, range(2), strict=True):
        np.testing.assert_array_equal(item.pixels(), photo(seed))


def test_settings_are_read_and_checked(tmp_path: Path) -> None:
    assert load_settings(None) == TrainingSettings()
    assert load_settings(DEFAULT).seed == 1
    path = tmp_path / "config.toml"
    path.write_text("seed = 4\n[dither]\nsizes = [16, 32]\nlearning_rate = 1\n")
    made = load_settings(path)
    assert made.seed == 4 and made.dither.sizes == (16, 32) and made.dither.learning_rate == 1.0
    for text, message in (
        ("speed = 1", "speed is not a setting"),
        ("[palette]\nsteps = 'many'", "palette.steps must be a int"),
        ("[palette", "config.toml"),
    ):
        path.write_text(text)
        with pytest.raises(ValueError, match=message):
            load_settings(path)


def test_evaluation_and_metric_need_no_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import ssimgif_gifnets.training.evaluate, ssimgif_gifnets.banding_metric"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_soft_projection_becomes_the_hard_one(torch: Any) -> None:
    from ssimgif_gifnets.training.projection import (
        hard_projection,
        soft_projection,
        straight_through,
    )

    torch.manual_seed(1)
    image, palette = torch.rand(2, 3, 8, 8), torch.rand(2, 12, 3)
    hard = hard_projection(image, palette)
    gaps = [
        (soft_projection(image, palette, temperature) - hard).abs().mean().item()
        for temperature in (1.0, 0.1, 0.01, 1e-5)
    ]
    assert gaps == sorted(gaps, reverse=True) and gaps[-1] < 0.01
    chosen = torch.cdist(image.flatten(2).mT, palette).argmin(2)
    np.testing.assert_array_equal(
        hard.flatten(2).mT.numpy(), palette[torch.arange(2)[:, None], chosen].numpy()
    )
    torch.testing.assert_close(straight_through(image, palette, 0.1), hard)


def test_straight_through_has_the_soft_projections_gradient(torch: Any) -> None:
    from ssimgif_gifnets.training.projection import soft_projection, straight_through

    torch.manual_seed(2)
    palette = torch.rand(1, 5, 3)
    gradients = []
    for project in (soft_projection, straight_through):
        image = torch.rand(1, 3, 6, 6, generator=torch.Generator().manual_seed(3))
        image.requires_grad_()
        (project(image, palette, 0.05) ** 2)[:, :, 2:4].sum().backward()
        gradients.append(image.grad)
    # The values differ (soft and hard), and so do the gradients of their squares.
    assert gradients[1].abs().max() > 0
    assert gradients[1][:, :, :2].abs().max() == 0
    image = torch.rand(1, 3, 6, 6)
    for project in (soft_projection, straight_through):
        image = image.detach().requires_grad_()
        project(image, palette, 0.05).sum().backward()
        gradients.append(image.grad)
    torch.testing.assert_close(gradients[-1], gradients[-2])


def test_edge_map_of_torch_is_that_of_numba(torch: Any) -> None:
    from ssimgif_gifnets.training.losses import banding_inputs as in_torch

    pixels = median_cut(photo(2), 12)[nearest(photo(2), median_cut(photo(2), 12))]
    image = torch.from_numpy(pixels.transpose(2, 0, 1)[None] / np.float32(255))
    np.testing.assert_allclose(in_torch(image)[0].numpy(), banding_inputs(pixels), atol=2e-3)


def test_similarity_is_that_of_scikit_image(torch: Any) -> None:
    from skimage.metrics import structural_similarity as of_skimage

    from ssimgif_gifnets.training.losses import dissimilarity, luma

    first = photo(3)[:64, :64]
    second = np.clip(first + np.random.default_rng(1).normal(0, 9, first.shape), 0, 255)
    pair = [
        torch.from_numpy(np.asarray(image, np.float64).transpose(2, 0, 1)[None] / 255)
        for image in (first, second)
    ]
    planes = [luma(image)[0, 0].numpy() for image in pair]
    expected = of_skimage(
        *planes, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1.0
    )
    assert dissimilarity(*pair).mean().item() == pytest.approx(1 - expected, abs=1e-6)


def test_palette_net_learns(torch: Any, folder: Path, tmp_path: Path) -> None:
    from ssimgif_gifnets.color_bins import color_bins
    from ssimgif_gifnets.training.networks.palette_net import PaletteNet
    from ssimgif_gifnets.training.session import Session
    from ssimgif_gifnets.training.train_palette import (
        PaletteBatch,
        palette_loss,
        train_palette_net,
    )

    photographs = find_photographs(folder)[:3]
    settings = PaletteSettings(
        steps=40, colors_per_batch=32, learning_rate=5e-3, smallest=8, largest=12, augmentation=0.0
    )
    session = Session(tmp_path, seed=1, quiet=True)
    histograms = [color_bins(item.pixels()) for item in photographs]
    batch = PaletteBatch.of(histograms, 10, session.device)

    def loss(network: Any) -> float:
        with torch.no_grad():
            made = network(batch.bins, batch.weights, batch.start, batch.used)
            return float(palette_loss(batch, made))

    session.start("palette")
    before = loss(PaletteNet().to(session.device))
    trained = train_palette_net(photographs, [], settings, session)
    assert loss(trained) < before < float(palette_loss(batch, batch.start))


def test_banding_net_learns_and_a_seed_decides(torch: Any, folder: Path, tmp_path: Path) -> None:
    from ssimgif_gifnets.training.session import Session
    from ssimgif_gifnets.training.train_banding import train_banding_net

    settings = BandingSettings(steps=120, batch=4, crop=64, learning_rate=3e-3)
    photographs = find_photographs(folder)[:4]
    found = []
    for name in ("first", "second"):
        session = Session(tmp_path / name, seed=5, quiet=True)
        network = train_banding_net(photographs, photographs, settings, session, log_every=40)
        lines = (tmp_path / name / "log.jsonl").read_text().splitlines()
        found.append((network.state_dict(), [json.loads(line)["loss"] for line in lines]))
    assert found[0][1][-1] < found[0][1][0]
    assert found[0][1] == found[1][1]
    for name, values in found[0][0].items():
        assert torch.equal(values, found[1][0][name])


def test_costs_of_a_strength_are_those_of_the_picture_it_makes(torch: Any) -> None:
    from ssimgif_gifnets.training.strength_costs import LEVELS, StrengthCosts

    generator = torch.Generator().manual_seed(4)
    image = torch.rand(2, 3, 32, 48, generator=generator)
    reach = torch.rand(2, 1, 32, 48, generator=generator) - 0.5

    def density(shown: Any) -> Any:
        return torch.nn.functional.avg_pool2d(shown.mean(1, keepdim=True), 16)

    costs = StrengthCosts.of(image, lambda wanted: wanted.round(), reach, density)
    at = [costs.at(torch.full((2, 1, 32, 48), k / (LEVELS - 1))) for k in range(LEVELS)]
    for k, (structure, banding) in enumerate(at):
        made = (image + reach * k / (LEVELS - 1)).round()
        smooth = torch.nn.functional.interpolate(density(made), (32, 48), mode="bilinear")
        torch.testing.assert_close(banding, 1 - torch.exp(-smooth.mean((1, 2, 3))))
        assert (structure > 0.05).all() and (structure < 1).all()
    assert at[0][0].mean() < at[-1][0].mean(), "noise harms structure"
    between, _ = costs.at(torch.full((2, 1, 32, 48), 2.5 / (LEVELS - 1)))
    torch.testing.assert_close(between, (at[2][0] + at[3][0]) / 2)


def bands_and_texture(seed: int) -> U8:
    """Return a slow slope with some grain beside texture, u8[256, 256, 3]."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:256, 0:256]
    light = 80 + (x + y) / 8 + random.normal(0, 1.5, (256, 256))
    light[:, 128:] += random.normal(0, 10, (256, 128))
    return np.repeat(np.clip(light, 0, 255)[..., None], 3, axis=2).astype(np.uint8)


def test_strength_rises_where_contours_show_and_falls_in_texture(torch: Any) -> None:
    from ssimgif_gifnets.training.losses import banding_density
    from ssimgif_gifnets.training.noise import noise_at
    from ssimgif_gifnets.training.projection import hard_projection, nearest_indices, spacing
    from ssimgif_gifnets.training.strength_costs import StrengthCosts
    from ssimgif_gifnets.training.weights import load_network

    pixels = bands_and_texture(4)
    palette = torch.from_numpy(median_cut(pixels, 10) / np.float32(255))[None]
    image = torch.from_numpy(pixels.transpose(2, 0, 1)[None] / np.float32(255))
    noise = torch.from_numpy(noise_at(256, 256, np.random.default_rng(1)))[None, None]
    network = load_network("bandingnet", WEIGHTS)
    costs = StrengthCosts.of(
        image,
        lambda wanted: hard_projection(wanted, palette),
        noise * spacing(palette, nearest_indices(image, palette)),
        lambda shown: banding_density(network, shown, 0.0),
    )
    strength = torch.full((1, 1, 256, 256), 0.5, requires_grad=True)
    optimizer = torch.optim.Adam([strength], 0.02)
    for _ in range(15):
        structure, banding = costs.at(strength)
        optimizer.zero_grad()
        (structure + banding).sum().backward()
        optimizer.step()
    assert strength[..., :112].mean() > 0.6
    assert strength[..., 144:].mean() < 0.4


def test_dither_net_learns(torch: Any, tmp_path: Path) -> None:
    from ssimgif_gifnets.training.networks.dither_net import DitherNet
    from ssimgif_gifnets.training.photographs import Photograph
    from ssimgif_gifnets.training.session import Session
    from ssimgif_gifnets.training.train_dither import train_dither_net
    from ssimgif_gifnets.training.weights import load_network

    path = tmp_path / "0.png"
    Image.fromarray(bands_and_texture(0)).save(path)
    photographs = [Photograph(path.name, path)]
    totals = []
    for steps in (1, 40):
        settings = DitherSettings(
            steps=steps, batch=2, crop=96, sizes=(8,), banding_weight=4.0, perceptual_weight=0.0
        )
        session = Session(tmp_path / str(steps), seed=1, quiet=True)
        for name in ("palettenet", "bandingnet"):
            shutil.copy(WEIGHTS / f"{name}.npz", session.out)
        train_dither_net(False, photographs, photographs, settings, session)
        lines = (session.out / "log.jsonl").read_text().splitlines()
        totals.append(json.loads(lines[-1])["held_out"]["8"]["total"])
        assert isinstance(load_network("dithernet", session.out), DitherNet)
    assert totals[1] < totals[0] - 0.1


def test_the_joint_stage_changes_the_palette_too(torch: Any, folder: Path, tmp_path: Path) -> None:
    from ssimgif_gifnets.training.session import Session
    from ssimgif_gifnets.training.train_dither import train_dither_net

    names = ("palettenet", "bandingnet", "dithernet")
    for name in names:
        shutil.copy(WEIGHTS / f"{name}.npz", tmp_path)
    settings = DitherSettings(
        joint_steps=6, joint_learning_rate=1e-3, batch=2, crop=48, sizes=(8,), perceptual_weight=0.0
    )
    session = Session(tmp_path, seed=1, quiet=True)
    train_dither_net(True, find_photographs(folder)[:2], [], settings, session)

    def changed(name: str) -> bool:
        with np.load(tmp_path / f"{name}.npz") as new, np.load(WEIGHTS / f"{name}.npz") as old:
            return any((new[key] != old[key]).any() for key in old.files)

    assert [changed(name) for name in names] == [True, False, True]


def test_the_command_trains_everything_and_measures_it(
    torch: Any, folder: Path, tmp_path: Path
) -> None:
    from ssimgif_gifnets.training.__main__ import main

    config, out = tmp_path / "config.toml", tmp_path / "out"
    config.write_text(
        "held_out = 1\n[palette]\nsteps = 2\nlargest = 8\n"
        "[banding]\nsteps = 2\nbatch = 2\ncrop = 64\n"
        "[dither]\nsteps = 2\njoint_steps = 2\nbatch = 2\ncrop = 48\nsizes = [8]\n"
    )
    arguments = ["train", str(folder), "--config", str(config), "--out", str(out), "--quiet"]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    files = [out / f"{name}.npz" for name in ("palettenet", "bandingnet", "dithernet")]
    assert all(path.is_file() for path in files)
    assert sum(path.stat().st_size for path in files) < 3_000_000
    with np.load(out / "dithernet.npz", allow_pickle=False) as arrays:
        assert arrays["noise"].shape == (64, 64)
        assert all(arrays[name].dtype == np.float16 for name in arrays.files)
    one = tmp_path / "one"
    one.mkdir()
    Image.fromarray(photo(9)).save(one / "9.png")
    result = CliRunner().invoke(
        main, ["evaluate", str(one), "--weights", str(out)], catch_exceptions=False
    )
    assert result.exit_code == 0
    for word in ("palette, one, 1 pictures", "PaletteNet + 1 Lloyd", "BandingNet", "blurred PSNR"):
        assert word in result.output


def test_the_command_refuses_in_one_sentence(torch: Any, folder: Path, tmp_path: Path) -> None:
    from ssimgif_gifnets.training.__main__ import main

    result = CliRunner().invoke(main, ["train", str(folder), "--stage", "all"])
    assert result.exit_code == 2 and "all is no stage" in result.output
    empty = tmp_path / "empty"
    empty.mkdir()
    result = CliRunner().invoke(main, ["train", str(empty), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1 and result.output.strip().endswith("has no pictures")
