"""Small clips, the command as a process, and host programs, for all tests."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import skips
from ssimgif.model import U8
from ssimgif.report import (
    PaletteCandidate,
    Report,
    SceneReport,
    SourceReport,
    as_plain,
    package_versions,
)
from ssimgif.settings import Settings

pytest.register_assert_rewrite("local_page", "magick")
if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
CORE = ROOT / "core"
DATA = ROOT / "tests" / "data"

# No decisions are kept between tests: a file stands where their folder would be made.
_CACHE = tempfile.TemporaryDirectory(prefix="ssimgif-tests-")
(Path(_CACHE.name) / "ssimgif").touch()
os.environ["XDG_CACHE_HOME"] = _CACHE.name

Command = Callable[..., "subprocess.CompletedProcess[bytes]"]


def moving_box(frames: int = 6, height: int = 48, width: int = 64) -> U8:
    """Return a red box moving over a smooth gradient, u8[n, h, w, 3]."""
    y, x = np.mgrid[0:height, 0:width]
    still = np.stack([x * 255 // width, y * 255 // height, (x + y) % 256], axis=2)
    clip = np.repeat(still[None].astype(np.uint8), frames, axis=0)
    for i, frame in enumerate(clip):
        frame[10:26, 4 + 5 * i : 20 + 5 * i] = 220, 30, 40
    return clip


def noise(frames: int = 4, height: int = 48, width: int = 64) -> U8:
    """Return uniform noise, u8[n, h, w, 3]."""
    return np.random.default_rng(7).integers(0, 256, (frames, height, width, 3), np.uint8)


def write_animation(path: Path, frames: U8, milliseconds: int = 100) -> Path:
    """Write frames as APNG, AVIF or WebP without loss where the format can; plays for ever."""
    from PIL import Image

    first, *others = (Image.fromarray(frame) for frame in frames)
    options = {"lossless": True} if path.suffix == ".webp" else {}
    first.save(path, save_all=True, append_images=others, duration=milliseconds, loop=0, **options)
    return path


def make_report() -> Report:
    """Return a report of a GIF that was never made, with something in every field."""
    settings = Settings(fps=Fraction(25, 2), background=(255, 136, 0))
    return Report(
        bytes=1000,
        bytes_per_second=2000.0,
        frames_source=2,
        frames_coded=1,
        score=0.95,
        mean=0.96,
        p10=0.95,
        variance=0.0001,
        duration_weighted_mean=0.96,
        delta_e_mean=1.0,
        delta_e_p95=3.0,
        looks_mean=None,
        looks_p10=None,
        local_mean=1.75,
        local_p90=2.5,
        missed=0.004,
        ssim=(0.95, 0.97),
        local=(1.0, 2.5),
        valid=False,
        shortfalls=("S is 0.9500, below the target 0.9800",),
        warnings=("a warning",),
        source=SourceReport("a.avif", 64, 48, 2, 0.5, 0),
        scenes=(
            SceneReport(
                0,
                2,
                0,
                0,
                2,
                "k-means",
                0.95,
                900,
                (PaletteCandidate("wu", 2, None, None, "chosen"),),
            ),
        ),
        palettes=(("#000000", "#ffffff"),),
        seconds={"encode": 0.5},
        settings=as_plain(settings),
        target=as_plain(settings.target()),
        versions=package_versions(),
    )


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile what kernels are missing, before several workers each compile all of them."""
    if not hasattr(session.config, "workerinput") and not session.config.option.collectonly:
        from ssimgif.kernels.compiling import compile_kernels

        compile_kernels()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with host programs, whose files take longest; the short ones end together."""
    items.sort(key=lambda item: "tests/hosts/" not in item.nodeid)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was skipped, and what to do about it."""
    skipped = terminalreporter.stats.get("skipped", [])
    told = skips.lines(str(report.longrepr[2]) for report in skipped)
    if told:
        terminalreporter.section("skipped")
        terminalreporter.write_line("\n".join(told))


@pytest.fixture(scope="session")
def animation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an APNG file of six frames, 64x48."""
    return write_animation(tmp_path_factory.mktemp("clips") / "box.png", moving_box())


def run_here(
    *arguments: str | Path,
    env: dict[str, str] | None = None,
    stdin: bytes = b"",
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in this process, where kernels are loaded already."""
    from ssimgif import plugins
    from ssimgif.cli import command

    words = [*map(str, arguments)]
    given, out, err = (io.TextIOWrapper(io.BytesIO(data)) for data in (stdin, b"", b""))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ({"SSIMGIF_PLUGINS": ""} | (env or {})).items():
            patch.setenv(name, value)
        patch.chdir(cwd or Path.cwd())
        patch.setattr(tempfile, "tempdir", None)
        for name, stream in (("stdin", given), ("stdout", out), ("stderr", err)):
            patch.setattr(sys, name, stream)
        patch.setattr(command.command, "plugins_asked", False)
        patch.setattr(command.command, "commands", dict(command.command.commands))
        plugins.plugin_manager.cache_clear()
        try:
            code = command.run(words)
        finally:
            plugins.plugin_manager.cache_clear()
    for stream in (out, err):
        stream.flush()
    shown = (stream.buffer.getvalue() for stream in (out, err))
    return subprocess.CompletedProcess(words, code, *shown)


@pytest.fixture(scope="session")
def ssimgif() -> Command:
    """Give a function that runs the command in this process, as `ssimgif_process` does in one."""
    return run_here


@pytest.fixture(scope="session")
def ssimgif_process() -> Command:
    """Give a function that runs the command in a process of its own."""

    def run(
        *arguments: str | Path,
        env: dict[str, str] | None = None,
        stdin: bytes = b"",
        cwd: Path | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "ssimgif", *map(str, arguments)],
            env=command_environment() | (env or {}),
            input=stdin,
            capture_output=True,
            cwd=cwd,
            timeout=240,
            check=False,
        )

    return run


def command_environment() -> dict[str, str]:
    """Return the environment in which tests run the command: this source, no other plug-ins."""
    path = os.pathsep.join([str(CORE), *filter(None, [os.environ.get("PYTHONPATH")])])
    return os.environ | {"PYTHONPATH": path, "SSIMGIF_PLUGINS": ""}


def run_python(
    program: str,
    code: int = 0,
    more: dict[str, str] | None = None,
    folder: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter, in that environment; it must exit with the code.

    It is ended after five minutes.
    """
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        timeout=300,
        env=command_environment() | (more or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture
def host() -> Callable[[str], str]:
    """Give a function that finds a host program, or skips; under CI a missing host fails."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{name} is not installed")
        return path

    return find


def absent(what: str) -> None:
    """Skip a test for want of a host; under CI, fail."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{what} is not installed")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Give a headless Chromium, the one that the system has."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        absent("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        absent("playwright")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    quiet += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=quiet)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """Give the process and the address of a page that `ssimgif web` serves."""
    folder = tmp_path_factory.mktemp("served")
    with web_server(folder) as (process, address):
        yield process.pid, address
    assert not list(folder.iterdir()), "uploads must be gone with the server"


@pytest.fixture
def web(served: tuple[int, str]) -> str:
    """Give the address of that page."""
    return served[1]


@pytest.fixture
def web_process(served: tuple[int, str]) -> int:
    """Give the process that serves it."""
    return served[0]


@contextmanager
def web_server(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `ssimgif web`, with its temporary files in a folder, and end it at last."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ssimgif", "web", "--port", "0"],
        env=command_environment() | {"SSIMGIF_PLUGINS": "web", "TMPDIR": str(folder)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        found = re.search(r"http://\S+", process.stderr.readline())
        assert found, process.stderr.read()
        yield process, found[0]
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def torch() -> Any:
    """Give torch, with one thread."""
    try:
        import torch
    except ImportError:
        absent("torch")
    torch.set_num_threads(1)
    return torch


def axe_source() -> str:
    """Return the script of axe-core, from `npm install axe-core` in this folder or above."""
    for folder in Path(__file__).parents:
        script = folder / "node_modules" / "axe-core" / "axe.min.js"
        if script.exists():
            return script.read_text(encoding="utf-8")
    absent("axe-core")
    raise AssertionError
