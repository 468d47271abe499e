"""What is published is whole, and asks for no more than it needs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest

from conftest import ROOT

packaging = pytest.importorskip("packaging.requirements")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WHEEL = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
# What some adapter or extra works with, and nobody is to install for the command alone.
OPTIONAL = {"matplotlib", "torch", "fastapi", "fsspec", "distributed", "hatchling", "pytest"}


def needed(name: str, extra: str = "") -> list[str]:
    """Return the names of the packages that an installed one asks for."""
    found = map(packaging.Requirement, requires(name) or [])
    return [one.name for one in found if not one.marker or one.marker.evaluate({"extra": extra})]


def installed_with(name: str) -> set[str]:
    """Return all packages that come with one."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for other in needed(waiting.pop()):
            if other.lower() not in found:
                found.add(other.lower())
                try:
                    requires(other)
                except PackageNotFoundError:
                    continue
                waiting.append(other)
    return found


def test_the_base_installation_is_small() -> None:
    base = {packaging.Requirement(text).name for text in PROJECT["project"]["dependencies"]}
    found = base.union(*map(installed_with, base))
    assert not found & OPTIONAL
    assert "imageio" not in base and "imageio" in installed_with("scikit-image")


def test_every_package_says_that_it_has_types() -> None:
    for package in WHEEL["packages"]:
        assert (ROOT / package / "py.typed").is_file(), package


def test_the_extras_for_users_are_named_in_the_documents() -> None:
    extras = set(PROJECT["project"]["optional-dependencies"])
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for extra in extras - {"dev", "test", "lint", "bench", "browser", "docs"}:
        assert f"`{extra}`" in text, extra


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the source distribution, unpacked."""
    pytest.importorskip("hatchling")
    pytest.importorskip("hatch_fancy_pypi_readme")
    folder = tmp_path_factory.mktemp("sdist")
    program = f"import build_backend; print(build_backend.build_sdist({str(folder)!r}))"
    backend = [sys.executable, "-c", f"import sys; sys.path.insert(0, 'scripts'); {program}"]
    name = subprocess.run(backend, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    with tarfile.open(folder / name.strip().splitlines()[-1]) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = (path for path in folder.iterdir() if path.is_dir())
    return unpacked


def test_the_sdist_has_what_its_own_tests_need(sdist: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode or not tracked.stdout:
        pytest.skip("this is no clone")
    missing = [name for name in tracked.stdout.splitlines() if not (sdist / name).exists()]
    assert missing == []


def test_pictures_and_links_work_outside_the_repository(sdist: Path) -> None:
    text = (sdist / "PKG-INFO").read_text(encoding="utf-8")
    readme = text.partition("\n\n")[2]
    targets = re.findall(r"\]\(([^)]+)\)", readme)
    assert len(targets) > 10
    assert [one for one in targets if not one.startswith(("https://", "#"))] == []
    assert re.search(r"^Version: 0\.\d+\.\d+$", text, re.M)
    for field in ("Project-URL: Source", "License-File: NOTICE", "Classifier: Typing :: Typed"):
        assert field in text
