"""The file in which decisions are kept between conversions: SQLite, shared by all processes.

It is a cache: whatever is wrong with it (no permission, no space, damage, a lock that is not given
back) costs time and nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from ssimgif.cache.fingerprint import distance, same
from ssimgif.model import F32

MOST_BYTES = 64 << 20
# The share that stays when it is full.
KEPT = 0.75
# Scenes of one name that are compared.
MOST_COMPARED = 64
LOCK_SECONDS = 5.0
ALIKE_ENOUGH_TO_REPLACE = 1e-3

_LAYOUT = """
create table if not exists decisions (
    id integer primary key,
    name text not null,
    fingerprint blob not null,
    hints text not null,
    used integer not null,
    size integer not null
);
create index if not exists by_name on decisions (name);
create index if not exists by_use on decisions (used);
"""
_NEXT = "(select coalesce(max(used), 0) + 1 from decisions)"


@dataclass(frozen=True, slots=True)
class Information:
    """What is in the cache.

    Attributes
    ----------
    path : Path
    scenes : int
    bytes : int
        Of the file.
    problem : str
        Why it can't be used; empty when it can.
    """

    path: Path
    scenes: int
    bytes: int
    problem: str = ""


def place() -> Path:
    """Return the file's path."""
    return user_cache_path("ssimgif") / "decisions.sqlite"


def find(name: str, fingerprint: F32) -> str | None:
    """Return the hints of the scene of this name that looks most like a fingerprint.

    Parameters
    ----------
    name : str
        Equal for scenes that may be compared.
    fingerprint : f32[n]
        Distance is half the mean of absolute differences; see `fingerprint`.
    """
    path = place()
    found: str | None = None
    with _forgiving(path), _connection(path) as connection:
        rows = connection.execute(
            "select id, fingerprint, hints from decisions where name = ?"
            " order by used desc limit ?",
            (name, MOST_COMPARED),
        ).fetchall()
        near = [
            (distance(known, fingerprint), number, str(hints))
            for number, blob, hints in rows
            if same(known := _vector(blob), fingerprint)
        ]
        if near:
            _, number, found = min(near)
            with suppress(sqlite3.Error), connection:
                connection.execute(f"update decisions set used = {_NEXT} where id = ?", (number,))
    return found


def keep(rows: Sequence[tuple[str, F32, str]]) -> None:
    """Keep hints by name and fingerprint, in the place of older ones of the same scene."""
    path = place()
    with _forgiving(path), _connection(path, make=True) as connection, connection:
        connection.execute("begin immediate")
        for name, fingerprint, hints in rows:
            known = connection.execute(
                "select id, fingerprint from decisions where name = ?", (name,)
            ).fetchall()
            old = [
                (number,)
                for number, blob in known
                if (vector := _vector(blob)).shape == fingerprint.shape
                and distance(vector, fingerprint) <= ALIKE_ENOUGH_TO_REPLACE
            ]
            connection.executemany("delete from decisions where id = ?", old)
            blob = fingerprint.astype("<f4").tobytes()
            connection.execute(
                "insert into decisions (name, fingerprint, hints, used, size)"
                f" values (?, ?, ?, {_NEXT}, ?)",
                (name, blob, hints, len(blob) + len(hints)),
            )
        _evict(connection)


def information() -> Information:
    """Say what is in the cache."""
    path = place()
    if not path.exists():
        return Information(path, 0, 0)
    try:
        with _connection(path) as connection:
            (scenes,) = connection.execute("select count(*) from decisions").fetchone()
    except (sqlite3.Error, OSError) as error:
        return Information(path, 0, path.stat().st_size, str(error))
    return Information(path, scenes, path.stat().st_size)


def clear() -> None:
    """Remove the file.

    Raises
    ------
    OSError
        When it can't be removed.
    """
    path = place()
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _evict(connection: sqlite3.Connection) -> None:
    """Forget what was not used for longest, where there is too much."""
    (total,) = connection.execute("select coalesce(sum(size), 0) from decisions").fetchone()
    if total <= MOST_BYTES:
        return
    left = total
    for number, size in connection.execute(
        "select id, size from decisions order by used"
    ).fetchall():
        if left <= KEPT * MOST_BYTES:
            break
        connection.execute("delete from decisions where id = ?", (number,))
        left -= size


def _vector(blob: bytes) -> F32:
    whole = len(blob) - len(blob) % 4
    return np.frombuffer(blob[:whole], "<f4").astype(np.float32)


@contextmanager
def _connection(path: Path, make: bool = False) -> Iterator[sqlite3.Connection]:
    if make:
        path.parent.mkdir(parents=True, exist_ok=True)
    elif not path.exists():
        raise FileNotFoundError(path)
    with closing(sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)) as connection:
        if make:
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = normal")
            connection.executescript(_LAYOUT)
        yield connection


@contextmanager
def _forgiving(path: Path) -> Iterator[None]:
    """Let nothing out, and remove a file that is damaged, so that the next one is sound."""
    try:
        yield
    except sqlite3.OperationalError:
        pass
    except sqlite3.DatabaseError:
        with suppress(OSError):
            clear()
    except OSError:
        pass
