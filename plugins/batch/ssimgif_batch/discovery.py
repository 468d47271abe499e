"""From what the user named to a list of jobs: files, folders, patterns, manifests, URLs."""

from __future__ import annotations

import csv
import glob
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from io import StringIO
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from ssimgif import Settings, SettingsError, SourceError
from ssimgif_batch.job import Job, Texts
from ssimgif_batch.places import (
    LOCAL,
    OWN_FOLDER,
    file_system,
    is_url,
    local_signature,
    remote_signature,
)

# What is taken from a folder; other files can be named.
SUFFIXES = frozenset(
    {
        *(".avif", ".avifs", ".gif", ".apng", ".png", ".webp", ".miff", ".y4m"),
        *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ogv", ".wmv", ".flv"),
    }
)
MANIFESTS = frozenset({".csv", ".jsonl", ".ndjson"})
_MAGIC = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Rule:
    """Settings for the files whose name below their folder matches a pattern.

    Attributes
    ----------
    pattern : str or None
        None is for all files.
    settings : mapping of str to str
    """

    pattern: str | None
    settings: Texts

    @classmethod
    def parse(cls, text: str) -> Rule:
        """Read ``[PATTERN:]NAME=VALUE[,NAME=VALUE...]``.

        Raises
        ------
        SettingsError
        """
        head, colon, tail = text.partition(":")
        pattern, pairs = (head.strip(), tail) if colon and "=" not in head else (None, text)
        settings = {}
        for pair in pairs.split(","):
            name, equals, value = pair.partition("=")
            if not equals or not name.strip():
                raise SettingsError(f"rule {text!r} is not [PATTERN:]NAME=VALUE[,NAME=VALUE...]")
            settings[name.strip().replace("-", "_")] = value.strip()
        check(settings, f"rule {text!r}")
        return cls(pattern, settings)

    def applies(self, name: str) -> bool:
        """Tell whether a file's name matches, by the whole of it or by its last part."""
        if self.pattern is None:
            return True
        return fnmatchcase(name, self.pattern) or fnmatchcase(
            PurePosixPath(name).name, self.pattern
        )


def check(settings: Texts, where: str) -> None:
    """Raise SettingsError, naming the place, for settings that are none."""
    try:
        Settings.parse(dict(settings))
    except SettingsError as error:
        raise SettingsError(f"{where}: {error}") from None


@dataclass(frozen=True, slots=True)
class _Found:
    source: str
    name: str
    signature: str
    settings: Texts = field(default_factory=dict)
    named: bool = False
    listed: bool = False


def find_jobs(
    sources: Sequence[str], base: Texts, rules: Sequence[Rule], destination: str
) -> list[Job]:
    """Return the jobs, sorted by output.

    Parameters
    ----------
    sources : sequence of str
        Files, folders, patterns, manifests or URLs of them.
    base : mapping of str to str
        Settings for all; rules change them in order, and a manifest's row has the last word.
    rules : sequence of Rule
    destination : str
        Left out of folders that contain it.

    Raises
    ------
    SourceError
        When a source is missing or has no files.
    SettingsError
        On a wrong manifest, or when two files that no manifest lists would have one output.
    """
    found = [one for source in sources for one in _expand(source, destination)]
    unique = list({(one.source, one.name): one for one in found}.values())
    known: dict[tuple[tuple[str, str], ...], Texts] = {}
    owners: dict[str, str] = {}
    jobs = []
    for one in _named_apart(unique):
        settings = dict(base)
        for rule in rules:
            if rule.applies(one.name):
                settings |= rule.settings
        settings |= one.settings
        items = tuple(sorted(settings.items()))
        if items not in known:
            check(settings, one.source)
            known[items] = settings
        output = one.name if one.named else _as_gif(one.name)
        jobs.append(Job(one.source, output, one.signature, known[items]))
        if not one.listed:
            _claim(owners, jobs[-1])
    return sorted(jobs, key=lambda job: job.output)


def _as_gif(name: str) -> str:
    path = PurePosixPath(name)
    return str(path.with_suffix(".gif")) if path.name else "unnamed.gif"


def _named_apart(found: Sequence[_Found]) -> Iterator[_Found]:
    """Keep the suffix in the names of files that differ by nothing else: ``a.mp4.gif``.

    Nor by upper and lower case, which many systems take for the same.
    """
    groups: dict[str, list[_Found]] = defaultdict(list)
    for one in found:
        groups[(one.name if one.named else _as_gif(one.name)).casefold()].append(one)
    for group in groups.values():
        apart = len(group) > 1 and len({one.name.casefold() for one in group}) == len(group)
        for one in group:
            yield (
                replace(one, name=f"{one.name}.gif", named=True)
                if (apart and not one.named)
                else one
            )


def _claim(owners: dict[str, str], job: Job) -> None:
    """Refuse two files of one output; of a manifest's lines only the second one fails."""
    other = owners.setdefault(job.output, job.source)
    if other != job.source:
        raise SettingsError(
            f"{other} and {job.source} would both become {job.output}; convert one of them"
            " into another folder"
        )


def _expand(source: str, destination: str) -> list[_Found]:
    if PurePosixPath(source).suffix.lower() in MANIFESTS:
        return list(_manifest(source))
    found = _remote(source) if is_url(source) else _local(source, destination)
    files = list(found)
    if not files:
        raise SourceError(f"{source} has no animation or video in it")
    return files


def _local(source: str, destination: str) -> Iterator[_Found]:
    path = Path(source)
    if path.is_dir():
        yield from _walk(path.absolute(), destination)
    elif path.exists():
        yield _file(path, path.name)
    elif any(c in source for c in _MAGIC):
        root = _root(source)
        for name in sorted(glob.glob(source, recursive=True)):  # noqa: PTH207
            if Path(name).is_file():
                yield _file(Path(name), os.path.relpath(name, root))
    else:
        raise SourceError(f"{source}: there is no such file or folder")


def _root(pattern: str) -> str:
    """Return the folder of a pattern's first part that is one."""
    parts = Path(pattern).parts
    first = next(i for i, part in enumerate(parts) if any(c in part for c in _MAGIC))
    return str(Path(*parts[:first])) if first else "."


def _file(path: Path, name: str) -> _Found:
    full = str(path.absolute())
    return _Found(full, Path(name).as_posix(), local_signature(full))


def _walk(root: Path, destination: str) -> Iterator[_Found]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and str(Path(folder) / name) != destination
        )
        for name in sorted(files):
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith("."):
                path = Path(folder) / name
                yield _file(path, str(path.relative_to(root)))


def _remote(source: str) -> Iterator[_Found]:
    system, path = file_system(source)
    try:
        if any(c in path for c in _MAGIC):
            base = path[: min(path.index(c) for c in _MAGIC if c in path)].rpartition("/")[0]
            files = system.glob(path, detail=True)
        else:
            info = system.info(path)
            if info["type"] == "file":
                base, files = path.rpartition("/")[0], {path: info}
            else:
                base = path
                files = {
                    name: info
                    for name, info in system.find(path, detail=True).items()
                    if PurePosixPath(name).suffix.lower() in SUFFIXES and OWN_FOLDER not in name
                }
    except FileNotFoundError:
        raise SourceError(f"{source}: there is no such file or folder") from None
    except Exception as error:
        raise SourceError(f"{source} can't be reached: {error}") from None
    for name in sorted(files):
        if files[name]["type"] == "file":
            inner = name.removeprefix(base).lstrip("/")
            yield _Found(system.unstrip_protocol(name), inner, remote_signature(files[name]))


def _manifest(source: str) -> Iterator[_Found]:
    """Read a manifest's rows: source, output if it is to have its own name, and settings."""
    rows = _csv_rows if PurePosixPath(source).suffix.lower() == ".csv" else _json_rows
    count = 0
    for line, row in rows(source, _text(source)):
        count += 1
        where = f"{source}, line {line}"
        texts = {
            str(name).strip().replace("-", "_"): str(value).strip()
            for name, value in row.items()
            if name is not None and value is not None and str(value).strip()
        }
        named = texts.pop("source", "")
        if not named:
            raise SettingsError(f"{where}: there is no source")
        output = texts.pop("output", "")
        if is_url(source) and not is_url(source, *LOCAL) and is_url(named, *LOCAL):
            raise SettingsError(
                f"{where}: source {named!r} is on this machine, the manifest is not"
            )
        if output and _leaves(output):
            raise SettingsError(f"{where}: output {output!r} leaves the destination")
        check(texts, where)
        found = replace(_row_source(source, named), settings=texts, listed=True)
        yield replace(found, name=str(PurePosixPath(output)), named=True) if output else found
    if not count:
        raise SourceError(f"{source} has no rows")


def _leaves(output: str) -> bool:
    """Tell whether a name leads out of its folder."""
    kinds = (PurePosixPath(output), PurePath(output))
    return any(path.anchor or ".." in path.parts for path in kinds)


def _row_source(manifest: str, named: str) -> _Found:
    if is_url(named):
        full = named
    elif is_url(manifest):
        full = f"{manifest.rpartition('/')[0]}/{named}"
    else:
        path = Path(manifest).absolute().parent / named
        inside = not Path(named).is_absolute() and ".." not in Path(named).parts
        return _file(path, named if inside else path.name)
    system, path_on_it = file_system(full)
    inside = not is_url(named) and ".." not in named.split("/")
    try:
        signature = remote_signature(system.info(path_on_it))
    except Exception:
        signature = ""
    return _Found(full, named if inside else full.rpartition("/")[2], signature)


def _text(source: str) -> str:
    try:
        if is_url(source):
            system, path = file_system(source)
            return bytes(system.cat_file(path)).decode("utf-8-sig")
        return Path(source).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError(f"{source} is not a text in UTF-8") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SourceError(f"{source} can't be read: {reason}") from None


def _csv_rows(source: str, text: str) -> Iterator[tuple[int, dict[Any, Any]]]:
    reader = csv.DictReader(StringIO(text, newline=""), strict=True)
    try:
        if "source" not in [(name or "").strip() for name in reader.fieldnames or ()]:
            raise SettingsError(f"{source}: its first line names no column 'source'")
        for row in reader:
            if row.get(None):
                raise SettingsError(f"{source}, line {reader.line_num}: there are too many values")
            yield reader.line_num, row
    except csv.Error as error:
        raise SettingsError(f"{source}, line {reader.line_num}: {error}") from None


def _json_rows(source: str, text: str) -> Iterator[tuple[int, dict[Any, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise SettingsError(f"{source}, line {number}: this is no JSON ({error})") from None
        if not isinstance(row, dict):
            raise SettingsError(f"{source}, line {number}: this is no object")
        yield number, row
