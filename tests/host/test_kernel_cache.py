"""Compiled kernels go where they can be kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ssimgif.host import kernel_cache


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


def test_a_plug_ins_kernels_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernels = tmp_path / "some_kernels"
    kernels.mkdir()
    for name in ("__init__", "blurry", "sharp"):
        (kernels / f"{name}.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    modules = ["some_kernels.blurry", "some_kernels.sharp"]
    (tmp_path / "core" / "__pycache__").mkdir(parents=True)
    (tmp_path / "core" / "__pycache__" / "sharp.one-1.nbi").write_bytes(b"")
    monkeypatch.setattr(kernel_cache, "KERNELS", tmp_path / "core")
    assert kernel_cache.kernels_ready()
    assert not kernel_cache.kernels_ready(*modules)
    (kernels / "__pycache__").mkdir(exist_ok=True)
    (kernels / "__pycache__" / "sharp.one-1.nbi").write_bytes(b"")
    assert kernel_cache.kernels_ready("some_kernels.sharp")
    assert not kernel_cache.kernels_ready(*modules)
    monkeypatch.setenv(kernel_cache.VARIABLE, str(tmp_path / "cache"))
    assert not kernel_cache.kernels_ready("some_kernels.sharp")
    (tmp_path / "cache" / "kernels_ab").mkdir(parents=True)
    for name in ("sharp", "blurry"):
        (tmp_path / "cache" / "kernels_ab" / f"{name}.two-2.nbi").write_bytes(b"")
    assert kernel_cache.kernels_ready(*modules)
    assert not kernel_cache.kernels_ready("some_kernels.absent")
