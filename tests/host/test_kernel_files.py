"""Compiled kernels are found by what they were made of, and loaded only where they are ours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ssimgif.host import kernel_files
from ssimgif.host.kernel_files import (
    host_directory,
    is_ours,
    kernel_name,
    portable_directory,
    read,
    write,
)

POSIX = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has other rights")
NAME = "blur.row-0123-4567"


def status(**parts: int) -> os.stat_result:
    """Return a file's status: its owner, group and rights."""
    return os.stat_result((parts["mode"], 0, 0, 1, parts["user"], parts["group"], 0, 0, 0, 0))


def test_what_was_written_is_read(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "place"
    assert read(place, NAME) is None
    write(place, NAME, b"machine code")
    assert read(place, NAME) == b"machine code"
    assert [path.name for path in place.iterdir()] == [f"{NAME}.kernel"]


@pytest.mark.parametrize("place", [0, 31, 32, 50, -1])
def test_a_changed_byte_is_noticed(tmp_path: Path, place: int) -> None:
    write(tmp_path, NAME, b"machine code")
    file = tmp_path / f"{NAME}.kernel"
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)
    assert read(tmp_path, NAME) is None


@pytest.mark.parametrize("length", [0, 20, 40, -1])
def test_a_cut_file_is_noticed(tmp_path: Path, length: int) -> None:
    write(tmp_path, NAME, b"machine code")
    file = tmp_path / f"{NAME}.kernel"
    file.write_bytes(file.read_bytes()[:length])
    assert read(tmp_path, NAME) is None


def test_a_kernel_under_anothers_name_is_noticed(tmp_path: Path) -> None:
    write(tmp_path, NAME, b"machine code")
    (tmp_path / f"{NAME}.kernel").rename(tmp_path / "blur.ring-0123-4567.kernel")
    assert read(tmp_path, "blur.ring-0123-4567") is None


@POSIX
@pytest.mark.parametrize("mode", [0o666, 0o602])
def test_a_file_that_others_can_write_is_not_read(tmp_path: Path, mode: int) -> None:
    write(tmp_path, NAME, b"machine code")
    (tmp_path / f"{NAME}.kernel").chmod(mode)
    assert read(tmp_path, NAME) is None


@POSIX
def test_a_directory_that_others_can_write_to_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, NAME, b"machine code")
    tmp_path.chmod(0o777)
    assert read(tmp_path, NAME) is None


@POSIX
def test_files_of_this_user_and_of_the_system_are_ours() -> None:
    assert is_ours(status(mode=0o100644, user=os.geteuid(), group=7))
    assert is_ours(status(mode=0o100644, user=0, group=7))
    assert not is_ours(status(mode=0o100644, user=os.geteuid() + 1234, group=7))


@POSIX
def test_a_group_may_write_where_it_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    import grp
    import pwd

    members = {1: ("ann", []), 2: ("ann", ["ann"]), 3: ("ann", ["ben"]), 4: ("staff", [])}
    user = pwd.struct_passwd(("ann", "x", os.geteuid(), 1, "", "/", "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: user)
    monkeypatch.setattr(
        grp, "getgrgid", lambda g: grp.struct_group((members[g][0], "x", g, members[g][1]))
    )
    kernel_files._is_own_group.cache_clear()
    found = [is_ours(status(mode=0o100664, user=os.geteuid(), group=g)) for g in (1, 2, 3, 4)]
    kernel_files._is_own_group.cache_clear()
    assert found == [True, True, False, False]


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    write(tmp_path / "file" / "kernels", NAME, b"machine code")
    assert read(tmp_path / "file" / "kernels", NAME) is None


def test_a_new_form_takes_the_place_of_a_stale_one(tmp_path: Path) -> None:
    write(tmp_path, "blur.row-0123-old", b"old")
    write(tmp_path, "blur.row-9999-old", b"other types")
    write(tmp_path, "blur.row-0123-new", b"new")
    assert sorted(path.stem for path in tmp_path.iterdir()) == [
        "blur.row-0123-new",
        "blur.row-9999-old",
    ]


def test_a_name_tells_the_sources_apart(tmp_path: Path) -> None:
    source, inner, other = (tmp_path / f"{name}.py" for name in ("outer", "inner", "other"))
    source.write_text("from kernels.inner import (\n    row,\n)\n")
    inner.write_text("from kernels.deep import row\n")
    (tmp_path / "deep.py").write_text("row = 1\n")
    other.write_text("")

    def name(function: str = "row", types: str = "(int64, )") -> str:
        kernel_files._fingerprint.cache_clear()
        return kernel_name(source, function, types)

    first = name()
    assert name(types="(int32, )") != first != name(function="ring")
    other.write_text("changed = True\n")
    assert name() == first
    (tmp_path / "deep.py").write_text("row = 2\n")
    assert name() != first


@pytest.mark.parametrize("changed", ["numba", "llvmlite", "python", "processor"])
def test_a_directory_is_for_one_numba_python_and_processor(
    changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = host_directory()
    if changed == "processor":
        monkeypatch.setattr(kernel_files, "_processor", lambda: ("pentium", "-avx"))
    elif changed == "python":
        monkeypatch.setattr("sys.implementation.cache_tag", "cpython-399")
    else:
        real = kernel_files.version
        monkeypatch.setattr(
            kernel_files, "version", lambda name: "9.9" if name == changed else real(name)
        )
    assert host_directory() != before


@pytest.mark.parametrize("lacking", [None, "avx2", "bmi2"])
def test_portable_kernels_need_their_processor(
    lacking: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    features = {name: name != lacking for name in kernel_files._NEEDED}
    text = ",".join(f"{'+' if there else '-'}{name}" for name, there in features.items())
    monkeypatch.setattr(kernel_files, "_processor", lambda: ("some", text))
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert (portable_directory() is None) == (lacking is not None)
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert portable_directory() is None


def test_portable_kernels_are_what_numba_is_told_to_compile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    features = ",".join(f"+{name}" for name in kernel_files._NEEDED)
    monkeypatch.setattr(kernel_files, "_processor", lambda: ("some", features))
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    portable = portable_directory()
    for name, value in kernel_files.FOR_PORTABLE.items():
        monkeypatch.setenv(name, value)
    assert host_directory() == portable
    assert portable_directory() is None, "the user's own choice stands"
