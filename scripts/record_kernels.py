"""Write down the forms in which conversions use the kernels, after a change to the kernels.

python scripts/record_kernels.py compiles all kernels anew, as a conversion meets them, and writes
core/ssimgif/kernels/forms.tsv; a test says when that is due.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parent.parent
CLIPS = REPOSITORY / "tests" / "data"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NUMBA_CACHE_DIR"] = folder
        from ssimgif.host import kernel_cache

        recorded = record(Path(folder))
        text = "".join("\t".join(form) + "\n" for form in sorted(recorded))
        kernel_cache.FORMS.write_text(text, encoding="utf-8")
        print(f"{len(recorded)} kernels in {kernel_cache.FORMS}")


def record(folder: Path) -> set[tuple[str, str, str]]:
    """Convert clips of all kinds, and return the forms of kernels that were compiled."""
    from ssimgif.host import kernel_cache
    from ssimgif.kernels import jit_cache
    from ssimgif.kernels.signatures import spelled

    recorded = set()
    save = jit_cache._Forms.save

    def note(self: Any, key: tuple[Any, ...], data: Any) -> None:
        if self._source.parent == kernel_cache.KERNELS:
            recorded.add((self._source.stem, self._function, spelled(key[0])))
        save(self, key, data)

    jit_cache._Forms.save = note  # type: ignore[method-assign]
    known, kernel_cache.FORMS = kernel_cache.FORMS, folder / "none"
    convert_all(folder)
    kernel_cache.FORMS = known
    return recorded


def convert_all(folder: Path) -> None:
    """Convert clips as people do."""
    import numpy as np
    from PIL import Image

    from ssimgif.cli import doctor, run

    doctor.warm()
    gif, page = folder / "out.gif", folder / "out.html"
    for clip in sorted(CLIPS.glob("*.avif")):
        run([str(clip), str(gif), "--no-cache", "--quiet", "--effort", "1", "--report", str(page)])
    run(["verify", str(clip), str(gif)])
    run([str(gif), str(folder / "again.gif"), "--no-cache", "--quiet", "--effort", "9"])
    # So large and rough that it is cut into slices.
    noise = np.random.default_rng(1).integers(0, 256, (900, 1200, 3)).astype(np.uint8)
    Image.fromarray(noise).save(folder / "noise.png")
    run([str(folder / "noise.png"), str(gif), "--no-cache", "--quiet", "--effort", "3"])


if __name__ == "__main__":
    main()
