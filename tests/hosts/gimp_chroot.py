"""GIMP 3 of the next Debian, in a folder, and our plug-in in it.

``scripts/ci/gimp.sh`` makes the folder. GIMP runs in it as its root; the mounts it needs are in a
namespace of their own and vanish with it. The program that the plug-in starts is the one under
test, in its own environment outside: the interpreter that the installer noted is, inside, a script
that steps out again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(os.environ.get("SSIMGIF_GIMP_ROOT", "/var/cache/ssimgif/gimp"))
ENTER = """
set -e
root=$1 shared=$2; shift 2
mkdir -p "$root$shared" "$root/host"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind / "$root/host"
mount --bind "$shared" "$root$shared"
exec chroot "$root" "$@"
"""
STEP_OUT = '#!/bin/sh\nexec chroot /host "$0" "$@"\n'
PRELUDE = """
import json, sys, time
from gi.repository import Gegl, Gimp, Gio, GObject

PIXELS = "R'G'B'A u8"

def area(thing):
    return Gegl.Rectangle.new(0, 0, thing.get_width(), thing.get_height())

def call(name, **values):
    procedure = Gimp.get_pdb().lookup_procedure(name)
    config = procedure.create_config()
    if procedure.find_argument("run-mode"):
        config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    for key, value in values.items():
        if key == "file":
            value = Gio.File.new_for_path(value)
        config.set_property(key.replace("_", "-"), value)
    result = procedure.run(config)
    if result.index(0) != Gimp.PDBStatusType.SUCCESS:
        raise RuntimeError(Gimp.get_pdb().get_last_error())
    return result

def load(path):
    return call("gimp-file-load", file=path).index(1)

def export(image, path, **options):
    call("file-ssim-gif-export", image=image, file=path, **options)

def paint(layer, pixels, format=PIXELS):
    buffer = layer.get_buffer()
    buffer.set(area(layer), format, bytes(pixels))
    buffer.flush()
    layer.update(0, 0, layer.get_width(), layer.get_height())
    return layer

def pixels_of(layer):
    return layer.get_buffer().get(area(layer), 1.0, PIXELS, Gegl.AbyssPolicy.NONE)
"""


class GimpHost:
    """GIMP with a profile of its own.

    Attributes
    ----------
    shared : Path
        A folder at the same path for GIMP and for the tests.
    temporary : Path
        Where GIMP, the plug-in and the program make their temporary files.
    profile : Path
    known : Path or None
        The profile of an earlier GIMP, which noted what its own plug-ins are: they take seconds to
        say.
    """

    known: Path | None = None

    def __init__(self, shared: Path) -> None:
        self.shared = shared
        self.temporary = shared / "tmp"
        self.profile = shared / "home" / ".config" / "GIMP" / version()
        self.cache = shared / "cache"
        for folder in (self.temporary, self.profile, self.cache):
            folder.mkdir(parents=True)
        (self.cache / "ssimgif").touch()  # so that no decisions are kept
        for file in GimpHost.known.glob("*rc") if GimpHost.known else []:
            shutil.copy(file, self.profile)
        GimpHost.known = self.profile
        self._let_step_out(Path(sys.executable))
        self.manage("install")

    def manage(self, verb: str) -> str:
        """Run ``ssimgif gimp install`` and the like on the profile."""
        command = [sys.executable, "-m", "ssimgif", "gimp", verb, "--profile", self.profile]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def start(self, *command: str | Path, **streams: Any) -> subprocess.Popen[str]:
        """Start a command inside."""
        words = ["unshare", "--mount", "--propagation", "private", "bash", "-c", ENTER, "enter"]
        environment = {
            "HOME": str(self.shared / "home"),
            "TMPDIR": str(self.temporary),
            "XDG_CACHE_HOME": str(self.cache),
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "NO_AT_BRIDGE": "1",
        }
        return subprocess.Popen(
            [*words, ROOT, self.shared, *command], env=environment, text=True, **streams
        )

    def start_batch(self, script: str) -> subprocess.Popen[str]:
        """Start GIMP without a window, with a Python script to run."""
        path = self.shared / "script.py"
        path.write_text(PRELUDE + script, encoding="utf-8")
        run = f"exec(open({str(path)!r}).read())"
        return self.start(*batch("python-fu-eval", run), stdout=PIPE, stderr=subprocess.STDOUT)

    def batch(self, script: str) -> str:
        """Run a Python script in GIMP and return all that was said."""
        return said(self.start_batch(script))

    def script_fu(self, script: str) -> str:
        """Run a Script-Fu script in GIMP and return all that was said."""
        command = batch("plug-in-script-fu-eval", script)
        return said(self.start(*command, stdout=PIPE, stderr=subprocess.STDOUT))

    def ask(self, script: str) -> Any:
        """Run a Python script that leaves something in ``answer``, and return that."""
        path = self.shared / "answer.json"
        path.unlink(missing_ok=True)
        output = self.batch(f"{script}\njson.dump(answer, open({str(path)!r}, 'w'))\n")
        assert path.exists(), output
        return json.loads(path.read_text(encoding="utf-8"))

    def programs(self) -> list[int]:
        """Return the process ids of our program at work for this GIMP."""
        return self.processes(b"gimp\0serve\0")

    def plug_ins(self) -> list[int]:
        """Return the process ids of our plug-in."""
        return self.processes(b"ssim_gif.py\0")

    def processes(self, words: bytes) -> list[int]:
        """Return the process ids of what runs for this GIMP with these words in its command."""
        mark = f"TMPDIR={self.temporary}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command, environment = (folder / "cmdline", folder / "environ")
                if words in command.read_bytes() and mark in environment.read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def left_over(self) -> list[str]:
        """Return the temporary files of the plug-in and the program."""
        return sorted(path.name for path in self.temporary.glob("*ssimgif*"))

    @staticmethod
    def _let_step_out(interpreter: Path) -> None:
        inside = ROOT / interpreter.relative_to("/")
        inside.parent.mkdir(parents=True, exist_ok=True)
        if not inside.exists() or inside.read_text() != STEP_OUT:
            inside.write_text(STEP_OUT)
        inside.chmod(0o755)


PIPE = subprocess.PIPE


def version() -> str:
    """Return the major and minor version, for which a profile is."""
    (program,) = (ROOT / "usr/bin").glob("gimp-console-[0-9].[0-9]")
    return program.name.rpartition("-")[2]


def batch(interpreter: str, script: str) -> list[str]:
    """Return the command for GIMP without a window."""
    return ["gimp-console", "-i", "--quit", f"--batch-interpreter={interpreter}", "-b", script]


def said(process: subprocess.Popen[str], timeout: float = 500) -> str:
    """Wait for a process and return what it said."""
    try:
        return process.communicate(timeout=timeout)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        return "timed out: " + process.communicate()[0]


def wait_for(condition: Callable[[], Any], seconds: float, pause: float = 0.1) -> Any:
    """Wait until a condition holds and return its value; fail when it never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(pause)
    raise AssertionError(f"nothing happened in {seconds} seconds")


def gimp_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GimpHost]:
    """Give GIMP, or skip; under CI a missing one fails."""
    if os.geteuid() != 0 or not (ROOT / "ready").exists():
        reason = f"no GIMP 3 in {ROOT} (scripts/ci/gimp.sh makes it), or not root"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    yield GimpHost(tmp_path_factory.mktemp("gimp"))
