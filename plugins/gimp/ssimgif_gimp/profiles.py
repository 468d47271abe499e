"""Where GIMP keeps its users' profiles."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ssimgif import SsimGifError

FLATPAK = Path(".var/app/org.gimp.GIMP/config/GIMP")
PROGRAMS = ("gimp", "gimp-3.2", "gimp-3.0", "gimp-2.10")
_VERSION = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Profile:
    """One version's folder of settings.

    Attributes
    ----------
    folder : Path
    version : tuple of int
        Major and minor, which GIMP puts into the folder's name.
    flatpak : bool
        Whether it belongs to a GIMP in a sandbox, which starts programs in its own way.
    """

    folder: Path
    version: tuple[int, int]
    flatpak: bool = False

    @property
    def plug_ins(self) -> Path:
        """The folder that GIMP searches for plug-ins."""
        return self.folder / "plug-ins"

    @property
    def name(self) -> str:
        """What messages call it."""
        sandbox = ", Flatpak" if self.flatpak else ""
        return f"GIMP {self.version[0]}.{self.version[1]}{sandbox} ({self.folder})"


def chosen(folders: Sequence[Path]) -> list[Profile]:
    """Return the profiles in the folders that the user names, or all there are.

    Raises
    ------
    SsimGifError
        When there is none, or a folder's name is no version that we have a plug-in for.
    """
    if folders:
        return [_named(folder.expanduser()) for folder in folders]
    profiles = found()
    if not profiles:
        raise SsimGifError(
            "no profile of GIMP 3 or 2.10 was found; start GIMP once, or name one with --profile"
        )
    return profiles


def found() -> list[Profile]:
    """Return all profiles of this user; of a GIMP that was never started, the one it will make."""
    profiles: dict[Path, Profile] = {}
    for base, flatpak in _bases():
        for folder in sorted(base.iterdir()) if base.is_dir() else ():
            version = _version(folder.name)
            if version and folder.is_dir():
                profiles[folder.resolve()] = Profile(folder, version, flatpak)
    for version in _programs():
        folder = _own_base() / f"{version[0]}.{version[1]}"
        profiles.setdefault(folder.resolve(), Profile(folder, version))
    return list(profiles.values())


def _named(folder: Path) -> Profile:
    version = _version(folder.name)
    if version is None:
        raise SsimGifError(
            f"{folder} is no profile of GIMP 3 or 2.10; its name must end in the version, as 3.0"
        )
    return Profile(folder, version, FLATPAK.parts[2] in folder.parts)


def _version(name: str) -> tuple[int, int] | None:
    match = _VERSION.fullmatch(name)
    version = (int(match[1]), int(match[2])) if match else (0, 0)
    return version if version[0] == 3 or version == (2, 10) else None


def _own_base() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home() / "AppData/Roaming")) / "GIMP"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/GIMP"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "GIMP"


def _bases() -> Iterator[tuple[Path, bool]]:
    yield _own_base(), False
    yield Path.home() / FLATPAK, True


def _programs() -> Iterator[tuple[int, int]]:
    """Yield the versions of the GIMPs on PATH."""
    for program in filter(None, map(shutil.which, PROGRAMS)):
        try:
            done = subprocess.run(
                [program, "--version"], capture_output=True, text=True, timeout=20, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        match = _VERSION.search(done.stdout)
        version = match and _version(match[0])
        if version:
            yield version
