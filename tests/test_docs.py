"""What the documents say is so."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Command, moving_box, run_python, write_animation
from ssimgif.plugins.hookspecs import HookSpecs

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
REPOSITORY = "https://github.com/ssimgif/ssimgif/blob/main/"
HOOKS = [name for name in vars(HookSpecs) if name.startswith("ssimgif_")]

documents = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_section_with_its_signature(hook: str) -> None:
    parameters = list(inspect.signature(getattr(HookSpecs, hook)).parameters)
    heading = f"## {hook}({', '.join(parameters[1:])})"
    assert heading in (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_test_and_is_in_the_example(hook: str) -> None:
    assert f"{hook}=" in (ROOT / "tests" / "plugins" / "test_manager.py").read_text(
        encoding="utf-8"
    )
    example = ROOT / "docs" / "example_plugin" / "ssimgif_example.py"
    assert f"def {hook}(" in example.read_text(encoding="utf-8")


def test_no_section_is_about_a_hook_that_is_gone() -> None:
    text = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## (ssimgif_\w+)", text, re.M)) == set(HOOKS)


@documents
def test_links_inside_the_repository_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8")):
        inside = path.parent / target
        if target.startswith(REPOSITORY):
            inside = ROOT / target.removeprefix(REPOSITORY)
        elif target.startswith("http"):
            continue
        assert inside.exists(), target


@pytest.fixture(scope="module")
def options(ssimgif: Command) -> set[str]:
    """Give all options that the command's help shows."""
    commands = [[], ["verify"], ["compare"], ["doctor"], ["imagemagick", "install"], ["ffmpeg"]]
    commands += [["web"], ["gimp", "install"], ["batch"], ["gifnets", "dither"]]
    env = {"SSIMGIF_PLUGINS": "imagemagick,ffmpeg,web,gimp,batch,gifnets"}
    shown = b"".join(ssimgif(*words, "--help", env=env).stdout for words in commands)
    for part in ("train", "evaluate"):
        training = [sys.executable, "-m", "ssimgif_gifnets.training", part, "--help"]
        shown += subprocess.run(training, capture_output=True, check=True).stdout
    return set(re.findall(r"--[a-z][a-z-]+", shown.decode()))


@documents
def test_options_in_the_documents_exist(path: Path, options: set[str]) -> None:
    text = path.read_text(encoding="utf-8")
    lines = re.findall(r"^.*\bssimgif .*$", text, re.M) + re.findall(r"`--[^`]*`", text)
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", "\n".join(lines))) <= options


@documents
def test_make_targets_in_the_documents_exist(path: Path) -> None:
    rules = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    code = re.findall(r"^make (\w+)|`make (\w+)", path.read_text(encoding="utf-8"), re.M)
    assert {word for pair in code for word in pair if word} <= rules


@documents
def test_no_document_names_a_place_on_somebodys_machine(path: Path) -> None:
    assert not re.search(r"(?<![\w.])/(home|root|work|Users)/", path.read_text(encoding="utf-8"))


def test_the_readmes_python_runs(tmp_path: Path) -> None:
    write_animation(tmp_path / "in.avif", moving_box())
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    done = run_python(block, folder=tmp_path)
    size, score, valid = done.stdout.split()
    assert int(size) == (tmp_path / "out.gif").stat().st_size
    assert 0 < float(score) < 1 and valid in {"True", "False"}


def test_the_readme_is_short_and_begins_with_a_picture_and_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 150
    first_screen = text.split("\n## ")[0]
    assert "](docs/pictures/readme.webp)" in first_screen
    (block,) = re.findall(r"```sh\n(.*?)```", first_screen, re.S)
    assert len(block.splitlines()) == 2


def test_the_changelog_knows_the_version_or_is_unreleased() -> None:
    import ssimgif

    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in text or f"## [{ssimgif.__version__}]" in text


def test_ci_runs_what_contributors_run() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert {"make lint", "make test"} <= set(script)
