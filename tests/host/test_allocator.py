"""Memory that is freed is kept for what comes next."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import numpy as np
from ssimgif.host import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
def pages():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(3):
    kept = [np.ones(5_000_000, np.uint8) for _ in range(4)]
    del kept
before = pages()
for _ in range(20):
    kept = [np.ones(5_000_000, np.uint8) for _ in range(4)]
    del kept
print(pages() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told so")
def test_planes_are_made_in_memory_that_is_there() -> None:
    kept, usual = (
        int(subprocess.check_output([sys.executable, "-c", PROGRAM, how])) for how in ("keep", "-")
    )
    assert kept < usual / 4
