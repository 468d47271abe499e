"""Where GIFs go, and what is accepted there; docs/places.md has the source of each limit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """What a GIF must keep to in one place.

    Attributes
    ----------
    title : str
        For people.
    max_bytes : int
    side : int or None
        Most pixels of the longer side.
    square : bool
        Whether the picture must be as high as it is wide: a transparent border makes it so.
    exact : bool
        Whether the side must have exactly these pixels.
    frames : int or None
        Most frames.
    seconds : float or None
        Longest play.
    shown_width : int or None
        Width at which it is looked at, pixels; None is the source's.
    """

    title: str
    max_bytes: int
    side: int | None = None
    square: bool = False
    exact: bool = False
    frames: int | None = None
    seconds: float | None = None
    shown_width: int | None = None


PLACES = {
    "github-readme": Place("GitHub, picture in a README", 5_000_000, shown_width=830),
    "github-attachment": Place("GitHub, attachment", 10_000_000, shown_width=830),
    "slack-emoji": Place("Slack, emoji", 128_000, side=128, square=True, frames=50),
    "discord-emoji": Place("Discord, emoji", 256_000, side=128, square=True),
    "discord-sticker": Place(
        "Discord, sticker", 512_000, side=320, square=True, exact=True, seconds=5.0
    ),
    "discord-attachment": Place("Discord, attachment", 10_000_000, shown_width=550),
    "twitch-emote": Place("Twitch, animated emote", 1_000_000, side=112, square=True, frames=60),
    "x-post": Place("X, post", 15_000_000, side=1080, frames=350),
    "email": Place("Mail", 1_000_000, side=600),
}
