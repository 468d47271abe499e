"""The size limits that people meet, for the page's list."""

from __future__ import annotations

from dataclasses import dataclass, field

from ssimgif import PLACES


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
    places = sorted(PLACES.items(), key=lambda place: -place[1].max_bytes)
    return [
        SizeLimit(
            f"{place.title}: {_short(place.max_bytes)}",
            {"made_for": name, "max_bytes": str(place.max_bytes)},
        )
        for name, place in places
    ]


def _short(size: int) -> str:
    return f"{size // 1_000_000} MB" if size >= 1_000_000 else f"{size // 1000} kB"
