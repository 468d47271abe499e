"""The ImageMagicks on this machine, and what they say of themselves."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ssimgif_imagemagick.delegates import ENCODE

# On Debian the programs of each build have names of their own.
NAMES = (
    "magick",
    "convert",
    *("magick-im7.q16", "magick-im7.q16hdri"),
    *("convert-im6.q16", "convert-im6.q16hdri"),
)
_TIMEOUT = 20
_VERSION = re.compile(r"Version: ImageMagick (\S+)")


@dataclass(frozen=True, slots=True)
class Host:
    """An ImageMagick.

    Attributes
    ----------
    name : str
        As it is called in a shell.
    path : Path
    version : str
        Such as ``7.1.1-43``.
    """

    name: str
    path: Path
    version: str

    def listing(self, what: str) -> str:
        """Return what ``-list`` prints."""
        return _output(self.path, "-list", what)

    def sees_delegate(self) -> bool:
        """Tell whether our entry is among its delegates."""
        return re.search(rf"^\s*miff<=\s*{ENCODE}\b", self.listing("delegate"), re.M) is not None


def find() -> tuple[list[Host], list[Path]]:
    """Return the ImageMagicks on the path, and programs that only have the name of one.

    The same build under two names counts once, under the name that people type.
    """
    hosts: dict[str, Host] = {}
    others = []
    for name in NAMES:
        path = shutil.which(name)
        if path is None:
            continue
        match = _VERSION.search(_output(Path(path), "-version"))
        if match is None:
            others.append(Path(path))
        else:
            hosts.setdefault(match.group(1), Host(name, Path(path), match.group(1)))
    return list(hosts.values()), others


def _output(path: Path, *arguments: str) -> str:
    """Return what a program prints; nothing when it fails to run."""
    try:
        done = subprocess.run(
            [path, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")
