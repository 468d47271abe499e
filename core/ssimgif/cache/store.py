"""The file in which decisions are kept between conversions: SQLite, shared by all processes.

It is a cache: whatever is wrong with it (no permission, no space, damage, a lock that is not given
back) costs time and nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

MOST_BYTES = 64 << 20
# The share that stays when it is full.
KEPT = 0.75
LOCK_SECONDS = 5.0

_LAYOUT = """
create table if not exists clips (
    name text primary key,
    hints text not null,
    used integer not null
);
create index if not exists by_use on clips (used);
"""
_NEXT = "(select coalesce(max(used), 0) + 1 from clips)"


@dataclass(frozen=True, slots=True)
class Information:
    """What is in the cache.

    Attributes
    ----------
    path : Path
    clips : int
    bytes : int
        Of the file.
    problem : str
        Why it can't be used; empty when it can.
    """

    path: Path
    clips: int
    bytes: int
    problem: str = ""


def place() -> Path:
    """Return the file's path."""
    return user_cache_path("ssimgif") / "decisions.sqlite"


def find(name: str) -> str | None:
    """Return what is kept under a name."""
    path = place()
    found: str | None = None
    with _forgiving(path), _connection(path) as connection:
        row = connection.execute("select hints from clips where name = ?", (name,)).fetchone()
        if row is not None:
            found = str(row[0])
            with suppress(sqlite3.Error), connection:
                connection.execute(f"update clips set used = {_NEXT} where name = ?", (name,))
    return found


def keep(name: str, hints: str) -> None:
    """Keep hints, in the place of older ones of this name."""
    path = place()
    with _forgiving(path), _connection(path, make=True) as connection, connection:
        connection.execute("begin immediate")
        connection.execute(f"insert or replace into clips values (?, ?, {_NEXT})", (name, hints))
        _evict(connection)


def information() -> Information:
    """Say what is in the cache."""
    path = place()
    if not path.exists():
        return Information(path, 0, 0)
    try:
        with _connection(path) as connection:
            (clips,) = connection.execute("select count(*) from clips").fetchone()
    except (sqlite3.Error, OSError) as error:
        return Information(path, 0, path.stat().st_size, str(error))
    return Information(path, clips, path.stat().st_size)


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
    sizes = "select name, length(hints) from clips order by used"
    rows: list[tuple[str, int]] = connection.execute(sizes).fetchall()
    left = sum(size for _, size in rows)
    if left <= MOST_BYTES:
        return
    for name, size in rows:
        if left <= KEPT * MOST_BYTES:
            break
        connection.execute("delete from clips where name = ?", (name,))
        left -= size


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
