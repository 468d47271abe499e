"""The plug-in for GIMP 2.10 under a real Python 2.7, with a stand-in for gimpfu.

No GIMP 2.10 with Python can be had where these tests run.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gimp_chroot import ROOT, wait_for

import ssimgif
from ssimgif.model import U8
from ssimgif_gimp import installer
from ssimgif_gimp.profiles import Profile

pytestmark = pytest.mark.host
PYTHON = ROOT / "python2.7" / "usr" / "bin" / "python2.7"
STAND_IN = Path(__file__).parent / "gimp210"
HEIGHT, WIDTH = 24, 40
RGB, INDEXED = 0, 2
U8_GAMMA, U16_LINEAR = 150, 200
SAVE = "file-ssim-gif-save"


class Gimp210:
    """A profile with the plug-in in it, and the interpreter to run it.

    Attributes
    ----------
    folder : Path
        Holds the profile, the images and the temporary files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.profile = Profile(folder / "2.10", (2, 10))
        installer.install(self.profile)

    def start(self, **scenario: Any) -> subprocess.Popen[str]:
        """Start the plug-in as GIMP does, with a scenario for the stand-in."""
        path = self.folder / "scenario.json"
        path.write_text(json.dumps(scenario))
        environment = os.environ | {
            "SCENARIO": str(path),
            "TMPDIR": str(self.temporary),
            "PYTHONHOME": str(PYTHON.parents[1]),
            "PYTHONPATH": str(STAND_IN),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        plug_in = self.profile.plug_ins / "ssim_gif" / "ssim_gif.py"
        return subprocess.Popen(
            [PYTHON, plug_in], env=environment, stderr=subprocess.PIPE, text=True
        )

    def run(self, **scenario: Any) -> Any:
        """Run the plug-in to its end and return what happened."""
        complaints = self.start(**scenario).communicate(timeout=180)[1]
        answer = self.folder / "answer.json"
        assert answer.exists(), complaints
        return json.loads(answer.read_text())

    def export(
        self, layers: list[tuple[str, U8, dict[str, Any]]], output: Path, **options: Any
    ) -> Any:
        """Export layers, the lowest first."""
        kind = {"base_type": options.pop("base_type", RGB)}
        kind["precision"] = options.pop("precision", U8_GAMMA)
        described = []
        for number, (name, pixels, more) in enumerate(reversed(layers)):
            (self.folder / f"{number}.rgba").write_bytes(pixels.tobytes())
            height, width = pixels.shape[:2]
            one = {"name": name, "width": width, "height": height, "pixels": f"{number}.rgba"}
            described.append(one | more)
        image = {"name": "anim.xcf", "width": WIDTH, "height": HEIGHT, "layers": described} | kind
        arguments = {key.replace("_", "-"): value for key, value in options.items()}
        arguments["filename"] = str(output)
        return self.run(procedure=SAVE, image=image, arguments=arguments)


@pytest.fixture
def gimp(tmp_path: Path) -> Gimp210:
    if not PYTHON.exists():
        reason = f"no Python 2.7 at {PYTHON} (scripts/ci/gimp.sh makes it)"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return Gimp210(tmp_path)


def gradient(shift: int) -> U8:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    parts = [(5 * x + shift) % 256, 9 * y % 256, x + y + shift, np.full_like(x, 255)]
    return np.stack(parts, axis=2).astype(np.uint8)


def box(color: tuple[int, int, int]) -> U8:
    """Return a filled box of 10 x 8 pixels with a hole."""
    pixels = np.empty((8, 10, 4), np.uint8)
    pixels[...] = *color, 255
    pixels[3:5, 4:6] = 0
    return pixels


def with_box(frame: U8, pixels: U8, left: int, top: int) -> U8:
    result = frame.copy()
    part = result[top : top + pixels.shape[0], left : left + pixels.shape[1]]
    seen = pixels[: part.shape[0], : part.shape[1]]
    part[seen[..., 3] > 0] = seen[seen[..., 3] > 0]
    return result


def expected(frames: list[U8], milliseconds: list[int], **settings: Any) -> bytes:
    durations = [Fraction(each, 1000) for each in milliseconds]
    clip = ssimgif.Clip.from_frames(np.stack(frames), durations, name="anim.xcf")
    chosen = {"ssim": 0.95, "loop": 0, "effort": 5} | settings
    return ssimgif.encode(clip, ssimgif.Settings(**chosen)).data


RED, BLUE = box((250, 20, 20)), box((30, 60, 250))
LAYERS: list[tuple[str, U8, dict[str, Any]]] = [
    ("ground (120ms)", gradient(0), {}),
    ("moved (80 MS)(combine)", RED, {"offsets": [34, 6]}),
    ("hidden (70ms)", gradient(90), {"visible": False}),
    ("other", gradient(40), {}),
    ("alone (replace)(90ms)", BLUE, {"offsets": [5, 10]}),
]
EMPTY = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
SHOWN = [gradient(0), with_box(gradient(0), RED, 34, 6), gradient(40), with_box(EMPTY, BLUE, 5, 10)]


def test_an_export_is_what_the_core_makes_of_the_same_frames(gimp: Gimp210) -> None:
    output = gimp.folder / "out.gif"
    answer = gimp.export(LAYERS, output)
    assert answer["error"] is None
    assert output.read_bytes() == expected(SHOWN, [120, 80, 100, 90])
    assert answer["copies deleted"] == [True]
    assert answer["said"]["progress"][-1] > 0.9
    assert any(text.startswith("Composing (4 of 4)") for text in answer["said"]["stages"])
    assert list(gimp.temporary.iterdir()) == []


def test_every_option_reaches_the_program(gimp: Gimp210) -> None:
    output = gimp.folder / "out.gif"
    answer = gimp.export(
        LAYERS,
        output,
        preset=3,
        effort=2,
        max_colors=32,
        dither=2,
        flatten=True,
        background=[51, 102, 153, 255],
        use_layer_delays=False,
        default_delay=50,
        unmarked_layers=1,
        visible_only=False,
        loop=3,
    )
    assert answer["error"] is None
    alone = with_box(EMPTY, RED, 34, 6)
    frames = [gradient(0), with_box(gradient(0), RED, 34, 6), gradient(90), SHOWN[2], SHOWN[3]]
    assert not np.array_equal(alone, frames[1])
    settings = {"preset": "social", "ssim": None, "effort": 2, "colors": 32, "dither": "bluenoise"}
    settings |= {"background": (51, 102, 153), "loop": 3}
    assert output.read_bytes() == expected(frames, [50] * 5, **settings)


def test_a_quality_of_ones_own(gimp: Gimp210) -> None:
    output = gimp.folder / "out.gif"
    assert gimp.export(LAYERS, output, preset=1, quality=30, effort=1)["error"] is None
    assert output.read_bytes() == expected(
        SHOWN, [120, 80, 100, 90], ssim=None, quality=30, effort=1
    )


def test_a_size_limit_of_ones_own(gimp: Gimp210) -> None:
    output = gimp.folder / "out.gif"
    assert gimp.export(LAYERS, output, budget=8, budget_kb=2)["error"] is None
    assert output.read_bytes() == expected(SHOWN, [120, 80, 100, 90], max_bytes=2000)
    assert output.stat().st_size <= 2000


@pytest.mark.parametrize("kind", [{"base_type": INDEXED}, {"precision": U16_LINEAR}])
def test_other_kinds_of_image_are_converted_in_a_copy(gimp: Gimp210, kind: dict[str, int]) -> None:
    output = gimp.folder / "out.gif"
    assert gimp.export(LAYERS, output, effort=1, **kind)["error"] is None
    assert output.read_bytes() == expected(SHOWN, [120, 80, 100, 90], effort=1)


def test_it_registers_a_format_and_a_menu_entry(gimp: Gimp210) -> None:
    answer = gimp.run()
    assert answer["said"]["save handlers"] == [[SAVE, "gif", ""]]
    found = answer["procedures"]
    assert found[SAVE]["menu"] == "<Save>"
    assert found["python-fu-ssim-gif-export-as"]["menu"] == "<Image>/File/Export"
    for procedure in found.values():
        assert all(procedure["texts"])
        assert all(name and text for name, text, _ in procedure["params"])


def test_a_bad_path_is_one_sentence_and_leaves_nothing(gimp: Gimp210) -> None:
    missing = gimp.folder / "missing" / "out.gif"
    error = gimp.export(LAYERS, missing)["error"]
    sentence = f"{missing} can't be written: there is no directory {missing.parent}"
    assert error == f"WorkerError: {sentence}"
    assert list(gimp.temporary.iterdir()) == []


def test_a_program_that_is_gone_is_one_sentence(gimp: Gimp210) -> None:
    noted = gimp.profile.plug_ins / "ssim_gif" / "program.json"
    noted.write_text('{"command": ["/nowhere/python", "-m", "ssimgif"]}')
    error = gimp.export(LAYERS, gimp.folder / "out.gif")["error"]
    assert "The ssimgif program is gone: there is no /nowhere/python." in error
    assert 'Run "ssimgif gimp install" again.' in error


def test_a_plug_in_that_is_killed_leaves_no_process_and_no_file(gimp: Gimp210) -> None:
    output = gimp.folder / "out.gif"
    output.write_bytes(b"an older file")
    rng = np.random.default_rng(7)
    noise = rng.integers(0, 256, (HEIGHT, WIDTH, 4)).astype(np.uint8)
    (gimp.folder / "noise").write_bytes(noise.tobytes())
    one = {"name": "noise", "width": WIDTH, "height": HEIGHT, "pixels": "noise"}
    image = {"name": "noise", "width": WIDTH, "height": HEIGHT, "layers": [one] * 400}
    image |= {"base_type": RGB, "precision": U8_GAMMA}
    arguments = {"filename": str(output), "effort": 9}
    plug_in = gimp.start(procedure=SAVE, image=image, arguments=arguments)
    (program,) = wait_for(lambda: children(plug_in.pid), 30)
    wait_for(lambda: list(gimp.temporary.glob("*/frames.rgba")), 60)
    time.sleep(1)
    plug_in.send_signal(signal.SIGKILL)
    plug_in.communicate(timeout=10)
    wait_for(lambda: not Path(f"/proc/{program}").exists(), 10)
    assert list(gimp.temporary.iterdir()) == []
    assert output.read_bytes() == b"an older file"


def children(process: int) -> list[int]:
    text = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(word) for word in text.split()]


def test_the_program_is_the_one_under_test(gimp: Gimp210) -> None:
    noted = json.loads((gimp.profile.plug_ins / "ssim_gif" / "program.json").read_text())
    assert noted["command"] == [sys.executable, "-m", "ssimgif"]
