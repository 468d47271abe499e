"""What small clips took, and how good they were, when somebody last looked.

python tests/oracle.py              measure, and compare with what is recorded
python tests/oracle.py --record     and record what was measured
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import clips
from ssimgif import Settings, encode

RECORDED = Path(__file__).with_suffix(".json")
EFFORTS = (1, 5)
# What a result may be worse by: a share of the bytes, SSIM, and points of SSIMULACRA2.
BYTES = 0.01
SSIM = 0.002
QUALITY = 1.0

Figures = dict[str, float]


def measure(clip: str, effort: int) -> Figures:
    """Return the bytes, S and the mean SSIMULACRA2 of a clip's GIF at the default target."""
    report = encode(clips.CLIPS[clip](), Settings(effort=effort, no_cache=True)).report
    assert report.looks_mean is not None
    return {
        "bytes": report.bytes,
        "ssim": round(report.score, 4),
        "quality": round(report.looks_mean, 2),
    }


def recorded() -> dict[str, Figures]:
    """Return the recorded figures, by "clip, effort"."""
    found: dict[str, Figures] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return found


def worse(now: Figures, before: Figures) -> list[str]:
    """Return a sentence for each figure that is worse than tolerated."""
    limits = {
        "bytes": now["bytes"] <= before["bytes"] * (1 + BYTES),
        "ssim": now["ssim"] >= before["ssim"] - SSIM,
        "quality": now["quality"] >= before["quality"] - QUALITY,
    }
    return [f"{name}: {now[name]}, was {before[name]}" for name, kept in limits.items() if not kept]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", action="store_true", help="record what is measured")
    record = parser.parse_args().record
    before = recorded() if RECORDED.exists() else {}
    found, failed = {}, False
    for clip in clips.CLIPS:
        for effort in EFFORTS:
            name, start = f"{clip}, effort {effort}", time.process_time()
            found[name] = now = measure(clip, effort)
            seconds, was = time.process_time() - start, before.get(name, now)
            complaints = worse(now, was)
            failed |= bool(complaints)
            change = now["bytes"] / was["bytes"] - 1
            print(f"{name:24} {now} {change:+.2%} {seconds:.1f} s", *complaints, flush=True)
    if record:
        RECORDED.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        return 0
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
