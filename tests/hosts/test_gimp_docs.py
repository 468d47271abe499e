"""Every shell line about GIMP in README and docs/gimp.md, pasted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from gimp_chroot import PIPE, GimpHost, gimp_host, said, version
from PIL import Image

from conftest import command_environment, moving_box, write_animation
from pasted import DOCS, README, shell_lines

pytestmark = pytest.mark.host
gimp = pytest.fixture(scope="module")(gimp_host)

LINES = list(
    dict.fromkeys([*shell_lines(README, start="ssimgif gimp "), *shell_lines(DOCS / "gimp.md")])
)


def test_the_lines_work_one_after_another(gimp: GimpHost) -> None:
    folder = gimp.shared / "docs"
    folder.mkdir()
    write_animation(folder / "in.gif", moving_box(4))
    gimp.batch(
        f"call('gimp-file-save', image=load({str(folder / 'in.gif')!r}), "
        f"file={str(folder / 'in.xcf')!r})"
    )
    gimp.manage("uninstall")
    environment = command_environment() | {"SSIMGIF_PLUGINS": "gimp"}
    environment |= {"HOME": str(gimp.shared / "home")}
    environment |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("XDG_CONFIG_HOME", None)
    for line in LINES:
        if line.startswith("gimp-console"):
            inside = ["bash", "-c", f"cd {folder} && {line}"]
            output = said(gimp.start(*inside, stdout=PIPE, stderr=subprocess.STDOUT))
            with Image.open(folder / "out.gif") as gif:
                assert (getattr(gif, "n_frames", 1), gif.size) == (4, (64, 48)), output
            continue
        assert line.startswith("ssimgif gimp ")
        done = subprocess.run(
            ["bash", "-c", line], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert f"GIMP {version()}" in done.stdout and "installed" in done.stdout
