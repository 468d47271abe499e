"""Compiled kernels go where they can be kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ssimgif import kernel_cache


@pytest.fixture(autouse=True)
def own_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kernel_cache.VARIABLE, "")
    monkeypatch.delenv(kernel_cache.VARIABLE)


def blocked(folder: Path) -> Path:
    """Return a place where no directory can be made, not even by root."""
    (folder / "file").write_bytes(b"")
    return folder / "file" / "kernels"


def test_beside_the_sources_where_that_is_writable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_cache, "KERNELS", tmp_path)
    assert kernel_cache.prepare() == tmp_path / "__pycache__"
    assert kernel_cache.VARIABLE not in os.environ


def test_else_in_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_cache, "KERNELS", blocked(tmp_path))
    monkeypatch.setattr(kernel_cache, "user_cache_path", lambda name: tmp_path / name)
    assert kernel_cache.prepare() == tmp_path / "ssimgif" / "kernels"
    assert os.environ[kernel_cache.VARIABLE] == str(tmp_path / "ssimgif" / "kernels")


def test_else_in_a_temporary_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_cache, "KERNELS", blocked(tmp_path))
    monkeypatch.setattr(kernel_cache, "user_cache_path", lambda name: kernel_cache.KERNELS)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    chosen = kernel_cache.prepare()
    assert chosen.parent == tmp_path and kernel_cache.writable(chosen)


def test_the_users_own_choice_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kernel_cache.VARIABLE, str(tmp_path))
    assert kernel_cache.prepare() == tmp_path


def test_compiled_kernels_are_counted(tmp_path: Path) -> None:
    assert kernel_cache.compiled(tmp_path / "absent") == 0
    (tmp_path / "deep").mkdir()
    for name in ("a.nbi", "deep/b.nbi", "deep/b.1.nbc"):
        (tmp_path / name).write_bytes(b"")
    assert kernel_cache.compiled(tmp_path) == 2
