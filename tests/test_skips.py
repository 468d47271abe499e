"""What a run of the tests says about those that it skipped."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import skips
from conftest import ROOT, command_environment

MISSING = {
    "Skipped: chromium is not installed": "chromium is not installed: scripts/ci/web.sh",
    "Skipped: could not import 'fastapi': No module": "fastapi is not installed: .v",
    "Skipped: ffprobe is not installed": "ffprobe is not installed: apt-get install ffmpeg",
    "Skipped: gifsicle is not installed": "gifsicle is not installed: apt-get install gifsicle",
    "Skipped: ImageMagick 7 is not installed (scripts/ci/imagemagick.sh does it)": (
        "ImageMagick 7 is not installed: scripts/ci/imagemagick.sh, as root"
    ),
    "Skipped: no GIMP 3 in /x (scripts/ci/gimp.sh makes it), or not root": (
        "no GIMP 3 in /x, or not root: scripts/ci/gimp.sh, as root"
    ),
    "Skipped: root may write everywhere": "root may write everywhere: run the tests as another",
    "Skipped: only root can mount a small disk": "only root can mount a small disk: run the tests",
    "Skipped: this system has no /dev/full": "this system has no /dev/full",
}


@pytest.mark.parametrize(("reason", "told"), MISSING.items(), ids=lambda text: text[:30])
def test_a_reason_names_what_is_missing_and_what_brings_it(reason: str, told: str) -> None:
    assert skips.line(reason).startswith(told)


def test_each_thing_has_one_line_the_most_tests_first() -> None:
    found = skips.lines(["Skipped: git is not installed", *["Skipped: no"] * 12])
    assert found == ["  12 tests: no", "   1 test: git is not installed: apt-get install git"]


def test_scripts_that_are_named_are_there() -> None:
    scripts = re.findall(r"scripts/ci/\w+\.sh", " ".join(skips.COMMANDS.values()))
    assert scripts and all((ROOT / script).is_file() for script in scripts)


def test_the_end_of_a_run_has_the_lines(tmp_path: Path) -> None:
    text = "import pytest\n\n\n@pytest.mark.parametrize('n', range(3))\ndef test_it(n, host):\n"
    (tmp_path / "test_it.py").write_text(f"{text}    host('no-such-program')\n")
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2"]
    plugin = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-p", "conftest"]
    environment = command_environment() | {"CI": ""}
    environment["PYTHONPATH"] += f":{ROOT / 'tests'}"
    done = subprocess.run(
        [*words, *plugin, str(tmp_path / "test_it.py")],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "   3 tests: no-such-program is not installed" in done.stdout, done.stdout + done.stderr
    assert done.stdout.count("no-such-program") == 1
