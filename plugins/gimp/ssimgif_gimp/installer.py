"""Putting the plug-in into a profile, and taking it out; doing it twice changes nothing."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from ssimgif import OutputError, __version__
from ssimgif_gimp.profiles import Profile, found

NAME = "ssim_gif"
PROGRAM_FILE = "program.json"
HERE = Path(__file__).parent


def install(profile: Profile) -> str:
    """Write the plug-in into ``profile``, and say what was done.

    Raises
    ------
    OutputError
        When the folder can't be written.
    """
    folder = profile.plug_ins / NAME
    wanted = _files(profile)
    if _installed(folder) == wanted:
        return f"{profile.name}: up to date"
    done = "updated" if folder.exists() else "installed"
    try:
        _remove(folder)
        folder.mkdir(parents=True)
        for name, content in wanted.items():
            (folder / name).write_bytes(content)
        (folder / f"{NAME}.py").chmod(0o755)
    except OSError as error:
        raise OutputError(f"{folder} can't be written: {(error.strerror or '').lower()}") from error
    return f"{profile.name}: {done}; start GIMP anew to use it"


def uninstall(profile: Profile) -> str:
    """Remove the plug-in from ``profile``, and say whether there was one."""
    folder = profile.plug_ins / NAME
    if not folder.exists() and not folder.is_symlink():
        return f"{profile.name}: was not installed"
    try:
        _remove(folder)
    except OSError as error:
        raise OutputError(f"{folder} can't be removed: {(error.strerror or '').lower()}") from error
    return f"{profile.name}: removed"


def status(profile: Profile) -> str:
    """Say in one line whether the plug-in is in ``profile`` and can work."""
    files = _installed(profile.plug_ins / NAME)
    if not files:
        return f"{profile.name}: not installed"
    program = _program(files)
    if program is None or not Path(program).exists():
        gone = program or "the path of the program"
        return f"problem: {profile.name}: {gone} is gone; run ssimgif gimp install again"
    if files != _files(profile):
        return f"{profile.name}: another version is installed; run ssimgif gimp install"
    return f"{profile.name}: installed"


def examine() -> Iterator[str]:
    """Yield the lines of ``ssimgif doctor`` about GIMP."""
    for profile in found():
        yield f"GIMP plug-in: {status(profile)}".replace("GIMP plug-in: problem: ", "problem: ")


def _program(files: dict[str, bytes]) -> str | None:
    try:
        return str(json.loads(files[PROGRAM_FILE])["command"][0])
    except (KeyError, ValueError, IndexError, TypeError):
        return None


def _files(profile: Profile) -> dict[str, bytes]:
    """Return what the plug-in's folder must hold."""
    kind = "gimp3" if profile.version[0] == 3 else "gimp210"
    sources = [*(HERE / kind / NAME).glob("*.py"), *(HERE / "shared").glob("*.py")]
    files = {path.name: path.read_bytes() for path in sources}
    program = {"version": __version__, "command": [sys.executable, "-m", "ssimgif"]}
    return files | {PROGRAM_FILE: (json.dumps(program, indent=2) + "\n").encode()}


def _installed(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        return {}
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def _remove(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
