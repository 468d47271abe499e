"""Lines for a shell that stand in the documents, to be pasted by tests."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from conftest import ROOT

README, DOCS = ROOT / "README.md", ROOT / "docs"


def shell_lines(*documents: Path, start: str = "") -> list[str]:
    """Return the lines of the documents' blocks for a shell that begin so, each once.

    Remarks at their ends are left out.
    """
    blocks = (
        block
        for path in documents
        for block in re.findall(r"```sh\n(.*?)```", path.read_text(encoding="utf-8"), re.S)
    )
    lines = (re.sub(r"\s+# .*", "", line) for block in blocks for line in block.splitlines())
    return list(dict.fromkeys(line for line in lines if line.strip() and line.startswith(start)))


def make_program(folder: Path) -> Path:
    """Make a program ``ssimgif`` that is this one, and return its folder."""
    folder.mkdir(exist_ok=True)
    script = folder / "ssimgif"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ssimgif "$@"\n')
    script.chmod(0o755)
    return folder
