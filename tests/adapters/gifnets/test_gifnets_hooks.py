"""The networks take part in conversions, when asked or where they are of use."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import ssimgif_gifnets
from conftest import Command, moving_box, noise, run_python
from ssimgif import Clip, Palette, Settings, encode, plugins
from ssimgif.model import F32, U8
from ssimgif_gifnets import strategies

QUICK = {"ssim": 0.8, "effort": 1, "jobs": 1, "no_cache": True}


@pytest.fixture(autouse=True)
def gifnets_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SSIMGIF_PLUGINS", "gifnets")
    plugins.plugin_manager.cache_clear()
    yield
    plugins.plugin_manager.cache_clear()


def gradient_clip(frames: int = 3) -> U8:
    """Return a wide, dark gradient that moves, u8[n, h, w, 3]: few colours draw contours in it."""
    y, x = np.mgrid[0:96, 0:128]
    steps = [20 + (x + y + 8 * i) / 4 for i in range(frames)]
    return np.repeat(np.stack(steps)[..., None], 3, axis=3).astype(np.uint8) * np.uint8([1, 1, 2])


def names(palettes: str | None) -> tuple[set[str], set[str]]:
    """Return the strategies that competed, and those that won, in a small conversion."""
    clip = Clip.from_frames(moving_box(3), 0.1)
    report = encode(clip, Settings(palettes=palettes, colors=32, **QUICK)).report
    every = {one.strategy for scene in report.scenes for one in scene.candidates}
    # "kmeans, a palette a frame" is by the same strategy as "kmeans".
    tried = {strategy.partition(",")[0] for strategy in every}
    return tried, {scene.strategy for scene in report.scenes}


def test_palettenet_competes_only_when_asked() -> None:
    assert names(None)[0] == {"kmeans", "faithful", "pruned"}
    tried, won = names("+palettenet")
    assert tried == {"kmeans", "faithful", "pruned", "palettenet"}
    assert won <= tried
    assert names("palettenet") == ({"palettenet"}, {"palettenet"})


def test_the_better_palette_wins_and_the_report_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    grey = Palette(np.array([[90, 90, 90], [120, 120, 120]], np.uint8))
    with monkeypatch.context() as patch:
        patch.setattr("ssimgif.palette.candidate_palettes", lambda *given: {"kmeans": grey})
        assert names("+palettenet") == ({"kmeans", "palettenet"}, {"palettenet"})
    monkeypatch.setattr(strategies, "scene_palette", lambda *given: grey)
    tried, won = names("+palettenet")
    assert "palettenet" in tried and "palettenet" not in won


def test_dithernet_dithers_a_conversion() -> None:
    clip = Clip.from_frames(moving_box(2), 0.1)
    easy = QUICK | {"ssim": 0.5, "quality": 0.0, "delta_e": 50.0, "colors": 32}
    plain, dithered = (encode(clip, Settings(dither=d, **easy)) for d in ("none", "dithernet"))
    assert plain.report.valid and dithered.report.valid
    assert dithered.report.settings["dither"] == "dithernet"
    assert dithered.data != plain.data


def test_bandingnet_is_asked_where_contours_are_suspected_and_can_forbid_dithering(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def nowhere(source: U8, shown: U8, suspected: np.ndarray) -> F32:
        assert source.shape == shown.shape == (96, 128, 3)
        asked.append(suspected.any())
        return np.zeros((3, 4), np.float32)

    monkeypatch.setattr(strategies, "visible_banding", nowhere)
    settings = Settings(colors=8, **QUICK)
    found = encode(Clip.from_frames(gradient_clip(), 0.1), settings).data
    assert asked and all(asked)
    plain = Settings(colors=8, dither="none", **QUICK)
    assert found == encode(Clip.from_frames(gradient_clip(), 0.1), plain).data

    asked.clear()
    encode(Clip.from_frames(noise(2), 0.1), settings)
    assert not asked


def test_naming_the_hooks_loads_nothing_heavy() -> None:
    probe = (
        "import sys, ssimgif_gifnets as g; names = g.ssimgif_palette_strategies();"
        "g.ssimgif_ditherers(); g.ssimgif_commands(lambda command: None);"
        "print(*(set(sys.modules) & {'numba', 'av', 'PIL', 'skimage', 'torch', 'scipy'}))"
    )
    done = run_python(probe)
    assert done.stdout == "\n"


def test_nothing_is_proposed_that_was_not_asked_for() -> None:
    frame = moving_box(1)[0]
    weights = np.ones(frame.shape[:2], np.float32)
    propose = ssimgif_gifnets.ssimgif_candidate_palettes
    assert propose([frame], [weights], 16, {"kmeans"}) == {}
    assert set(propose([frame], [weights], 16, {"palettenet"})) == {"palettenet"}


def test_a_strategy_that_nobody_has_is_one_sentence(ssimgif: Command, animation: str) -> None:
    done = ssimgif(animation, "out.gif", "--palettes", "+wunet", env={"SSIMGIF_PLUGINS": "gifnets"})
    assert done.returncode == 2
    assert done.stderr.decode() == (
        "ssimgif: palettes names 'wunet', which is none of faithful, kmeans, palettenet, pruned\n"
    )
