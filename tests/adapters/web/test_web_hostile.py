"""Uploads that mean no good: one sentence each, told by a child process, and the page goes on."""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
import time
import zlib
from pathlib import Path

import pytest
from webpage import Answer, ask, call, finished, sentence, upload

from conftest import moving_box, noise, write_animation
from reference import media

pytest.importorskip("fastapi")

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few kilobytes that says it has so many pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    pixels = zlib.compress(bytes(1 << 20))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def huge_gif() -> bytes:
    """Return a GIF whose screen has 65,535 x 65,535 pixels."""
    return b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0x80, 0, 0) + bytes(6) + b"\x3b"


def endless(folder: Path) -> Path:
    """Write a video whose last frame comes after 30 hours."""
    times = [0, 40, 80, 120, 160, 30 * 3600 * 1000]
    path = folder / "endless.webm"
    return media.write_video(path, media.gradient(6), "libvpx-vp9", "yuv420p", times)


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("wide.png", bomb(10_000, 10_000), "over the limit of 50000000 pixels"),
        ("wider.png", bomb(1_000_000, 1_000_000), "larger than any picture that can be read"),
        ("screen.gif", huge_gif(), "screen.gif"),
        ("short.png", bomb(4000, 4000), "short.png is damaged"),
        ("noise.avif", b"\0\0\0\x1cftypavis" + bytes(range(256)) * 40, "noise.avif"),
    ],
)
def test_what_is_too_much_is_refused(web: str, name: str, body: bytes, words: str) -> None:
    before = call(web, "GET", "api/files")
    answer = ask(web, "POST", f"api/files?name={name}", body)
    assert answer[0] == 422
    assert words in sentence(answer)
    assert call(web, "GET", "api/files") == before


def test_a_clip_that_lasts_for_days_fails_in_a_sentence(web: str, tmp_path: Path) -> None:
    file = upload(web, endless(tmp_path))
    words = "endless.webm lasts longer than 24 hours at frame 5"
    answer = preview(web, file)
    assert (answer[0], sentence(answer)) == (422, words)
    job = finished(web, call(web, "POST", "api/jobs", {"file": file, "settings": {}})["id"])
    assert (job["state"], job["error"]) == ("failed", words)


def preview(web: str, file: str) -> Answer:
    body = json.dumps({"file": file, "settings": {"effort": 1}}).encode()
    return ask(web, "POST", "api/preview", body, {"content-type": "application/json"})


@linux
def test_nothing_is_decoded_in_the_servers_own_process(
    web: str, web_process: int, tmp_path: Path
) -> None:
    file = upload(web, write_animation(tmp_path / "box.webp", moving_box()))
    assert preview(web, file)[0] == 200
    job = call(web, "POST", "api/jobs", {"file": file, "settings": {"effort": 1}})
    assert finished(web, job["id"])["state"] == "done"
    loaded = Path(f"/proc/{web_process}/maps").read_text()
    assert "python" in loaded
    assert not [name for name in ("libavcodec", "PIL/_webp", "PIL/_avif") if name in loaded]
    assert children(web_process)
    for child in children(web_process):
        assert limit_of_memory(child) < 64 << 30


@linux
def test_a_child_that_dies_is_told_of_and_replaced(
    web: str, web_process: int, tmp_path: Path
) -> None:
    small = write_animation(tmp_path / "small.png", moving_box())
    big = write_animation(tmp_path / "big.webp", noise(12, 64, 96))
    file = upload(web, big)
    job = call(web, "POST", "api/jobs", {"file": file, "settings": {"effort": 9}})["id"]
    while not call(web, "GET", f"api/jobs/{job}")["done"]:
        time.sleep(0.05)
    killed = children(web_process)
    for child in killed:
        os.kill(child, signal.SIGKILL)
    failed = finished(web, job)
    assert failed["state"] == "failed"
    assert failed["error"] == "big.webp: the process that worked on it died (SIGKILL)"
    file = upload(web, small)
    assert preview(web, file)[0] == 200
    job = call(web, "POST", "api/jobs", {"file": file, "settings": {"effort": 1}})["id"]
    assert finished(web, job)["state"] == "done"
    assert children(web_process) and not set(killed) & set(children(web_process))


def children(parent: int) -> list[int]:
    """Return the ids of a process's children."""
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(number) for task in tasks for number in task.read_text().split()]


def limit_of_memory(process: int) -> int:
    """Return the most bytes of address space that a process may have."""
    lines = Path(f"/proc/{process}/limits").read_text().splitlines()
    words = next(line for line in lines if line.startswith("Max address space")).split()
    return sys.maxsize if words[3] == "unlimited" else int(words[3])
