"""The plug-in in a real GIMP 3, without a window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gimp_chroot import GimpHost, gimp_host, said, wait_for
from PIL import Image

import ssimgif
from conftest import moving_box, write_animation
from ssimgif.model import U8

pytestmark = pytest.mark.host
gimp = pytest.fixture(scope="module")(gimp_host)

HEIGHT, WIDTH = 40, 56
DATA = Path(__file__).parents[1] / "data"

# Layers of many kinds, and, by other means than the plug-in's, what each frame must look like.
BUILD = """
W, H = {width}, {height}

def image_of(kind=Gimp.ImageBaseType.RGB, precision=Gimp.Precision.U8_NON_LINEAR):
    image = Gimp.Image.new_with_precision(W, H, kind, precision)
    image.undo_disable()
    return image

def gradient(shift, alpha=255):
    return [v for y in range(H) for x in range(W)
            for v in ((x * 4 + shift) % 256, (y * 6) % 256, (x + y + 3 * shift) % 256, alpha)]

def disc(w, h, color):
    return [v for y in range(h) for x in range(w)
            for v in (*color, 255 if (x - w / 2) ** 2 + (y - h / 2) ** 2 < h * h / 5 else 0)]

def add(image, name, w=W, h=H, parent=None, opacity=100.0, mode=Gimp.LayerMode.NORMAL):
    kinds = {{0: Gimp.ImageType.RGBA_IMAGE, 1: Gimp.ImageType.GRAYA_IMAGE}}
    kind = kinds[int(image.get_base_type())]
    layer = Gimp.Layer.new(image, name, w, h, kind, opacity, mode)
    image.insert_layer(layer, parent, 0)
    return layer

def many_kinds():
    image = image_of()
    paint(add(image, "ground (120ms)"), gradient(0))
    moved = paint(add(image, "moved (80 MS)(combine)", 20, 16), disc(20, 16, (250, 20, 20)))
    moved.set_offsets(30, 18)
    paint(add(image, "faint", opacity=40.0), gradient(90))
    paint(add(image, "times (50ms)", mode=Gimp.LayerMode.MULTIPLY), gradient(40))
    paint(add(image, "hidden (70ms)"), gradient(10)).set_visible(False)
    group = Gimp.GroupLayer.new(image, "group (replace) (200ms)")
    image.insert_layer(group, None, 0)
    paint(add(image, "back", parent=group), gradient(20))
    paint(add(image, "front", 24, 24, group), disc(24, 24, (20, 230, 60))).set_offsets(-6, 10)
    paint(add(image, "unseen", parent=group), gradient(200)).set_visible(False)
    masked = paint(add(image, "masked (60ms)"), gradient(120))
    mask = masked.create_mask(Gimp.AddMaskType.WHITE)
    masked.add_mask(mask)
    paint(mask, bytes(x * 255 // W for y in range(H) for x in range(W)), "Y' u8")
    paint(add(image, "alone (replace)(90ms)", 30, 30), disc(30, 30, (30, 60, 250)))
    return image

def few_kinds(kind, precision):
    image = image_of(kind, precision)
    paint(add(image, "one (120ms)"), gradient(0))
    paint(add(image, "two (80ms)"), gradient(60))
    paint(add(image, "three (80ms)", 20, 16), disc(20, 16, (250, 20, 20)))
    return image

def indexed():
    image = few_kinds(Gimp.ImageBaseType.RGB, Gimp.Precision.U8_NON_LINEAR)
    image.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE,
                          12, False, False, "")
    return image

def tagged():
    image = few_kinds(Gimp.ImageBaseType.RGB, Gimp.Precision.U8_LINEAR)
    image.set_color_profile(Gimp.ColorProfile.new_rgb_adobe())
    return image

def shown(image, visible_only, replace):
    frames, below = [], []
    for number, layer in reversed(list(enumerate(image.get_layers()))):
        if visible_only and not layer.get_visible():
            continue
        name = layer.get_name()
        if "(replace)" in name or replace and "(combine)" not in name:
            below = []
        below.append(number)
        copy = image.duplicate()
        for other, one in enumerate(copy.get_layers()):
            one.set_visible(other in below)
        if copy.get_base_type() == Gimp.ImageBaseType.INDEXED:
            copy.convert_rgb()
        flat = copy.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
        flat.resize_to_image_size()
        frames.append(pixels_of(flat))
        copy.delete()
    return frames
"""

CASES = """
folder = {folder!r}
RGB, GRAY = Gimp.ImageBaseType.RGB, Gimp.ImageBaseType.GRAY
P = Gimp.Precision
cases = {{
    "many": (many_kinds, {{}}),
    "single": (many_kinds, {{"visible_only": False, "default_delay": 30, "use_layer_delays": False,
                            "unmarked_layers": "replace", "flatten": True,
                            "background": Gegl.Color.new("rgb(0.2,0.4,0.6)")}}),
    "gray16": (lambda: few_kinds(GRAY, P.U16_NON_LINEAR), {{"preset": "quality", "quality": 60}}),
    "float": (lambda: few_kinds(RGB, P.FLOAT_LINEAR), {{"budget": "custom", "budget_kb": 4}}),
    "indexed": (indexed, {{}}),
    "tagged": (tagged, {{}}),
    "social": (many_kinds, {{"preset": "social", "max_colors": 64, "dither": "bluenoise",
                            "loop": 3, "effort": 2, "flatten": True}}),
}}
frames_of = {{}}
for name, (make, options) in cases.items():
    made = make()
    path = folder + "/" + name + ".xcf"
    call("gimp-file-save", image=made, file=path)
    image = load(path)
    export(image, folder + "/" + name + ".gif", effort=options.pop("effort", 1), **options)
    replace = options.get("unmarked_layers") == "replace"
    frames = shown(image, options.get("visible_only", True), replace)
    with open(folder + "/" + name + ".rgba", "wb") as file:
        file.writelines(frames)
    frames_of[name] = len(frames)
"""

QUESTIONS = """
procedure = Gimp.get_pdb().lookup_procedure("file-ssim-gif-export")
config = procedure.create_config()
arguments = {{a.get_name(): [a.get_nick(), a.get_blurb(), str(config.get_property(a.get_name()))]
              for a in procedure.get_arguments()[4:]}}
arguments["procedure"] = [procedure.get_blurb(), procedure.get_help(), "-"]
animated = list(reversed(load({animated!r}).get_layers()))
open({raw!r}, "wb").writelines(pixels_of(layer) for layer in animated)

def refusal(do):
    try:
        do()
    except RuntimeError as error:
        return str(error)

def export_without_program():
    with open({noted!r}) as file:
        kept = file.read()
    with open({noted!r}, "w") as file:
        file.write({gone!r})
    try:
        export(load({many!r}), "/tmp/out.gif")
    finally:
        with open({noted!r}, "w") as file:
            file.write(kept)

answer = {{
    "cases": frames_of,
    "arguments": arguments,
    "animated": [layer.get_name() for layer in animated],
    "still": [layer.get_name() for layer in load({still!r}).get_layers()],
    "missing": refusal(lambda: export(load({many!r}), {missing!r})),
    "broken": refusal(lambda: call("file-ssim-avif-load", file={broken!r})),
    "gone": refusal(export_without_program),
}}
call("plug-in-script-fu-eval", script={script_fu!r})
"""

SCRIPT_FU = """
(script-fu-use-v3)
(let ((image (gimp-file-load RUN-NONINTERACTIVE "{many}")))
  (file-ssim-gif-export #:run-mode RUN-NONINTERACTIVE #:image image #:file "{plain}" #:effort 1)
  (file-ssim-gif-export #:run-mode RUN-NONINTERACTIVE #:image image #:file "{chosen}"
    #:preset "social" #:max-colors 64 #:dither "bluenoise" #:loop 3 #:effort 2
    #:flatten TRUE))
"""

GONE = '{"command": ["/nowhere/python", "-m", "ssimgif"]}'
NAMED = [120, 80, 100, 50, 200, 60, 90]
FEW = [120, 80, 80]
EXPECTED: dict[str, tuple[list[int], dict[str, Any]]] = {
    "many": (NAMED, {}),
    "single": ([30] * 8, {"background": (51, 102, 153)}),
    "gray16": (FEW, {"ssim": None, "quality": 60}),
    "float": (FEW, {"max_bytes": 4000}),
    "indexed": (FEW, {}),
    "tagged": (FEW, {}),
    "social": (
        NAMED,
        {
            "preset": "social",
            "ssim": None,
            "colors": 64,
            "dither": "bluenoise",
            "loop": 3,
            "effort": 2,
            "background": (255, 255, 255),
        },
    ),
}


@dataclass(frozen=True)
class Session:
    """One run of GIMP: what it said, and the folder with its files."""

    said: dict[str, Any]
    folder: Path


def program_note(gimp: GimpHost) -> Path:
    """Return the file in which the installer noted how the program is started."""
    return gimp.profile / "plug-ins" / "ssim_gif" / "program.json"


@pytest.fixture(scope="module")
def session(gimp: GimpHost) -> Session:
    """Do all that needs no run of GIMP of its own: it takes seconds to start."""
    folder = gimp.shared / "cases"
    folder.mkdir()
    (folder / "vfr.avif").write_bytes((DATA / "made-vfr.avif").read_bytes())
    Image.fromarray(moving_box(1)[0]).save(folder / "still.avif")
    whole = write_animation(folder / "whole.avif", moving_box()).read_bytes()
    (folder / "broken.avif").write_bytes(whole[: len(whole) // 3])
    names = {
        "animated": "vfr.avif",
        "raw": "vfr.rgba",
        "still": "still.avif",
        "broken": "broken.avif",
        "many": "many.xcf",
        "plain": "plain.gif",
        "chosen": "chosen.gif",
        "missing": "missing/out.gif",
    }
    places = {key: str(folder / name) for key, name in names.items()}
    places |= {"noted": str(program_note(gimp)), "gone": GONE}
    script = BUILD.format(width=WIDTH, height=HEIGHT) + CASES.format(folder=str(folder))
    script += QUESTIONS.format(**places, script_fu=SCRIPT_FU.format(**places))
    said = gimp.ask(script)
    assert said["cases"].keys() == EXPECTED.keys()
    return Session(said, folder)


def frames_in(path: Path) -> U8:
    return np.fromfile(path, np.uint8).reshape(-1, HEIGHT, WIDTH, 4)


@pytest.mark.parametrize("case", EXPECTED)
def test_an_export_is_what_the_core_makes_of_the_same_frames(session: Session, case: str) -> None:
    times, options = EXPECTED[case]
    frames = frames_in(session.folder / f"{case}.rgba")
    settings = ssimgif.Settings(**({"ssim": 0.95, "effort": 1, "loop": 0} | options))
    durations = [Fraction(time, 1000) for time in times]
    clip = ssimgif.Clip.from_frames(frames, durations, name=f"{case}.xcf")
    expected = ssimgif.encode(clip, settings).data
    assert (session.folder / f"{case}.gif").read_bytes() == expected


def test_the_frames_are_not_all_alike(session: Session) -> None:
    frames = frames_in(session.folder / "many.rgba")
    assert len(frames) == 7
    assert all(not np.array_equal(a, b) for a, b in pairwise(frames))
    assert (frames[0][..., 3] == 255).all()
    assert (frames[-1][..., 3] == 0).any()


def test_the_delays_and_the_loop_are_in_the_file(session: Session) -> None:
    with Image.open(session.folder / "social.gif") as image:
        assert image.info["loop"] == 2
        delays = []
        for i in range(getattr(image, "n_frames", 1)):
            image.seek(i)
            delays.append(image.info["duration"])
    assert delays == NAMED


def test_gimp_registers_the_plug_in_without_a_word_about_it_until_it_is_uninstalled(
    tmp_path_factory: pytest.TempPathFactory, session: Session
) -> None:
    fresh = GimpHost(tmp_path_factory.mktemp("fresh"))
    names = "file-ssim-gif-export", "plug-in-ssim-gif-export-as", "file-ssim-avif-load"
    there = f"print([Gimp.get_pdb().procedure_exists(n) for n in {names}])"
    output = fresh.batch(there)
    assert "[True, True, True]" in output
    about_us = [line for line in output.splitlines() if "ssim" in line.lower()]
    assert about_us == []
    assert "removed" in fresh.manage("uninstall")
    assert "[False, False, False]" in fresh.batch(there)
    assert not (fresh.profile / "plug-ins" / "ssim_gif").exists()


def test_every_argument_has_a_help_text_and_a_default(session: Session) -> None:
    found = session.said["arguments"]
    assert {"preset", "target-ssim", "budget", "budget-kb", "max-colors", "dither"} <= found.keys()
    assert {"quality", "default-delay", "loop", "use-layer-delays", "visible-only"} <= found.keys()
    assert {"flatten", "background", "effort", "unmarked-layers"} <= found.keys()
    assert all(all(texts) for texts in found.values())


def test_script_fu_can_export_with_and_without_arguments(session: Session) -> None:
    plain, many, chosen, social = (
        (session.folder / f"{name}.gif").read_bytes()
        for name in ("plain", "many", "chosen", "social")
    )
    assert plain == many
    assert chosen == social


def test_a_bad_path_is_one_sentence_and_leaves_nothing(session: Session, gimp: GimpHost) -> None:
    missing = session.folder / "missing" / "out.gif"
    sentence = f"{missing} can't be written: there is no directory {missing.parent}"
    assert session.said["missing"] == sentence
    assert not missing.parent.exists()
    assert (gimp.programs(), gimp.left_over()) == ([], [])


def test_a_program_that_is_gone_is_one_sentence(session: Session) -> None:
    sentence = session.said["gone"]
    assert sentence.startswith("The ssimgif program is gone: there is no /nowhere/python.")
    assert sentence.endswith('Run "ssimgif gimp install" again.')


def test_a_program_that_is_gone_is_found_by_installing_again(gimp: GimpHost) -> None:
    kept = program_note(gimp).read_text()
    program_note(gimp).write_text(GONE)
    assert "updated" in gimp.manage("install")
    assert program_note(gimp).read_text() == kept


def test_a_cancelled_export_leaves_no_process_and_no_file(gimp: GimpHost) -> None:
    output = gimp.shared / "cancelled.gif"
    output.write_bytes(b"an older file")
    process = gimp.start_batch(
        f"""
import os
image = Gimp.Image.new(480, 270, Gimp.ImageBaseType.RGB)
for i in range(12):
    kind, normal = Gimp.ImageType.RGB_IMAGE, Gimp.LayerMode.NORMAL
    layer = Gimp.Layer.new(image, "noise", 480, 270, kind, 100.0, normal)
    image.insert_layer(layer, None, 0)
    paint(layer, os.urandom(480 * 270 * 3), "R'G'B' u8")
for turn in range(2):
    try:
        export(image, {str(output)!r}, effort=9)
    except Exception:
        pass
"""
    )
    for victim in ("plug-in", "gimp"):
        wait_for(lambda: list(gimp.temporary.glob("ssimgif-*/frames-*.rgba")), 180)
        (program,) = gimp.programs()
        wait_for(lambda program=program: seconds_of_work(program) > 4, 180)
        # This is how GIMP stops a plug-in whose progress bar was cancelled.
        (plug_in,) = gimp.plug_ins()
        os.kill(plug_in if victim == "plug-in" else parent_of(plug_in), signal.SIGKILL)
        wait_for(lambda program=program: program not in gimp.programs(), 30)
        assert output.read_bytes() == b"an older file"
        assert list(gimp.shared.glob(".ssimgif-*")) == []
    said(process)
    assert gimp.left_over() == []


def seconds_of_work(process: int) -> float:
    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def parent_of(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def test_an_animated_avif_opens_as_layers(session: Session, gimp: GimpHost) -> None:
    options = {"fps": None, "max_frames": 100, "max_pixels": 10**6}
    clip = ssimgif.open_clip(str(session.folder / "vfr.avif"), options)
    frames = list(clip.frames())
    assert (session.folder / "vfr.rgba").read_bytes() == b"".join(
        frame.pixels.tobytes() for frame in frames
    )
    times = [round(frame.duration * 1000) for frame in frames]
    assert len(set(times)) > 1
    expected = [f"Frame {i} ({time}ms)" for i, time in enumerate(times, 1)]
    assert session.said["animated"] == expected
    assert gimp.left_over() == []


def test_a_still_avif_is_left_to_gimp(session: Session) -> None:
    (name,) = session.said["still"]
    assert "Frame" not in name


def test_a_broken_avif_is_one_sentence(session: Session, gimp: GimpHost) -> None:
    assert "broken.avif" in session.said["broken"]
    assert len(session.said["broken"].splitlines()) == 1
    assert (gimp.programs(), gimp.left_over()) == ([], [])


def test_the_program_runs_under_the_interpreter_of_the_tests() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ssimgif", "gimp", "--help"], capture_output=True, check=True
    )
    assert b"install" in done.stdout
