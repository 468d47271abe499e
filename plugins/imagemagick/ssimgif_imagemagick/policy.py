"""Whether ImageMagick's security policy lets a delegate run, read off its own listing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

_RULE = re.compile(
    r"^\s*Policy: (?P<domain>\w+)\s*\n\s*rights: (?P<rights>.*)\n\s*pattern: (?P<pattern>.*)$", re.M
)
_PATH = re.compile(r"^Path: (.*)$", re.M)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule about delegates, and the file it stands in."""

    file: str
    pattern: str
    allows: bool

    def covers(self, name: str) -> bool:
        """Tell whether the rule is about a delegate or program of this name."""
        return any(fnmatchcase(name, one) for one in _alternatives(self.pattern))


def forbidding_rule(listing: str, names: Iterable[str]) -> Rule | None:
    """Return the rule that keeps one of these names from running, from ``-list policy``.

    The last rule that covers a name decides, and patterns mind upper and lower case.
    """
    rules = list(_rules(listing))
    for name in names:
        last = next((rule for rule in reversed(rules) if rule.covers(name)), None)
        if last is not None and not last.allows:
            return last
    return None


def _rules(listing: str) -> Iterator[Rule]:
    """Yield the rules about delegates in the order of the listing."""
    starts = [(match.start(), match.group(1)) for match in _PATH.finditer(listing)]
    for match in _RULE.finditer(listing):
        if match["domain"].lower() == "delegate":
            file = next((path for at, path in reversed(starts) if at < match.start()), "policy.xml")
            yield Rule(file, match["pattern"].strip(), "execute" in match["rights"].lower())


def _alternatives(pattern: str) -> list[str]:
    """Expand ``{one,two}`` for fnmatch, which does not know it."""
    match = re.search(r"\{([^{}]*)\}", pattern)
    if match is None:
        return [pattern]
    return [
        expanded
        for choice in match.group(1).split(",")
        for expanded in _alternatives(pattern[: match.start()] + choice + pattern[match.end() :])
    ]
