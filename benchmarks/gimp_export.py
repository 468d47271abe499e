"""What an export from GIMP takes besides the encoding itself.

Usage: ``python benchmarks/gimp_export.py [--rounds N]``, as root, after ``scripts/ci/gimp.sh``. 60
frames of 480x270 are exported in a real GIMP 3. The encoder's own seconds, which the program tells
the plug-in, are taken from the whole time of the procedure.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "hosts"))

from gimp_chroot import GimpHost

SCRIPT = """
import math
W, H = 480, 270
row = [bytes((128 + int(90 * math.sin((x + k) / 31))) & 255 for x in range(W)) for k in range(60)]
image = Gimp.Image.new(W, H, Gimp.ImageBaseType.RGB)
for i in range(60):
    normal = Gimp.LayerMode.NORMAL
    layer = Gimp.Layer.new(image, "frame", W, H, Gimp.ImageType.RGB_IMAGE, 100.0, normal)
    image.insert_layer(layer, None, 0)
    rows = (row[(i + y // 4) % 60] for y in range(H))
    paint(layer, b"".join(bytes(v for b in r for v in (b, 255 - b, 90)) for r in rows), "R'G'B' u8")
answer = []
for _ in range({rounds}):
    started = time.monotonic()
    export(image, {output!r}, effort=1)
    answer.append(time.monotonic() - started)
"""


def main() -> None:
    """Export several times and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        gimp = GimpHost(Path(folder))
        log = note_answers(gimp)
        script = SCRIPT.format(rounds=rounds, output=str(gimp.shared / "out.gif"))
        whole = gimp.ask(script)
        answers = [json.loads(line) for line in log.read_text().splitlines()]
    own = [answer["result"]["seconds"] for answer in answers if "result" in answer]
    assert len(own) == len(whole) == rounds
    besides = [all_ - encoding for all_, encoding in zip(whole, own, strict=True)]
    for name, seconds in ("export", whole), ("encoder", own), ("besides", besides):
        print(f"{name}: median {statistics.median(seconds):.2f} s of", end=" ")
        print(", ".join(f"{each:.2f}" for each in seconds))


def note_answers(gimp: GimpHost) -> Path:
    """Write down what the program answers; return the path of that."""
    log, tee = gimp.shared / "answers", gimp.shared / "tee.sh"
    tee.write_text(f'#!/bin/sh\n"{sys.executable}" "$@" | tee -a "{log}"\n')
    tee.chmod(0o755)
    noted = gimp.profile / "plug-ins" / "ssim_gif" / "program.json"
    noted.write_text(json.dumps({"command": [str(tee), "-m", "ssimgif"]}))
    return log


if __name__ == "__main__":
    main()
