"""What a run skipped: a line for each missing thing, with the command that brings it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

PIP = ".venv/bin/python -m pip install --editable '.[dev]'"
APT = "apt-get install"
# By words of the reasons; the first that fits.
COMMANDS = {
    r"GIMP 3|Python 2\.7": "scripts/ci/gimp.sh, as root",
    r"ImageMagick|\b(convert|identify|magick)\b": "scripts/ci/imagemagick.sh, as root",
    r"chromium|axe-core": "scripts/ci/web.sh",
    r"\b(ffmpeg|ffprobe)\b": f"{APT} ffmpeg",
    r"\bavifdec\b": f"{APT} libavif-bin",
    r"\b(gifsicle|git)\b": rf"{APT} \1",
    r"torch|efficientnet": "scripts/ci/torch.sh",
    r"\b(moviepy|diffusers)\b": "scripts/ci/recipes.sh",
    r"only root": "run the tests as root",
    r"\broot may\b": "run the tests as another user",
    r"could not import|imageio|matplotlib|cluster|playwright|mkdocs": PIP,
}


def line(reason: str) -> str:
    """Return a reason as pytest gives it, in short, and what to do about it."""
    short = re.sub(r"^Skipped: ", "", reason)
    short = re.sub(r"^could not import '([\w.]+)'.*", r"\1 is not installed", short)
    for pattern, command in COMMANDS.items():
        if found := re.search(pattern, reason):
            told = re.sub(r" ?\(?scripts/ci/\S+ (does|makes) it\)?", "", short)
            return f"{told}: {found.expand(command)}"
    return short


def lines(reasons: Iterable[str]) -> list[str]:
    """Return a line for each thing that is missing, the most tests first."""
    counted = Counter(map(line, reasons)).most_common()
    return [f"{count:4} {'test' if count == 1 else 'tests'}: {told}" for told, count in counted]
