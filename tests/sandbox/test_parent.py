"""Conversions in a child process: the same result, and an end to what asks for too much."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import ssimgif
from conftest import DATA, moving_box, noise, write_animation
from ssimgif import ConfinedConverter, ConfinedLimits, LimitError, Settings
from ssimgif.report import as_plain
from ssimgif.sandbox.child import restored

QUICK = Settings(effort=1, jobs=1, no_cache=True)


@pytest.fixture(scope="module")
def converter() -> object:
    with ConfinedConverter() as one:
        yield one


def test_the_gif_is_that_of_convert(
    converter: ConfinedConverter, animation: Path, tmp_path: Path
) -> None:
    steps = []
    report = converter.convert(animation, tmp_path / "a.gif", QUICK, steps.append)
    other = ssimgif.convert(animation, tmp_path / "b.gif", QUICK)
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()
    assert report.ssim == other.ssim
    assert {step.stage for step in steps} <= {
        "compiling kernels",
        "reading",
        "planning palettes",
        "encoding",
    }


@pytest.mark.parametrize(
    ("name", "words"), [("absent.avif", "absent.avif can't be read"), ("bad.avif", "bad.avif")]
)
def test_errors_are_those_of_convert(
    converter: ConfinedConverter, tmp_path: Path, name: str, words: str
) -> None:
    (tmp_path / "bad.avif").write_bytes(b"\0\0\0\x1cftypavif" + b"\0" * 40)
    with pytest.raises(ssimgif.SourceError, match=words):
        converter.convert(tmp_path / name, tmp_path / "out.gif", QUICK)
    assert not (tmp_path / "out.gif").exists()


def test_a_target_out_of_reach_comes_with_its_report(
    converter: ConfinedConverter, tmp_path: Path
) -> None:
    write_animation(tmp_path / "noise.png", noise(2))
    strict = Settings(ssim=0.9999, strict=True, effort=1)
    with pytest.raises(ssimgif.TargetError) as caught:
        converter.convert(tmp_path / "noise.png", tmp_path / "out.gif", strict)
    assert caught.value.report is not None


@pytest.mark.parametrize(
    ("limits", "cause"),
    [(ConfinedLimits(seconds=0.5), "time"), (ConfinedLimits(memory=100 << 20), "memory")],
)
def test_too_much_is_ended_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: ConfinedLimits, cause: str
) -> None:
    if cause == "memory" and not sys.platform.startswith("linux"):
        pytest.skip("only Linux limits address space")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    with ConfinedConverter(limits) as converter:
        with pytest.raises(LimitError) as caught:
            converter.convert(DATA / "bunny.avif", tmp_path / "out.gif")
        # LLVM ends the process where it gets no memory.
        assert caught.value.cause in ({cause, "crash"} if cause == "memory" else {cause})
        assert "bunny.avif" in str(caught.value)
    assert [path.name for path in tmp_path.rglob("*")] == ["tmp"]


def test_a_child_that_dies_is_replaced(animation: Path, tmp_path: Path) -> None:
    with ConfinedConverter() as converter:
        converter.convert(animation, tmp_path / "a.gif", QUICK)
        assert converter._child is not None
        converter._child.process.kill()
        converter._child.process.wait()
        converter.convert(animation, tmp_path / "b.gif", QUICK)
        threading.Timer(0.3, converter.kill).start()
        with pytest.raises(LimitError, match="SIGKILL"):
            converter.convert(DATA / "bunny.avif", tmp_path / "c.gif")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gif", "b.gif"]


def test_a_callback_stops_it(converter: ConfinedConverter, tmp_path: Path) -> None:
    with pytest.raises(ssimgif.Cancelled):
        converter.convert(DATA / "bunny.avif", tmp_path / "c.gif", None, lambda step: False)
    assert not list(tmp_path.iterdir())


HELPER = """
import time

def add(arguments, settings, progress):
    return {"sum": arguments["a"] + arguments["b"], "ssim": settings.ssim}

def work(arguments, settings, progress):
    from ssimgif import Cancelled, Progress
    for step in range(600):
        if progress(Progress("working", step, 600)) is False:
            raise Cancelled("stopped at my leisure")
        time.sleep(0.1)

def hang(arguments, settings, progress):
    time.sleep(60)
"""


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the name of a module that a child can import."""
    (tmp_path / "child_helper.py").write_text(HELPER)
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    monkeypatch.setenv("PYTHONPATH", path)
    return "child_helper"


def test_other_functions_can_be_called_and_stopped_and_the_child_stays(helper: str) -> None:
    stop = threading.Event()
    with ConfinedConverter() as converter:
        assert converter.start()
        assert not converter.start()
        child = converter._child
        answer = converter.call(f"{helper}:add", {"a": 2, "b": 3}, Settings(ssim=0.9))
        assert answer == {"sum": 5, "ssim": 0.9}
        threading.Timer(0.3, stop.set).start()
        with pytest.raises(ssimgif.Cancelled, match="at my leisure"):
            converter.call(f"{helper}:work", {}, stop=stop)
        with pytest.raises(ssimgif.Cancelled):
            converter.call(f"{helper}:hang", {}, stop=stop)
        assert converter.call(f"{helper}:add", {"a": 1, "b": 1})["sum"] == 2
        assert converter._child is child
        with pytest.raises(LimitError, match="this is a bug, AttributeError"):
            converter.call(f"{helper}:absent", {})


def test_what_does_not_listen_is_ended(helper: str) -> None:
    stop = threading.Event()
    with ConfinedConverter() as converter:
        converter.start()
        threading.Timer(0.3, stop.set).start()
        started = time.monotonic()
        with pytest.raises(ssimgif.Cancelled):
            converter.call(f"{helper}:hang", {}, stop=stop)
        assert time.monotonic() - started < 10


def test_modules_in_the_current_folder_are_not_imported(
    animation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("numpy", "json", "PIL", "ssimgif"):
        (tmp_path / f"{name}.py").write_text("import os; os._exit(3)")
    monkeypatch.chdir(tmp_path)
    with ConfinedConverter() as converter:
        assert converter.convert(animation, tmp_path / "out.gif", QUICK).bytes


def test_a_child_ends_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import os, sys, ssimgif; c = ssimgif.ConfinedConverter();"
        "c._ready_child(); print(c._child.process.pid, c._child.scratch, flush=True);"
        f"c.convert({str(DATA / 'bunny.avif')!r}, {str(tmp_path / 'out.gif')!r})"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid, scratch = parent.stdout.readline().split()
    time.sleep(0.5)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + 10
    while _alive(int(pid)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _alive(int(pid))
    assert not Path(scratch).exists()
    assert not list(tmp_path.iterdir())


def test_a_child_that_nobody_listens_to_leaves_nothing(tmp_path: Path) -> None:
    arguments = {"source": str(DATA / "bunny.avif"), "destination": str(tmp_path / "out.gif")}
    request = {
        "function": "ssimgif.sandbox.child:convert_file",
        "arguments": arguments,
        "settings": as_plain(Settings()),
        "seconds": 600.0,
    }
    with subprocess.Popen(
        [sys.executable, "-m", "ssimgif.sandbox.child", str(4 << 30), str(4 << 30)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        scratch = Path(json.loads(child.stdout.readline())["scratch"])
        assert scratch.exists()
        child.stdin.write(json.dumps(request).encode() + b"\n")
        child.stdin.flush()
        child.stdout.readline()
        child.stdout.close()
        assert child.wait(60) == 0
        assert child.stderr.read() == b""
    assert not scratch.exists()
    assert not list(tmp_path.iterdir())


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A process that nobody has waited for yet is dead all the same.
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def test_settings_arrive_as_they_were_sent() -> None:
    texts = {"fps": "25/2", "background": "#ff8800", "bounce": "yes", "end": "2.5"}
    sent = Settings.parse(texts | {"crop": "32x18+0+4", "speed": ".5"})
    assert restored(as_plain(sent)) == sent
    assert restored(as_plain(Settings())) == Settings()


LOWER = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))
from ssimgif.sandbox.child import limit
limit(1 << 34, 1 << 30)
print(resource.getrlimit(resource.RLIMIT_FSIZE))
"""


@pytest.mark.skipif(os.name != "posix", reason="limits of file sizes are POSIX's")
@pytest.mark.parametrize("most", [0, 4096])
def test_a_limit_that_is_lower_already_stays(most: int) -> None:
    command = [sys.executable, "-c", LOWER.format(most)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == (f"({most}, {most})\n", 0), done.stderr


def test_a_small_clip_takes_far_less_than_the_limit(tmp_path: Path) -> None:
    write_animation(tmp_path / "box.png", moving_box())
    with ConfinedConverter(ConfinedLimits(memory=1 << 30)) as converter:
        assert converter.convert(tmp_path / "box.png", tmp_path / "out.gif", QUICK).bytes
