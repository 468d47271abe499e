"""The examples of docs/python.md run as they stand, each with names of its own."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image

import ssimgif_pillow
from conftest import ROOT

TEXT = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.S)
LIBRARIES = ("matplotlib", "imageio", "moviepy", "diffusers")


def test_there_are_examples_of_all_adapters() -> None:
    imported = set(re.findall(r"^import (ssimgif\w*)", "".join(EXAMPLES), re.M))
    assert imported == {"ssimgif", "ssimgif_pillow", "ssimgif_matplotlib", "ssimgif_imageio"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: re.findall(r"(\w+)\.gif", text)[0])
def test_an_example_runs_and_makes_its_gifs(
    example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in LIBRARIES:
        if re.search(rf"^(import|from) {library}\b", example, re.M) and find_spec(library) is None:
            pytest.skip(f"{library} is not installed")
    monkeypatch.chdir(tmp_path)
    try:
        exec(compile(example, "example.py", "exec"), {"__name__": "__main__"})
    finally:
        ssimgif_pillow.restore_gif()  # other tests ask Pillow for GIFs of its own
    names = re.findall(r'"(\w+\.gif)"', example)
    assert sorted(names) == sorted(path.name for path in tmp_path.iterdir())
    for name in names:
        with Image.open(tmp_path / name) as image:
            assert getattr(image, "n_frames", 1) > 1


def required(package: str) -> set[str]:
    """Return what a package needs without its extras, as far as it is installed."""
    try:
        asked = requires(package) or ()
    except PackageNotFoundError:
        return set()
    return {re.split(r"[^\w.-]", one)[0].lower() for one in asked if "extra ==" not in one}


def test_the_base_install_brings_none_of_the_libraries() -> None:
    base = required("ssimgif")
    assert "pillow" in base
    assert "imageio" not in base  # though scikit-image brings it
    brought, new = set(base), set(base)
    while new:
        new = set().union(*map(required, new)) - brought
        brought |= new
    assert "llvmlite" in brought
    assert not brought & {"matplotlib", "moviepy", "diffusers", "torch"}
