"""Feed readers with bad inputs until a bug shows.

Usage::

    python tests/fuzz/fuzz.py NAME [--count N | --seconds S] [--seed N] [--keep FOLDER]

A child process does the work, with a limit of memory; what it dies of, or takes longer than 10 s
for, is a bug as well as what it raises. Inputs that show one are kept, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import queue
import subprocess
import sys
import tempfile
import threading
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

sys.path.insert(0, str(Path(__file__).parent))

from harnesses import HARNESSES, Harness, corpus
from mutation import mutated

HANG_SECONDS = 10.0
START_SECONDS = 300.0
MEMORY_BYTES = 3 << 30
# Once so many bugs were found, more say nothing new.
ENOUGH = 20


@dataclass
class Findings:
    """What a run found.

    Attributes
    ----------
    inputs : int
        How many were tried.
    bugs : list of (int, str)
        The number of an input, and what happened.
    """

    inputs: int = 0
    bugs: list[tuple[int, str]] = field(default_factory=list)


def run(name: str, seed: int, count: int | None, seconds: float | None) -> Findings:
    """Try inputs until there were ``count`` of them, or for so long."""
    found, end = Findings(), monotonic() + (seconds or float("inf"))
    while (count is None or found.inputs < count) and len(found.bugs) < ENOUGH:
        if monotonic() > end:
            break
        with tempfile.TemporaryDirectory() as folder:
            child = _Child(name, seed, found.inputs, count, Path(folder))
            try:
                child.follow(found, end, count)
            finally:
                child.end()
    return found


class _Child:
    def __init__(self, name: str, seed: int, first: int, count: int | None, folder: Path) -> None:
        words = [name, str(seed), str(first), str(count or -1), str(folder)]
        self._first = first
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--child", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def follow(self, found: Findings, end: float, count: int | None) -> None:
        """Count inputs until the child ends, hangs, or time is over."""
        number, patience = self._first, START_SECONDS
        while monotonic() < end and len(found.bugs) < ENOUGH:
            try:
                line = self._lines.get(timeout=patience)
            except queue.Empty:
                found.bugs.append((number, f"takes longer than {patience:g} s"))
                found.inputs = number + 1
                return
            patience = HANG_SECONDS
            if line is None:
                code = self._process.wait()
                if code:
                    found.bugs.append((number, f"the process ended with code {code}"))
                    found.inputs = number + 1
                return
            kind, _, rest = line.partition(" ")
            if kind == "begin":
                number = int(rest)
            elif kind == "bug":
                found.bugs.append((number, rest.strip()))
            else:
                found.inputs = number + 1
                if found.inputs == count:
                    patience = START_SECONDS  # to leave the process is no input's work

    def end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.strip())
        self._lines.put(None)


def child(name: str, seed: int, first: int, count: int, folder: Path) -> None:
    """Try inputs one after the other, and tell of each."""
    from ssimgif.sandbox.child import limit

    tempfile.tempdir = str(folder)
    harness, inputs = HARNESSES[name], corpus(name)
    for sound in inputs[:3]:
        attempt(harness, sound, folder)
    limit(MEMORY_BYTES, MEMORY_BYTES)
    number = first
    while number != count:
        print("begin", number, flush=True)
        if bug := attempt(harness, mutated(inputs, seed, number), folder):
            print("bug", bug)
        print("end", number, flush=True)
        number += 1


def attempt(harness: Harness, data: bytes, folder: Path) -> str:
    """Try one input; return what is wrong, or nothing."""
    from ssimgif import SsimGifError

    bug = ""
    try:
        harness(data, folder)
    except SsimGifError as error:
        text = str(error)
        if "\n" in text or not text:
            bug = f"the message is no sentence: {text!r}"
    except BaseException as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        what = " ".join(f"{type(error).__name__}: {error}".split())
        bug = f"{what} ({Path(place.filename).name}:{place.lineno})"
    left = [path for path in folder.iterdir() if path.name != "in"]
    for path in left:
        if path.is_file():
            path.unlink()
    if left and not bug:
        bug = f"left behind: {', '.join(path.name for path in left)}"
    return bug


def main() -> int:
    """Run one harness from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=HARNESSES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    given = parser.parse_args()
    if given.count is None and given.seconds is None:
        given.seconds = 60.0
    found = run(given.name, given.seed, given.count, given.seconds)
    print(f"{given.name}: {found.inputs:,} inputs of seed {given.seed}, {len(found.bugs)} bugs")
    inputs = corpus(given.name)
    for number, what in found.bugs:
        given.keep.mkdir(exist_ok=True)
        path = given.keep / f"{given.name}-{given.seed}-{number}"
        path.write_bytes(mutated(inputs, given.seed, number))
        print(f"{path}: {what}")
    return 1 if found.bugs else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        word, *numbers, where = sys.argv[2:]
        child(word, *map(int, numbers), Path(where))
    else:
        sys.exit(main())
