"""The command's help, and what shells complete."""

from __future__ import annotations

import pytest

from conftest import Command
from ssimgif.cli import command as cli
from ssimgif.cli.options import GROUPS


@pytest.mark.parametrize(("line", "usage"), [("", "ssimgif [OPT"), ("cache", "ssimgif cache [OPT")])
def test_without_any_arguments_the_help_is_shown(
    capfd: pytest.CaptureFixture[str], line: str, usage: str
) -> None:
    assert cli.run(line.split()) == 2
    assert capfd.readouterr().err.startswith(f"Usage: {usage}")


@pytest.mark.parametrize(
    ("line", "usage"),
    [
        ("help", "ssimgif [OPTIONS] IN..."),
        ("--help", "ssimgif [OPTIONS] IN..."),
        ("in.avif out.gif --help", "ssimgif [OPTIONS] IN..."),
        ("help verify", "ssimgif verify [OPTIONS] IN OUT.gif"),
        ("help cache clear", "ssimgif cache clear [OPTIONS]"),
    ],
)
def test_help_is_given_in_each_way_that_is_tried(
    capsys: pytest.CaptureFixture[str], line: str, usage: str
) -> None:
    assert cli.run(line.split()) == 0
    assert capsys.readouterr().out.startswith(f"Usage: {usage}")


def test_every_option_is_in_one_group_and_the_first_has_ten() -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) <= {option.name for option in cli.OPTIONS} | {"--report"}
    assert len(next(iter(GROUPS.values()))) == 10


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ssimgif --qual", ["plain,--quality"]),
        ("ssimgif in.avif --max-b", ["plain,--max-bytes"]),
        ("ssimgif in.avif --for slack", ["plain,slack-emoji"]),
        ("ssimgif in.avif --dither or", ["plain,ordered"]),
        ("ssimgif verif", ["plain,verify", "file,verif"]),
        ("ssimgif in.avif ou", ["file,ou"]),
        ("ssimgif compare --sou", ["plain,--source"]),
        ("ssimgif cache cl", ["plain,clear"]),
    ],
)
def test_shells_complete_it(ssimgif: Command, words: str, found: list[str]) -> None:
    env = {"_SSIMGIF_COMPLETE": "bash_complete", "COMP_WORDS": words}
    done = ssimgif(env=env | {"COMP_CWORD": str(len(words.split()) - 1)})
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().split() == found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_has_a_script_for_each_shell(ssimgif: Command, shell: str) -> None:
    done = ssimgif(env={"_SSIMGIF_COMPLETE": f"{shell}_source"})
    assert done.returncode == 0, done.stderr
    assert b"_SSIMGIF_COMPLETE" in done.stdout
