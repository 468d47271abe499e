"""The size limits that people meet, for the page's list."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SizeLimit:
    """A place with a limit.

    Attributes
    ----------
    name : str
        As the page's list has it.
    settings : dict
        What the place asks for, by the settings' names; values are texts.
    """

    name: str
    settings: dict[str, str] = field(default_factory=dict)


def size_limits() -> list[SizeLimit]:
    """Return the places, those of the largest files first."""
    return [
        SizeLimit("GitHub, attachment: 10 MB", {"max_bytes": "10MB"}),
        SizeLimit("GitHub, in a README: 5 MB", {"max_bytes": "5MB"}),
        SizeLimit("Mail: 5 MB", {"max_bytes": "5MB"}),
        SizeLimit("Mail, seen at once: 1 MB", {"max_bytes": "1MB"}),
        SizeLimit("Discord sticker: 512 kB", {"max_bytes": "512KB", "width": "320"}),
        SizeLimit("Discord emoji: 256 kB", {"max_bytes": "256KB"}),
        SizeLimit("Slack emoji: 128 kB", {"max_bytes": "128KB", "width": "128"}),
    ]
