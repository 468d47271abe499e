"""Reading a GIF back with Pillow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import GifImagePlugin, Image

from conftest import moving_box
from ssimgif import Settings, convert
from ssimgif.gif import reader


@pytest.mark.parametrize("strategy", GifImagePlugin.LoadingStrategy)
def test_how_others_let_pillow_read_changes_nothing(
    strategy: GifImagePlugin.LoadingStrategy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes = [Image.fromarray(frame) for frame in moving_box()]
    boxes[0].save(tmp_path / "a.gif", save_all=True, append_images=boxes[1:], duration=100)
    convert(tmp_path / "a.gif", tmp_path / "b.gif", Settings(lossless=True))
    monkeypatch.setattr(GifImagePlugin, "LOADING_STRATEGY", strategy)
    pairs = list(zip(reader.read(tmp_path / "a.gif"), reader.read(tmp_path / "b.gif"), strict=True))
    assert len(pairs) == len(boxes)
    for (source, _), (kept, _) in pairs:
        np.testing.assert_array_equal(source, kept)
    assert GifImagePlugin.LOADING_STRATEGY is strategy
