"""Running ``ssimgif batch``, and looking at what it left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from conftest import CORE, command_environment, run_here

PLUGIN = CORE.parent / "plugins" / "batch"


def environment() -> dict[str, str]:
    path = os.pathsep.join([str(PLUGIN), command_environment()["PYTHONPATH"]])
    return command_environment() | {"PYTHONPATH": path, "SSIMGIF_PLUGINS": "batch"}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "ssimgif", "batch", *map(str, arguments)]


def batch(
    *arguments: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it in this process; those that convert files are its children all the same."""
    done = run_here("batch", *arguments, env=environment() | (env or {}), cwd=cwd)
    shown = (text.decode() for text in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, *shown)


def journal(out: Path) -> list[dict[str, Any]]:
    path = out / ".ssimgif-batch" / "journal.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def tree(out: Path) -> dict[str, bytes]:
    """Return all files but the journal."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and not path.name.startswith("journal.")
    }
