"""A screen that nobody sees, with GIMP on it and hands that type and click."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import numpy as np
from gimp_chroot import PIPE, GimpHost, wait_for
from PIL import Image

from ssimgif.model import U8

SIZE = "1280x900x24"
# Seconds between two looks at the screen, each of which takes a process.
LOOK = 0.4
GIMPRC = "(show-welcome-dialog no)\n(check-updates no)\n"
# Xvfb finds a free display and tells its number; all ends with GIMP.
SESSION = """
exec 3<>"$TMPDIR/display"
Xvfb -displayfd 3 -screen 0 $0 -nolisten tcp >"$TMPDIR/xvfb.log" 2>&1 &
xvfb=$!
until [ -s "$TMPDIR/display" ]; do sleep 0.1; done
export DISPLAY=:$(cat "$TMPDIR/display")
openbox &
dbus-run-session gimp --no-splash "$@"
kill $xvfb
"""


class Screen:
    """GIMP with windows."""

    def __init__(self, gimp: GimpHost, *files: Path) -> None:
        self._gimp = gimp
        (gimp.profile / "gimprc").write_text(GIMPRC)
        number = gimp.temporary / "display"
        number.write_text("")
        log = (gimp.shared / "session.log").open("w")
        self._session = gimp.start(
            "bash", "-c", SESSION, SIZE, *files, stdout=log, stderr=subprocess.STDOUT
        )
        self._display = ":" + wait_for(number.read_text, 30).strip()

    def _run(self, *command: str) -> bytes:
        words = ["env", f"DISPLAY={self._display}", *command]
        process = self._gimp.start(*words, stdout=PIPE, stderr=subprocess.DEVNULL)
        assert process.stdout is not None
        with process.stdout as stream:
            output = stream.buffer.read()
        process.wait(timeout=30)
        return output

    def windows(self, title: str) -> list[str]:
        """Return the visible windows whose titles match an expression."""
        command = ["xdotool", "search", "--onlyvisible", "--name", title]
        return self._run(*command).decode().split()

    def wait_for_window(self, title: str, seconds: float = 60) -> str:
        """Wait for a window, bring it to the front, and return it."""
        window = wait_for(lambda: self.windows(title), seconds, LOOK)[-1]
        self._run("xdotool", "windowactivate", "--sync", window)
        return str(window)

    def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        self._run("xdotool", "key", "--delay", "120", *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self._run("xdotool", "type", text)

    def picture(self, window: str = "root") -> U8:
        """Return what a window shows, u8[h, w, 3]."""
        png = self._run("import", "-window", window, "png:-")
        return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))

    def close(self) -> None:
        """End GIMP, and the screen with it."""
        for name in (b"gimp\0--no-splash", b"Xvfb\0"):
            for process in self._gimp.processes(name):
                subprocess.run(["kill", str(process)], check=False)
        self._session.wait(timeout=30)
