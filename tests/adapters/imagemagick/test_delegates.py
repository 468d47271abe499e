"""The ImageMagick adapter's settings, delegates.xml and diagnosis, without an ImageMagick."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from conftest import Command
from ssimgif import OutputError, Settings, SettingsError
from ssimgif.cli import command as cli
from ssimgif_imagemagick import delegates, diagnosis, installation, options
from ssimgif_imagemagick.header import Header
from ssimgif_imagemagick.policy import forbidding_rule

THEIRS = b"""<?xml version="1.0"?>
<!DOCTYPE delegatemap [ <!ELEMENT delegatemap (delegate)+> ]>
<delegatemap>
  <delegate decode="dot" command="&quot;dot&quot; -Tsvg &quot;%i&quot; -o &quot;%o&quot;"/>
  </delegatemap>
<!-- mine -->
"""
PLUGIN = {"SSIMGIF_PLUGINS": "imagemagick"}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_quality_is_the_settings_and_92_stands_for_none() -> None:
    assert options.quality_values("92") == {}
    assert Settings.parse(options.quality_values("75")) == Settings(quality=75.0)


@pytest.mark.parametrize("quality", ["101", "-1", "high", "nan"])
def test_a_quality_that_is_none_is_refused(quality: str) -> None:
    with pytest.raises(SettingsError, match="quality"):
        Settings.parse(options.quality_values(quality))


def test_properties_become_settings_and_others_are_left() -> None:
    fields = {"ssimgif:delta-e": "3", "ssimgif:quality": "92", "comment": "x"}
    assert options.property_values(Header(fields)) == ({"quality": "92", "delta_e": "3"}, [])


def test_properties_set_numbers_and_names_of_a_closed_list_alone() -> None:
    """Whatever option the command has or gets, a picture can't set it unless it is listed here."""
    settable = {
        *("ssim", "quality", "preset", "delta_e", "colors", "dither", "effort", "strict", "fps"),
        *("start", "end", "loop", "bounce", "background", "feather", "scene_threshold"),
        *("reuse_threshold", "lossless"),
    }
    every = {param.name for param in cli.convert_command.params} | {"html", "cache", "source"}
    for name in sorted(filter(None, every)):
        for spelling in (name, name.replace("_", "-")):
            found = options.property_values(Header({f"ssimgif:{spelling}": "none"}))
            expected = ({name: "none"}, []) if name in settable else ({}, [name])
            assert found == expected
    for value in ("gifnets", "../x", "none,gifnets"):
        assert options.property_values(Header({"ssimgif:dither": value})) == ({}, ["dither"])
    assert options.property_values(Header({"ssimgif:ssim": "0" * 99})) == ({}, ["ssim"])


HOSTILE = {
    "report": "../victim.txt",
    "places": "victim.txt",
    "force": "yes",
    "quiet": "yes",
    "jobs": "1024",
    "max-frames": "99999999",
    "max_pixels": "99999999",
    "max-bytes": "100",
    "no-cache": "yes",
    "palettes": "gifnets",
    "dither": "gifnets",
    "width": "60000",
}


def test_a_pictures_properties_set_no_path_no_command_and_no_limit(
    tmp_path: Path, ssimgif: Command
) -> None:
    folder = tmp_path / "sub"
    folder.mkdir()
    victims = [folder / "victim.txt", tmp_path / "victim.txt"]
    for victim in victims:
        victim.write_text("mine")
    miff = tmp_path / "in.miff"
    properties = " ".join(f"ssimgif:{name}={{{value}}}" for name, value in HOSTILE.items())
    head = f"id=ImageMagick version=1.0 columns=1 rows=1 depth=8 {properties} :\x1a"
    miff.write_bytes(head.encode() + b"abc")
    env = PLUGIN | {"SSIMGIF_OPTIONS": "--effort 1"}
    done = ssimgif("imagemagick", "encode", miff, "out", env=env, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert names(folder) == ["out", "victim.txt"]
    assert names(tmp_path) == ["in.miff", "sub", "victim.txt"]
    assert [victim.read_text() for victim in victims] == ["mine", "mine"]
    shown = done.stderr.decode().splitlines()
    assert shown[0].startswith("ssimgif: a picture's properties can't set report, places, ")


def test_the_environment_can_set_what_properties_can_not(tmp_path: Path, ssimgif: Command) -> None:
    miff = tmp_path / "in.miff"
    head = b"id=ImageMagick version=1.0 columns=2 rows=1 depth=8 :\x1a"
    miff.write_bytes(head + bytes((255, 0, 0, 0, 0, 255)))
    env = PLUGIN | {"SSIMGIF_OPTIONS": "--effort 1 --crop 1x1+1+0 --width 3 --height 4 --speed 2"}
    done = ssimgif("imagemagick", "encode", miff, "out", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out").read_bytes()[6:10] == bytes((3, 0, 4, 0))


def test_a_property_that_is_no_option_is_an_error(tmp_path: Path, ssimgif: Command) -> None:
    miff = tmp_path / "in.miff"
    miff.write_bytes(b"id=ImageMagick columns=1 rows=1 depth=8 ssimgif:no\x1b[2J=x :\x1aabc")
    done = ssimgif("imagemagick", "encode", miff, "out", env=PLUGIN, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode() == "ssimgif: there is no setting named 'no\\x1b[2j'\n"
    assert names(tmp_path) == ["in.miff"]


def test_a_header_says_nothing_to_the_terminal(tmp_path: Path, ssimgif: Command) -> None:
    miff = tmp_path / "in.miff"
    miff.write_bytes(b"id=ImageMagick columns=1 rows=1 depth=8 colorspace=\x1b[2J\x07\0 :\x1aabc")
    done = ssimgif(miff, "out.gif", env=PLUGIN, cwd=tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.isprintable() and r"its colour space is \x1b[2J\x07\x00 (" in line
    assert names(tmp_path) == ["in.miff"]


def test_the_stronger_target_replaces_the_weaker_ones() -> None:
    outer = {"preset": "social", "quality": "70", "colors": "64"}
    assert options.merge(outer, {"ssim": 0.9}) == {"colors": "64", "ssim": 0.9}
    assert options.merge(outer, {}, {"effort": "1"}) == outer | {"effort": "1"}
    assert options.merge({}, {"ssim": 0.9}, {"quality": "80"}) == {"quality": "80"}


@pytest.mark.parametrize(
    "theirs", [THEIRS, THEIRS.replace(b"\n", b"\r\n"), b"<delegatemap></delegatemap>"]
)
def test_entries_are_added_to_a_file_and_taken_out_again(theirs: bytes, tmp_path: Path) -> None:
    path = tmp_path / delegates.FILE
    path.write_bytes(theirs)
    path.chmod(0o640)
    assert "added" in installation.install(tmp_path)
    added = path.read_bytes()
    assert b"ssimgif" in added and added.count(b"</delegatemap>") == 1
    assert "already" in installation.install(tmp_path)
    assert path.read_bytes() == added
    assert (tmp_path / "delegates.xml.before-ssimgif").read_bytes() == theirs
    assert "as it was" in installation.uninstall(tmp_path)
    assert path.read_bytes() == theirs
    assert path.stat().st_mode & 0o777 == 0o640
    assert names(tmp_path) == [delegates.FILE]
    assert "no entries" in installation.uninstall(tmp_path)


def test_a_file_of_ours_alone_is_made_and_removed(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "ImageMagick"
    assert "was made" in installation.install(folder)
    assert "was removed" in installation.uninstall(folder)
    assert not list(folder.iterdir())


def test_what_the_user_changed_since_stays(tmp_path: Path) -> None:
    path = tmp_path / delegates.FILE
    path.write_bytes(THEIRS)
    installation.install(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"-Tsvg", b"-Tpng"))
    installation.uninstall(tmp_path)
    assert path.read_bytes() == THEIRS.replace(b"-Tsvg", b"-Tpng")
    assert (tmp_path / "delegates.xml.before-ssimgif").exists()


def test_entries_of_another_installation_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / delegates.FILE
    installation.install(tmp_path)
    path.write_bytes(path.read_bytes().replace(Path(sys.executable).as_posix().encode(), b"/gone"))
    assert "up to date" in installation.install(tmp_path)
    assert b"/gone" not in path.read_bytes()


def test_a_link_is_followed(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.xml"
    real.write_bytes(THEIRS)
    (tmp_path / "im").mkdir()
    (tmp_path / "im" / delegates.FILE).symlink_to(real)
    installation.install(tmp_path / "im")
    assert (tmp_path / "im" / delegates.FILE).is_symlink()
    assert b"ssimgif" in real.read_bytes()


@pytest.mark.parametrize("wrong", [b"", b"<delegatemap/>", b"<html></html>", b"\xff\xfe\0"])
def test_a_file_that_is_no_delegate_map_is_left_alone(
    wrong: bytes, tmp_path: Path, ssimgif: Command
) -> None:
    path = tmp_path / delegates.FILE
    path.write_bytes(wrong)
    done = ssimgif("imagemagick", "install", "--path", tmp_path, env=PLUGIN)
    assert done.returncode == 1
    assert done.stderr.decode().startswith(f"ssimgif: {path} can't be changed: it has no <delegat")
    assert names(tmp_path) == [delegates.FILE] and path.read_bytes() == wrong


def test_only_temporary_names_and_a_number_are_handed_over() -> None:
    text = delegates.entries().decode()
    assert sorted(set(re.findall(r"%(.)", text))) == ["Q", "i", "o"]


@pytest.mark.parametrize("name", ["a$b", 'a"b', "a`b", "a%b", "a&b", "a\\b", "a\nb"])
def test_a_program_that_cant_be_called_safely_is_refused(name: str) -> None:
    with pytest.raises(OutputError, match="ImageMagick can't call"):
        delegates.entries([f"/opt/{name}/python"])


def test_two_places_at_once_are_a_usage_error(tmp_path: Path, ssimgif: Command) -> None:
    done = ssimgif("imagemagick", "install", "--user", "--path", tmp_path, env=PLUGIN)
    assert done.returncode == 2
    assert b"give one of them" in done.stderr


LISTING = """
Path: /etc/ImageMagick-6/policy.xml
  Policy: Resource
    name: disk
    value: 1GiB
{rules}
Path: [built-in]
  Policy: Undefined
    rights: None
"""


def rule(rights: str, pattern: str, domain: str = "Delegate") -> str:
    return f"  Policy: {domain}\n    rights: {rights} \n    pattern: {pattern}\n"


@pytest.mark.parametrize(
    ("rules", "forbidden"),
    [
        ("", False),
        (rule("None", "*"), True),
        (rule("None", "HTTP*"), False),
        (rule("None", "{HTTP,SSIMGIF}"), True),
        (rule("None", "ssimgif"), False),
        (rule("None", "/usr/*"), True),
        (rule("None", "*") + rule("Execute", "{SSIMGIF,/usr/bin/python3}"), False),
        (rule("Execute", "*") + rule("None", "*"), True),
        (rule("None", "SSIMGIF", "Coder"), False),
    ],
)
def test_the_last_rule_about_a_delegate_decides(rules: str, forbidden: bool) -> None:
    found = forbidding_rule(LISTING.format(rules=rules), ["SSIMGIF", "/usr/bin/python3"])
    assert (found is not None) == forbidden
    assert found is None or found.file == "/etc/ImageMagick-6/policy.xml"


def test_without_imagemagick_there_is_nothing_to_mend(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (line,) = diagnosis.examine()
    assert line.startswith("ImageMagick: not found")
    assert not diagnosis.works()


def test_a_stand_in_is_told_from_imagemagick(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program = tmp_path / "convert"
    program.write_text("#!/bin/sh\necho I convert partitions\n")
    program.chmod(0o755)
    (line,) = diagnosis.examine()
    assert line.startswith(f"problem: {program} has the name of an ImageMagick but is none")
    assert "apt-get install imagemagick" in line


def test_the_options_variable_is_checked(tmp_path: Path, ssimgif: Command) -> None:
    miff = tmp_path / "in.miff"
    miff.write_bytes(b"id=ImageMagick version=1.0 columns=1 rows=1 depth=8 :\x1aabc")
    for text, cause in {
        "--effort": "requires an argument",
        "--colours 3": "No such option",
        "more.gif": "'more.gif' is no option",
        "'": "No closing quotation",
        "--ssim 7": "ssim must be between",
    }.items():
        out = tmp_path / "out.gif"
        env = PLUGIN | {"SSIMGIF_OPTIONS": text}
        done = ssimgif("imagemagick", "encode", miff, out, env=env)
        assert done.returncode == 2
        assert cause in done.stderr.decode()
        assert not out.exists()
