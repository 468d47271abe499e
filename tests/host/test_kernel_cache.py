"""Compiled kernels go where they can be kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ssimgif.host import kernel_cache
from ssimgif.host.kernel_files import kernel_name, write


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


@pytest.fixture
def own_kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two forms of kernels in a folder of their own; the names of their files."""
    (tmp_path / "blurry.py").write_text("")
    forms = [("blurry", "row", "(float32, )"), ("blurry", "row", "(float64, )")]
    (tmp_path / "forms.tsv").write_text("".join("\t".join(form) + "\n" for form in forms))
    monkeypatch.setattr(kernel_cache, "KERNELS", tmp_path)
    monkeypatch.setattr(kernel_cache, "FORMS", tmp_path / "forms.tsv")
    return [kernel_name(tmp_path / f"{module}.py", *rest) for module, *rest in forms]


def test_kernels_are_ready_when_all_are_compiled(own_kernels: list[str]) -> None:
    place = kernel_cache.places(kernel_cache.KERNELS)[-1]
    assert len(kernel_cache.missing()) == 2 and not kernel_cache.kernels_ready()
    write(place, own_kernels[0], b"machine code")
    assert kernel_cache.missing() == [("blurry", "row", "(float64, )")]
    assert not kernel_cache.kernels_ready()
    write(place, own_kernels[1], b"machine code")
    assert kernel_cache.kernels_ready()


def test_what_came_with_the_wheel_counts_as_compiled(own_kernels: list[str]) -> None:
    shipped, kept = ["compiled", "__pycache__"], kernel_cache.places(kernel_cache.KERNELS)
    if len(kept) == 1:
        pytest.skip("this processor is not of the level x86-64-v3")
    assert [place.parent.name for place in kept] == shipped
    for name in own_kernels:
        write(kept[0], name, b"machine code")
    assert kernel_cache.kernels_ready()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has other rights")
def test_what_others_can_write_to_holds_nothing(own_kernels: list[str]) -> None:
    place = kernel_cache.places(kernel_cache.KERNELS)[-1]
    for name in own_kernels:
        write(place, name, b"machine code")
    place.chmod(0o777)
    assert not kernel_cache.kernels_ready()


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
