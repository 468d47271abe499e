"""The entries that make ImageMagick call ssimgif, and their place in a delegates.xml."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from ssimgif import OutputError

ENCODE, DECODE = "ssimgif", "avifseq"
FILE = "delegates.xml"
EMPTY = b"""<?xml version="1.0" encoding="UTF-8"?>
<delegatemap>
</delegatemap>
"""
# ImageMagick's reader of this file is no full XML parser: no quotes in comments.
_BEGIN, _END = b"<!-- ssimgif begin -->", b"<!-- ssimgif end -->"
_BLOCK = re.compile(re.escape(_BEGIN) + rb".*?" + re.escape(_END) + rb"\r?\n", re.S)
_CLOSING = re.compile(rb"[ \t]*</delegatemap\s*>")
# What would not survive ImageMagick's own splitting, escapes, or a shell between double quotes.
_UNSAFE = frozenset("\"'\\`$&;<>|%*?\r\n\t")


def program() -> list[str]:
    """Return the command line of this installation's program; ``-P`` keeps it from importing
    modules that lie in the working directory."""
    return [Path(sys.executable).as_posix(), "-P", "-m", "ssimgif"]


def entries(command: Sequence[str] | None = None) -> bytes:
    """Return our entries, ``<delegate/>`` elements between two comments.

    Only the names of ImageMagick's own temporary files and a number are handed over: everything
    else that it could fill in may hold what a stranger wrote.

    Raises
    ------
    OutputError
        When the program's path has characters that ImageMagick's commands can't carry.
    """
    words = program() if command is None else list(command)
    for word in words:
        if unsafe := _UNSAFE & set(word):
            raise OutputError(
                f"ImageMagick can't call {word}: its path holds {' '.join(sorted(unsafe))!r};"
                " install ssimgif in another place"
            )
    call = " ".join([f'"{words[0]}"', *words[1:], "imagemagick"])
    encode = f'{call} encode --quality %Q "%i" "%o"'
    decode = f'{call} decode "%i" "%o"'
    lines = (
        _BEGIN.decode(),
        f'  <delegate decode="miff" encode="{ENCODE}" mode="encode" command={_attribute(encode)}/>',
        f'  <delegate decode="{DECODE}" command={_attribute(decode)}/>',
        _END.decode(),
    )
    return "\n".join([*lines, ""]).encode()


def _attribute(text: str) -> str:
    # It imports much that is of use to no other command.
    from xml.sax.saxutils import quoteattr

    return quoteattr(text, {'"': "&quot;"})


def merged(text: bytes, block: bytes) -> bytes:
    """Return a delegates.xml with our entries at its end, in place of older ones of ours.

    Raises
    ------
    ValueError
        When the text is no delegate map.
    """
    text = without(text)
    if b"\r\n" in text:
        block = block.replace(b"\n", b"\r\n")
    closing = [match.start() for match in _CLOSING.finditer(text)]
    if not closing or b"<delegatemap" not in text:
        raise ValueError("it has no <delegatemap> ... </delegatemap>")
    return text[: closing[-1]] + block + text[closing[-1] :]


def without(text: bytes) -> bytes:
    """Return a delegates.xml without our entries, all else as it was."""
    return _BLOCK.sub(b"", text)


def has_entries(text: bytes) -> bool:
    """Tell whether our entries are in a delegates.xml."""
    return _BLOCK.search(text) is not None
