"""What is imported when, and what is public."""

from __future__ import annotations

import pytest

import ssimgif
from conftest import run_python

HEAVY = ("numba", "av", "PIL", "skimage", "scipy", "rich", "pluggy", "numpy")


@pytest.mark.parametrize(
    "code",
    [
        "import ssimgif",
        "from ssimgif.cli import run; run(['--version'])",
        "from ssimgif.cli import run; run(['--help'])",
        "from ssimgif.cli import run; run(['--ssim', '7', 'a', 'b'])",
    ],
)
def test_light_things_import_nothing_heavy(code: str) -> None:
    probe = f"import sys; {code}; print(*(set(sys.modules) & {set(HEAVY)}))"
    done = run_python(probe)
    assert done.stdout.splitlines()[-1] == ""


def test_what_is_registered_for_the_exit_still_runs_and_the_code_is_kept() -> None:
    program = (
        "import atexit, sys, ssimgif.cli as cli\n"
        "from ssimgif.__main__ import main\n"
        "run = cli.run\n"
        "cli.run = lambda words: (atexit.register(print, 'left'), run(words))[1]\n"
        "sys.argv = ['ssimgif', '{}']\n"
        "sys.exit(main())"
    )
    for word, code in (("--version", 0), ("--no-such-option", 2)):
        done = run_python(program.format(word), code)
        assert done.stdout.splitlines()[-1:] == ["left"]


def test_all_is_what_dir_shows_and_each_name_is_there() -> None:
    assert dir(ssimgif) == sorted(ssimgif.__all__)
    for name in ssimgif.__all__:
        assert getattr(ssimgif, name) is not None


def test_star_import_gives_the_public_names() -> None:
    space: dict[str, object] = {}
    exec("from ssimgif import *", space)
    assert set(space) - {"__builtins__"} == set(ssimgif.__all__)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_like_it"):
        ssimgif.nothing_like_it  # noqa: B018
