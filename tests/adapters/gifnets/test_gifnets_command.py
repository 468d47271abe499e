"""``ssimgif gifnets`` writes pictures and scores, and tells what it can't do."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from test_gifnets_networks import photo, smooth, stepped

from conftest import Command, run_python
from ssimgif.cli import command as cli
from ssimgif_gifnets import command
from ssimgif_gifnets.banding_net import banding_net
from ssimgif_gifnets.kernels import convolution, edges

Run = Callable[..., int]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Give a function that runs the command in this process, in a folder of its own."""
    monkeypatch.setitem(cli.command.commands, "gifnets", command.gifnets_command)
    monkeypatch.chdir(tmp_path)
    Image.fromarray(photo()).save("photo.png")
    return lambda *words: cli.run(["gifnets", *words])


def files() -> set[str]:
    return {path.name for path in Path().iterdir()}


@pytest.mark.parametrize("name", ["palette", "dither"])
@pytest.mark.parametrize("suffix", [".png", ".gif", ".PNG"])
def test_a_picture_has_the_colours_asked_for(run: Run, name: str, suffix: str) -> None:
    assert run(name, "photo.png", "--colors", "16", "-o", f"out{suffix}") == 0
    assert files() == {"photo.png", f"out{suffix}"}
    with Image.open(f"out{suffix}") as picture:
        assert picture.mode == "P" and picture.size == (130, 90)
        shown = np.asarray(picture.convert("RGB"))
    assert 8 < len(np.unique(shown.reshape(-1, 3), axis=0)) <= 16
    assert np.abs(shown.astype(float) - photo()).mean() < 12


def test_dithering_is_not_the_plain_palette(run: Run) -> None:
    Image.fromarray(smooth()).save("smooth.png")
    for name in ("palette", "dither"):
        assert run(name, "smooth.png", "--colors", "4", "-o", f"{name}.png") == 0
    plain, dithered = (
        np.asarray(Image.open(f"{name}.png").convert("RGB")) for name in ("palette", "dither")
    )
    assert (plain != dithered).any()


def test_the_comparison_shows_three_pictures(run: Run) -> None:
    words = ["dither", "photo.png", "--colors", "16", "-o", "out.png", "--compare", "all.png"]
    assert run(*words) == 0
    with Image.open("all.png") as sheet:
        assert sheet.width >= 3 * 130 and sheet.height > 90
        shown = np.asarray(sheet)[-90:, :130]
    np.testing.assert_array_equal(shown, photo())


def test_banding_is_a_number(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    scores = []
    for picture in (smooth(), stepped()):
        Image.fromarray(picture).save("some.png")
        assert run("banding", "some.png") == 0
        scores.append(float(capsys.readouterr().out))
    assert 0 <= scores[0] < scores[1] <= 1


def test_transparency_is_seen_on_white(run: Run) -> None:
    rgba = np.zeros((20, 20, 4), np.uint8)
    rgba[:, 10:, 3] = 255
    Image.fromarray(rgba).save("alpha.png")
    assert run("palette", "alpha.png", "--colors", "2", "-o", "out.png") == 0
    shown = np.asarray(Image.open("out.png").convert("L"))
    assert (shown[:, :10] == 255).all() and not shown[:, 10:].any()


def test_a_picture_of_one_pixel(run: Run) -> None:
    Image.new("RGB", (1, 1), "red").save("dot.png")
    assert run("dither", "dot.png", "-o", "out.png", "--compare", "all.png") == 0
    assert Image.open("out.png").convert("RGB").getpixel((0, 0)) == (255, 0, 0)
    assert run("banding", "dot.png") == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("palette absent.png -o out.png", 1, "absent.png can't be read: "),
        ("dither cut.png -o out.png", 1, "cut.png "),
        ("banding words.png", 1, "words.png is no picture"),
        ("banding .", 1, ". is a directory; name a picture"),
        ("palette photo.png -o photo.png", 1, "photo.png is the source itself"),
        (
            "palette photo.png -o no/out.png",
            1,
            "no/out.png can't be written: there is no",
        ),
        ("palette photo.png -o out.png --compare no/all.png", 1, "no/all.png can't be written"),
        ("palette photo.png -o out.jpg", 2, "out.jpg ends in neither .png nor .gif"),
        ("palette photo.png -o out.png --compare out.png", 2, "two pictures can't both be written"),
        ("palette photo.png -o out.png --colors 1", 2, "1 is not in the range"),
        ("palette photo.png", 2, "Missing option '-o'"),
        ("banding", 2, "Missing argument 'IMAGE'"),
    ],
)
def test_what_can_not_be_done_is_one_sentence(
    run: Run, capfd: pytest.CaptureFixture[str], words: str, code: int, said: str
) -> None:
    Path("words.png").write_text("no picture")
    Path("cut.png").write_bytes(Path("photo.png").read_bytes()[:2000])
    before = {path: path.read_bytes() for path in Path().iterdir()}
    assert run(*words.split()) == code
    told = capfd.readouterr()
    assert said in told.err and told.out == ""
    assert len(told.err.splitlines()) == 1 and told.err.startswith("ssimgif: ")
    assert {path: path.read_bytes() for path in Path().iterdir()} == before


def test_a_failure_leaves_what_was_there(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("out.png").write_bytes(b"precious")

    def full(self: Image.Image, path: Path, *options: object, **more: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    assert run("palette", "photo.png", "-o", "out.png") == 1
    assert "out.png can't be written: no space left" in capsys.readouterr().err
    assert Path("out.png").read_bytes() == b"precious"
    assert files() == {"out.png", "photo.png"}


def test_compiling_is_announced_once(ssimgif_process: Command, tmp_path: Path) -> None:
    from numba.core.caching import _CacheLocator

    Image.fromarray(photo()).save(tmp_path / "photo.png")
    banding_net().score(photo())
    kept = tmp_path / "cache" / _CacheLocator.get_suitable_cache_subpath(edges.__file__)
    kept.mkdir(parents=True)
    # Most of what was compiled for this process serves that one, too.
    for file in Path(convolution.convolve.stats.cache_path).glob("convolution.*.nb?"):
        shutil.copy(file, kept)
    env = {"SSIMGIF_PLUGINS": "gifnets", "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    for said in (b"ssimgif: compiling the kernels, once; this takes some seconds\n", b""):
        done = ssimgif_process("gifnets", "banding", tmp_path / "photo.png", env=env)
        assert done.returncode == 0 and done.stderr == said


USED = """
import sys
from numba.core.dispatcher import Dispatcher
from ssimgif.cli import run
assert run({words}) == 0
for name, module in sys.modules.items():
    if name.startswith("ssimgif_gifnets.kernels."):
        if any(isinstance(one, Dispatcher) and one.signatures for one in vars(module).values()):
            print("used", name.rpartition(".")[2])
"""


@pytest.mark.parametrize(
    ("words", "modules"),
    [
        (["banding"], command._BANDING),
        (["palette", "--colors", "8", "-o", "out.png"], command._PICTURE),
    ],
)
def test_compiling_is_announced_for_the_kernels_that_are_used(
    tmp_path: Path, words: list[str], modules: tuple[str, ...]
) -> None:
    Image.fromarray(photo()).save(tmp_path / "photo.png")
    program = USED.format(words=["gifnets", *words, "photo.png"])
    said = run_python(program, more={"SSIMGIF_PLUGINS": "gifnets"}, folder=tmp_path).stdout
    assert {line.split()[1] for line in said.splitlines() if line.startswith("used")} == {*modules}


def test_the_command_is_installed(ssimgif_process: Command, tmp_path: Path) -> None:
    Image.fromarray(photo()).save(tmp_path / "photo.png")
    env = {"SSIMGIF_PLUGINS": "gifnets"}
    done = ssimgif_process("gifnets", "banding", tmp_path / "photo.png", env=env)
    assert done.returncode == 0, done.stderr
    assert 0 <= float(done.stdout) <= 1
    assert b"gifnets" in ssimgif_process("--help", env=env).stdout
