"""Whether ImageMagick is here and finds ssimgif, with the line that mends it where not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ssimgif import OutputError
from ssimgif_imagemagick.delegates import DECODE, ENCODE, FILE, entries, has_entries, program
from ssimgif_imagemagick.hosts import Host, find
from ssimgif_imagemagick.installation import user_folder
from ssimgif_imagemagick.policy import Rule, forbidding_rule

PROBLEM = "problem: "
INSTALL = "ssimgif imagemagick install"


def examine() -> list[str]:
    """Return a line for each thing found; those that begin with ``problem:`` need mending."""
    hosts, others = find()
    if not hosts and not others:
        return ["ImageMagick: not found (not needed); on Debian: apt-get install imagemagick"]
    path = user_folder() / FILE
    text = _read(path)
    lines = [_stand_in(other, hosts) for other in others]
    if text is not None and has_entries(text) and _is_stale(text):
        lines.append(
            f"{PROBLEM}{path} calls another installation of ssimgif; {INSTALL} makes it this one"
        )
    lines += [_host_line(host, path, text is not None and has_entries(text)) for host in hosts]
    if len(hosts) > 1:
        names = ", ".join(f"{host.name} is {host.version}" for host in hosts)
        lines.append(f"ImageMagicks side by side: {names}; {path} serves all of them")
    return lines


def works() -> bool:
    """Tell whether there is an ImageMagick, and each one finds ssimgif and may call it."""
    hosts, _ = find()
    return bool(hosts) and all(host.sees_delegate() and not _forbidden(host) for host in hosts)


def _host_line(host: Host, path: Path, installed: bool) -> str:
    what = f"ImageMagick {host.version} ({host.path})"
    if not host.sees_delegate():
        if installed:
            return (
                f"{PROBLEM}{what} does not read {path};"
                f" export MAGICK_CONFIGURE_PATH={path.parent} points it there"
            )
        return f"{what} does not know ssimgif yet; {INSTALL} adds it"
    if rule := _forbidden(host):
        return (
            f"{PROBLEM}{what} may not call ssimgif: {rule.file} forbids delegates named"
            f' {rule.pattern}; after that rule, add <policy domain="delegate" rights="execute"'
            f' pattern="{{{",".join(_names())}}}"/>'
        )
    return f"{what} finds ssimgif"


def _forbidden(host: Host) -> Rule | None:
    return forbidding_rule(host.listing("policy"), _names())


def _names() -> list[str]:
    """Return the names that a policy judges: those of the delegates, and the program's."""
    return [ENCODE.upper(), DECODE.upper(), program()[0]]


def _stand_in(path: Path, hosts: Sequence[Host]) -> str:
    mend = f"call {hosts[0].path}" if hosts else "on Debian: apt-get install imagemagick"
    return f"{PROBLEM}{path} has the name of an ImageMagick but is none; {mend}"


def _is_stale(text: bytes) -> bool:
    try:
        return entries() not in text.replace(b"\r\n", b"\n")
    except OutputError:
        return False


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
