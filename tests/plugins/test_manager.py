"""Plug-ins are found, called through their hooks, and can't break the command."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import numpy as np
import pytest

from conftest import CORE, ROOT, Command, moving_box
from ssimgif import Clip, Palette, Report, SettingsError, SourceError, hookimpl, plugins
from ssimgif.plugins import manager
from ssimgif.plugins.manager import GROUP, PluginWarning

EXAMPLE = ROOT / "docs" / "example_plugin"
TWO_COLORS = Palette(np.array([[0, 0, 0], [255, 255, 255]], np.uint8))


class Install:
    """Stands for the installed entry points: each name's module is the given object."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.points: list[EntryPoint] = []
        monkeypatch.setattr(manager, "entry_points", lambda group: list(self.points))
        monkeypatch.delenv("SSIMGIF_PLUGINS", raising=False)

    def __call__(self, name: str, **hooks: Any) -> None:
        module = ModuleType(f"plugin_{name}")
        for hook, function in hooks.items():
            setattr(module, hook, hookimpl(function))
        self.monkeypatch.setitem(sys.modules, module.__name__, module)
        self.points.append(EntryPoint(name, module.__name__, GROUP))


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    plugins.plugin_manager.cache_clear()
    yield Install(monkeypatch)
    plugins.plugin_manager.cache_clear()


def loaded() -> set[str]:
    return {name for name, _ in plugins.plugin_manager().list_name_plugin()}


def test_the_core_comes_through_the_same_door(install: Install) -> None:
    assert loaded() == {plugins.CORE}
    assert {"bluenoise", "floyd-steinberg", "jarvis", "ordered"} <= plugins.ditherers().keys()
    frames = moving_box(2)
    weights = [np.ones(frame.shape[:2], np.float32) for frame in frames]
    found = manager.candidate_palettes(list(frames), weights, 16)
    assert found
    assert all(1 <= len(palette.colors) <= 16 for palette in found.values())


def test_a_plugin_that_does_not_import_is_a_warning(install: Install) -> None:
    install.points.append(EntryPoint("absent", "no_such_module_anywhere", GROUP))
    install("good")
    with pytest.warns(PluginWarning, match="'absent' was not loaded: ModuleNotFoundError"):
        assert loaded() == {plugins.CORE, "good"}


def test_a_misspelt_hook_is_a_warning_and_the_plugin_is_left_out(install: Install) -> None:
    install("typo", ssimgif_open_clips=lambda source, options: None)
    with pytest.warns(PluginWarning, match="ssimgif_open_clips"):
        assert loaded() == {plugins.CORE}


def test_a_wrong_signature_is_a_warning(install: Install) -> None:
    install("wrong", ssimgif_open_clip=lambda source, surprise: None)
    with pytest.warns(PluginWarning, match="surprise"):
        assert loaded() == {plugins.CORE}


def test_the_variable_limits_what_is_loaded(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("one")
    install("two")
    monkeypatch.setenv("SSIMGIF_PLUGINS", " two ,three")
    with pytest.warns(PluginWarning, match="'three' is named in SSIMGIF_PLUGINS but not"):
        assert loaded() == {plugins.CORE, "two"}


def test_an_empty_variable_means_no_plugins(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("one")
    monkeypatch.setenv("SSIMGIF_PLUGINS", "")
    assert loaded() == {plugins.CORE}


def test_open_clip_asks_plugins_before_the_core(install: Install, tmp_path: Path) -> None:
    clip = Clip.from_frames(moving_box(1), 1)
    install("mine", ssimgif_open_clip=lambda source: clip if source == "mine:" else None)
    options = {"fps": None, "max_frames": 10, "max_pixels": 100_000}
    assert plugins.open_clip("mine:", options) is clip
    with pytest.raises(SourceError, match="absent"):
        plugins.open_clip(str(tmp_path / "absent.avif"), options)


def test_a_source_error_of_a_plugin_is_the_users(install: Install) -> None:
    def refuse(source: Any) -> None:
        raise SourceError("this one is broken")

    install("mine", ssimgif_open_clip=refuse)
    with pytest.raises(SourceError, match="this one is broken"):
        plugins.open_clip("x", {})


def test_candidate_palettes_are_joined_and_checked(install: Install) -> None:
    install("first", ssimgif_candidate_palettes=lambda size: {"pair": TWO_COLORS})
    install("second", ssimgif_candidate_palettes=lambda size: {"pair": TWO_COLORS, "late": 3})
    install("third", ssimgif_candidate_palettes=lambda size: [TWO_COLORS])
    frames = [moving_box(1)[0]]
    with pytest.warns(PluginWarning) as caught:
        found = manager.candidate_palettes(frames, [np.ones((48, 64), np.float32)], 4)
    assert found["pair"] is TWO_COLORS
    assert not {"late"} & found.keys()
    texts = " | ".join(str(one.message) for one in caught)
    assert "'second' uses the name 'pair' in ssimgif_candidate_palettes, which is taken" in texts
    assert "'second' returned 'late'" in texts
    assert "'third' returned list" in texts


def test_a_palette_over_the_size_is_left_out(install: Install) -> None:
    install("big", ssimgif_candidate_palettes=lambda size: {"two": TWO_COLORS})
    with pytest.warns(PluginWarning, match="not a palette of at most 1 colours"):
        found = manager.candidate_palettes([moving_box(1)[0]], [np.ones((48, 64), np.float32)], 1)
    assert "two" not in found


def test_palette_strategies_are_named_or_join_when_asked(install: Install) -> None:
    asked: list[frozenset[str]] = []

    def propose(names: frozenset[str]) -> dict[str, Palette]:
        asked.append(names)
        return {"pair": TWO_COLORS} if "pair" in names else {}

    install(
        "mine",
        ssimgif_palette_strategies=lambda: {"pair": False},
        ssimgif_candidate_palettes=propose,
    )
    frames, weights = [moving_box(1)[0]], [np.ones((48, 64), np.float32)]
    usual = set(plugins.palette_choice(None)(frames, weights, 16))
    assert usual == {"kmeans", "faithful", "pruned"}
    assert asked == [frozenset(usual)]
    assert set(plugins.palette_choice("+pair")(frames, weights, 16)) == {*usual, "pair"}
    assert set(plugins.palette_choice("pair, kmeans")(frames, weights, 16)) == {"pair", "kmeans"}
    with pytest.raises(SettingsError, match="'fast', which is none of faithful, kmeans, pair, pr"):
        plugins.palette_choice("+fast")


def test_the_usual_strategies_stand_in_for_those_without_an_answer(install: Install) -> None:
    frames, weights = [moving_box(1)[0]], [np.ones((48, 64), np.float32)]
    assert set(plugins.palette_choice("pruned")(frames, weights, 255)) == {"kmeans", "faithful"}
    few = [np.zeros((48, 64, 3), np.uint8)]
    assert set(plugins.palette_choice("pruned")(few, weights, 255)) == {"exact"}


def test_strategies_nobody_named_compete_unless_others_alone_are_wanted(install: Install) -> None:
    install("mine", ssimgif_candidate_palettes=lambda size: {"pair": TWO_COLORS})
    frames, weights = [moving_box(1)[0]], [np.ones((48, 64), np.float32)]
    assert "pair" in plugins.palette_choice(None)(frames, weights, 16)
    assert set(plugins.palette_choice("kmeans")(frames, weights, 16)) == {"kmeans"}


def test_banding_is_the_first_array_that_fits_the_tiles(install: Install) -> None:
    picture, tiles = np.zeros((33, 64, 3), np.uint8), np.ones((2, 2), np.bool_)
    assert plugins.banding(picture, picture, tiles) is None
    install("early", ssimgif_banding=lambda: np.full((2, 2), [[0.5, 7], [np.nan, -1]]))
    install("late", ssimgif_banding=lambda source, shown: None)
    install("wrong", ssimgif_banding=lambda shown: np.zeros(shown.shape[:2]))
    plugins.plugin_manager.cache_clear()
    with pytest.warns(PluginWarning, match="'wrong' returned no array f32"):
        found = plugins.banding(picture, picture, tiles)
    assert found is not None and found.dtype == np.float32
    assert found.tolist() == [[0.5, 1], [0, 0]]


def test_ditherers_keep_the_cores_names(install: Install) -> None:
    install("mine", ssimgif_ditherers=lambda: {"ordered": print, "mine": print})
    with pytest.warns(PluginWarning, match="'ordered'"):
        found = plugins.ditherers()
    assert found["mine"] is print
    assert found["ordered"] is not print


def test_a_failing_hook_is_a_warning(install: Install) -> None:
    seen: list[str] = []

    def remember(report: str) -> None:
        seen.append(report)

    install("bad", ssimgif_encoded=lambda report: 1 / 0)
    install("good", ssimgif_encoded=remember)
    with pytest.warns(PluginWarning, match="'bad' failed in ssimgif_encoded: ZeroDivisionError"):
        plugins.encoded("report")
    assert seen == ["report"]


def test_commands_are_added(install: Install) -> None:
    added: list[click.Command] = []
    install("mine", ssimgif_commands=lambda add: add(click.Command("hello")))
    plugins.add_commands(added.append)
    assert [one.name for one in added] == ["hello"]


def test_the_doctor_tells_what_plugins_say(install: Install) -> None:
    install("ill", ssimgif_doctor=lambda: ["problem: no host"])
    install("sick", ssimgif_doctor=lambda: 1 / 0)
    install("well", ssimgif_doctor=lambda: ["host 7 is here"])
    with pytest.warns(PluginWarning, match="'sick' failed in ssimgif_doctor"):
        assert plugins.doctor_lines() == ["problem: no host", "host 7 is here"]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Install the example plug-in into a folder of its own; give the environment that uses it."""
    folder = tmp_path_factory.mktemp("site")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    install += ["--no-build-isolation", "--disable-pip-version-check", "--target", str(folder)]
    subprocess.run([*install, str(EXAMPLE)], check=True)
    core = str(CORE)
    return {"SSIMGIF_PLUGINS": "example", "PYTHONPATH": f"{core}:{folder}"}


def test_the_example_is_short() -> None:
    assert len((EXAMPLE / "ssimgif_example.py").read_text().splitlines()) <= 90


def test_the_example_works_in_the_command(
    example: dict[str, str], ssimgif_process: Command, tmp_path: Path
) -> None:
    np.save(tmp_path / "clip.npy", moving_box(3))
    log = tmp_path / "log.txt"
    done = ssimgif_process(
        *("clip.npy", "out.gif", "--dither", "checkerboard", "--fps", "5", "--ssim", "0.9"),
        *("--report", "out.json"),
        env=example | {"SSIMGIF_EXAMPLE_LOG": str(log)},
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    report = Report.from_json((tmp_path / "out.json").read_text())
    assert report.source.duration == pytest.approx(0.6)
    tried = {one.strategy for scene in report.scenes for one in scene.candidates}
    assert "cube" in tried
    assert log.read_text().split()[:2] == ["clip.npy", str((tmp_path / "out.gif").stat().st_size)]

    printed = ssimgif_process("colors", "out.json", env=example, cwd=tmp_path)
    assert printed.stdout.decode().split() == [one for row in report.palettes for one in row]


def test_the_example_is_listed_and_can_be_left_out(
    example: dict[str, str], ssimgif_process: Command
) -> None:
    assert b"Print the palettes of a report" in ssimgif_process("--help", env=example).stdout
    without = ssimgif_process("--help", env=example | {"SSIMGIF_PLUGINS": ""})
    assert b"Print the palettes" not in without.stdout


def test_the_examples_source_error_is_one_sentence(
    example: dict[str, str], ssimgif_process: Command, tmp_path: Path
) -> None:
    (tmp_path / "clip.npy").write_bytes(b"no array")
    done = ssimgif_process(tmp_path / "clip.npy", tmp_path / "out.gif", env=example)
    assert done.returncode == 1
    assert b"holds no frames" in done.stderr
    assert b"Traceback" not in done.stderr
