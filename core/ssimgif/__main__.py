"""The entry point of ``ssimgif`` and ``python -m ssimgif``."""

from __future__ import annotations

import atexit
import gc
import os
import sys

# New objects after which Python looks for those that only refer to one another.
OBJECTS = 100_000


def main() -> int:
    """Run the command with the process's arguments and return its exit code."""
    # Imports make many objects and no garbage: looking for it would take a sixth of their time.
    gc.set_threshold(OBJECTS)
    ending = Ending()
    # What is registered first is called last.
    atexit.register(ending)
    try:
        from ssimgif.cli import run

        ending.code = run(sys.argv[1:])
        return ending.code
    except KeyboardInterrupt:
        return 130


class Ending:
    """Ends the process at once when all is done.

    Otherwise Python would take all modules and compiled kernels apart first, which takes longer
    than to convert a small clip. Threads have ended and files are closed by then.
    """

    code: int | None = None

    def __call__(self) -> None:
        """Exit with the code, if the command came to an end."""
        if self.code is None:
            return
        try:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
        except (OSError, ValueError):
            # Python reports it.
            return
        os._exit(self.code)


if __name__ == "__main__":
    sys.exit(main())
