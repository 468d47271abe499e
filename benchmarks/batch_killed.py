"""A batch that is killed three times, against one that is left alone.

usage: python benchmarks/batch_killed.py [--files N] [--seed N]

Small files, 5 % of them broken, are converted; then again elsewhere with SIGKILL at three random
moments and the same command after each. Every output must be whole and equal, with one line for it
in the journal.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from time import monotonic, sleep

from batch_files import make_files


def main() -> int:
    """Compare the trees, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    choose = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sound, broken = make_files(folder / "in", given.files, given.seed)
        print(f"{sound} sound files, {broken} broken")
        started = monotonic()
        code = run(folder, "calm").wait()
        print(f"undisturbed: exit code {code}, {monotonic() - started:.0f} s")
        moments = sorted(choose.sample(range(given.files // 20, given.files * 19 // 20), 3))
        for least in moments:
            process = run(folder, "killed")
            while len(journal(folder / "killed")) < least and process.poll() is None:
                sleep(0.02)
            sleep(choose.random() * 0.2)
            process.kill()
            process.wait()
            print(f"killed after {len(journal(folder / 'killed'))} lines of the journal")
        code = run(folder, "killed").wait()
        summary = json.loads((folder / "killed.json").read_text(encoding="utf-8"))
        lines = Counter(line["output"] for line in journal(folder / "killed"))
        calm, again = tree(folder / "calm"), tree(folder / "killed")
        print(f"exit code {code}; done {summary['done']}, failed {summary['failed']}")
        print(f"causes: {Counter(one['cause'] for one in summary['failures'])}")
        print(f"{len(again)} GIFs, trees equal: {calm == again}")
        print(f"{sum(lines.values())} lines for {len(lines)} outputs")
        right = (summary["done"], summary["failed"]) == (sound, broken)
        return 0 if right and calm == again and max(lines.values()) == 1 else 1


def run(folder: Path, name: str) -> subprocess.Popen[bytes]:
    """Start a batch into a folder of this name."""
    words = ["batch", folder / "in", "--out", folder / name, "--summary", folder / f"{name}.json"]
    words += ["--quiet", "--no-cache", "--rule", "effort=1"]
    return subprocess.Popen(
        [sys.executable, "-m", "ssimgif", *map(str, words)], stderr=subprocess.DEVNULL
    )


def journal(out: Path) -> list[dict[str, object]]:
    """Return the whole lines of a batch's journal."""
    path = out / ".ssimgif-batch" / "journal.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def tree(out: Path) -> dict[str, bytes]:
    """Return all files but the batch's own; what a killed run left is there too."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and not path.name.startswith("journal.")
    }


if __name__ == "__main__":
    sys.exit(main())
