"""What is remembered of conversions makes the next ones quicker, and never worse."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ssimgif
from conftest import DATA, Command, command_environment, moving_box, write_animation
from ssimgif import Clip, Settings, encode
from ssimgif.cache import store
from ssimgif.encoder.attempt import Attempt
from ssimgif.encoder.palette_search import PaletteSearch
from ssimgif.encoder.passes import ClipEncoder
from ssimgif.metrics.reference import FrameReference
from ssimgif.model import U8, Palette
from ssimgif.pipeline import Result

TENTH = Fraction(1, 10)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the path of a cache of one's own, which is not there yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "ssimgif" / "decisions.sqlite"


@lru_cache
def bunny() -> U8:
    """Return a part of a real clip, u8[8, 64, 96, 3]."""
    options = {"fps": None, "max_frames": 1000, "max_pixels": 10**6}
    clip = ssimgif.open_clip(DATA / "bunny.avif", options)
    return np.stack([frame.pixels[40:104, 60:156, :3] for frame in islice(clip.frames(), 8)])


def frames(shift: int = 0) -> U8:
    """Return less of that part, darker by ``shift``: u8[4, 32, 48, 3]."""
    return np.maximum(bunny()[:4, :32, :48].astype(np.int16) - shift, 0).astype(np.uint8)


def encoded(pixels: U8, **settings: object) -> Result:
    chosen = {"effort": 1} | settings
    return encode(Clip.from_frames(pixels, TENTH), Settings(**chosen))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, bytes]:
    """Convert those frames, and give the result and the cache's content."""
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        result = encoded(frames())
    return result, (folder / "ssimgif" / "decisions.sqlite").read_bytes()


@pytest.fixture
def first(kept: tuple[Result, bytes], cache: Path) -> Result:
    """Give what a first conversion of those frames made; the cache remembers it."""
    cache.parent.mkdir(parents=True)
    cache.write_bytes(kept[1])
    return kept[0]


def planned(result: Result) -> bool:
    return "palettes" in result.report.seconds


def change(cache: Path, edit: str) -> None:
    """Change every hint by an expression in ``h``."""
    with closing(sqlite3.connect(cache)) as connection, connection:
        for name, text in connection.execute("select name, hints from clips").fetchall():
            h = json.loads(text)
            exec(edit, {"h": h})
            connection.execute("update clips set hints = ? where name = ?", (json.dumps(h), name))


def test_a_second_conversion_plans_nothing_and_gives_the_same(first: Result) -> None:
    assert planned(first)
    second = encoded(frames())
    assert not planned(second)
    assert second.data == first.data


def test_palettes_of_single_frames_are_not_made_again(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    own_palette = PaletteSearch.own_palette

    def counted(
        self: PaletteSearch, reference: FrameReference, strategy: str, size: int | None = None
    ) -> Palette:
        made.append(1)
        return own_palette(self, reference, strategy, size)

    monkeypatch.setattr(PaletteSearch, "own_palette", counted)
    first = encoded(tinted(), effort=5, scene_threshold=0.0, colors=24)
    assert len(first.report.palettes) > 1
    assert made
    made.clear()
    second = encoded(tinted(), effort=5, scene_threshold=0.0, colors=24)
    assert not made
    assert second.data == first.data
    change(cache, "h['own'] = [[f, s, 'AAAA' * 9, None] for f, s, *_ in h['own']]")
    wrong = encoded(tinted(), effort=5, scene_threshold=0.0, colors=24)
    assert wrong.report.valid == first.report.valid
    assert wrong.report.bytes <= first.report.bytes


def tinted() -> U8:
    """Return frames of one scene with hardly a colour in common."""
    tints = np.random.default_rng(5).uniform(0.2, 1.0, (5, 1, 1, 3))
    return (bunny()[:5, :40, :56] * tints).astype(np.uint8)


def nearly(pixels: U8) -> U8:
    """Return those frames with a dot in the last one."""
    changed = pixels.copy()
    changed[-1, 30:32, 40:42] = 255
    return changed


RELATED = {
    "a copy with noise": lambda: [(noisy(), TENTH)],
    "a frame that differs": lambda: [(nearly(frames()), TENTH)],
    "other times": lambda: [(frames(), Fraction(2, 25))],
    "parts": lambda: [(frames()[:2], TENTH), (frames()[2:], TENTH)],
    "hidden under more": lambda: [(np.concatenate([frames(), frames()]), TENTH)],
}


def noisy() -> U8:
    """Return those frames as a coarse copy has them."""
    noise = np.random.default_rng(3).integers(-2, 3, bunny().shape)
    return np.clip(bunny() + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("related", RELATED.values(), ids=RELATED)
def test_what_was_converted_before_changes_no_byte(
    cache: Path, kept: tuple[Result, bytes], related: Callable[[], list[tuple[U8, Fraction]]]
) -> None:
    for pixels, duration in related():
        encode(Clip.from_frames(pixels, duration), Settings(effort=1))
    assert cache.exists()
    assert encoded(frames()).data == kept[0].data


def test_what_came_out_larger_is_planned_anew_and_not_replayed_again(
    cache: Path, first: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(cache, "h['bytes'] = [size - 1 for size in h['bytes']]")
    coded = ClipEncoder.coded
    passes: list[int] = []

    def counted(self: ClipEncoder, *given: Any) -> Attempt:
        passes[-1] += 1
        return coded(self, *given)

    monkeypatch.setattr(ClipEncoder, "coded", counted)
    for _ in range(2):
        passes.append(0)
        again = encoded(frames())
        assert planned(again)
        assert again.data == first.data
    assert passes[1] == passes[0] - 1


def test_a_replay_reports_the_candidates_that_were_tried(first: Result) -> None:
    assert first.report.scenes[0].candidates
    assert encoded(frames()).report.scenes == first.report.scenes


def test_other_content_and_other_settings_are_planned_anew(first: Result) -> None:
    assert planned(encoded(frames(60)))
    assert planned(encoded(frames(), ssim=0.9))
    assert planned(encoded(frames(), colors=16))
    assert planned(encoded(frames()[:3]))


def test_without_the_cache_nothing_is_kept(cache: Path) -> None:
    encoded(frames(), no_cache=True)
    assert not cache.parent.exists()


@pytest.mark.parametrize(
    "edit",
    [
        "h['lambdas'] = {k: [[9.0, 0.0, *s[2:]] for s in v] for k, v in h['lambdas'].items()}",
        "h['lambdas'] = {k: [[-9.0, 0.5, *s[2:]] for s in v] for k, v in h['lambdas'].items()}",
        "h['lambdas'] = {k: [[*s[:2], 3, 3, 9, 9] for s in v] for k, v in h['lambdas'].items()}",
        "h['lambdas'] = {k: [[*s[:2], 0, 0, 1, 0] for s in v] for k, v in h['lambdas'].items()}",
        "h['lambdas'] = {k: [[*s[:2], 0, 0, 999, 99] for s in v] for k, v in h['lambdas'].items()}",
        "h['lambdas'] = {k: [[*s[:2], -3, -3, 9, 9] for s in v] for k, v in h['lambdas'].items()}",
        "h['lambdas'] = {k: [s[:2] for s in v] for k, v in h['lambdas'].items()}",
        "h['plans'][0]['colors'] = '000000ffffff'",
        "h['plans'][0]['x'] = 50.0",
        "h['own'] = [[0, None, '!', None]]",
        "h['own'] = [[0, 1e999, 'AAAA', 5]]",
        "h['bytes'] = [1]",
        "h['bytes'] = 1",
        "h['plans'] = []",
        "h['plans'][0]['colors'] = 'no colours'",
        "h['plans'][0]['colors'] = 'ff'",
        "h['plans'][0]['colors'] = ''",
        "h['plans'][0]['slopes'] = [0, 0, 0, 0]",
        "h['plans'][0]['x'] = float('nan')",
        "h.clear()",
        "h['lambdas'] = 7",
        "h['lambdas'] = {'0': [[float('nan'), float('nan')]]}",
    ],
)
def test_a_wrong_hint_costs_no_quality(cache: Path, first: Result, edit: str) -> None:
    change(cache, edit)
    again = encoded(frames())
    assert again.report.valid == first.report.valid
    assert again.report.bytes <= first.report.bytes


def test_hints_hold_no_pixels(cache: Path, first: Result) -> None:
    with closing(sqlite3.connect(cache)) as connection:
        rows = connection.execute("select * from clips").fetchall()
    assert len(rows) == 1
    _, text, _ = rows[0]
    assert json.loads(text).keys() == {
        "plans",
        "own",
        "lambdas",
        "level",
        "bytes",
        "short",
        "replays",
    }


@pytest.mark.parametrize(
    "damage", [b"", b"no database at all" * 100, b"SQLite format 3\0" + b"x" * 5000]
)
def test_a_damaged_file_is_replaced(cache: Path, damage: bytes) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_bytes(damage)
    for _ in range(2):
        last = encoded(frames())
    assert not planned(last)


def test_no_place_for_the_cache_is_no_fault(cache: Path) -> None:
    cache.parent.parent.mkdir(parents=True)
    cache.parent.write_text("a file")
    assert encoded(frames()).report.valid
    assert store.information().clips == 0


def test_a_cache_that_is_read_only_is_no_fault(cache: Path, first: Result) -> None:
    cache.chmod(0o444)
    cache.parent.chmod(0o555)
    try:
        assert encoded(frames()).report.valid
        assert encoded(frames(60)).report.valid
    finally:
        cache.parent.chmod(0o755)


def test_its_size_is_bounded_and_the_latest_stay(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_BYTES", 20_000)
    for number in range(50):
        store.keep(f"clip {number}", "x" * 900)
    assert store.find("clip 49") is not None
    assert store.find("clip 0") is None
    assert 3 * 900 <= 900 * store.information().clips <= 20_000


CLIENT = """
import sys
from ssimgif.cache import store
me, found = int(sys.argv[1]), 0
for turn in range(60):
    found += store.find(f"clip {turn}") is not None
    store.keep(f"clip {turn}", f"of {me}")
    found += store.find(f"clip {turn}") is not None
sys.exit(0 if found >= 60 else 1)
"""


def test_several_processes_share_it(cache: Path) -> None:
    clients = [
        subprocess.Popen(
            [sys.executable, "-c", CLIENT, str(number)],
            env=command_environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    for client in clients:
        _, said = client.communicate(timeout=120)
        assert (client.returncode, said) == (0, "")
    with closing(sqlite3.connect(cache)) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        assert connection.execute("select count(*) from clips").fetchone() == (60,)


def test_the_command_tells_and_clears(cache: Path, ssimgif: Command, tmp_path: Path) -> None:
    source = write_animation(tmp_path / "in.png", moving_box(3))
    assert ssimgif(source, tmp_path / "out.gif", "--effort", "1").returncode == 0
    told = ssimgif("cache", "info").stdout.decode()
    assert str(cache) in told and "1 clips" in told
    assert ssimgif("cache", "clear").stdout == b"1 clips forgotten\n"
    assert not cache.exists()
    assert "0 clips" in ssimgif("cache", "info").stdout.decode()
    assert ssimgif(source, tmp_path / "out.gif", "--effort", "1", "--no-cache").returncode == 0
    assert not cache.exists()
