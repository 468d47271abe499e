"""The entry point of ``ssimgif`` and ``python -m ssimgif``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command with the process's arguments and return its exit code."""
    try:
        from ssimgif.cli import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
