"""The options of a conversion: their names and words, their groups, and the settings they make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import click
from click.shell_completion import CompletionItem

from ssimgif.places import PLACES
from ssimgif.settings import MAX_FRAMES, MAX_PIXELS, SCALE_FILTERS, Settings
from ssimgif.target import PRESETS

Function = Callable[..., Any]
DITHERS = ("auto", "none", "bluenoise", "floyd-steinberg", "jarvis", "ordered")


class Option(NamedTuple):
    """An option that sets a field of `Settings`.

    Attributes
    ----------
    name : str
    metavar : str or None
        What stands for its value; None for a flag.
    help : str
    choices : sequence of str
        What completion offers as its value.
    """

    name: str
    metavar: str | None
    help: str
    choices: Sequence[str] = ()


EDITS = (
    Option("--fps", "F", "Frames a second: drops frames, or times pictures without times."),
    Option("--width", "W", "Width in pixels; the height follows, where it isn't given."),
    Option("--height", "H", "Height in pixels; the width follows, where it isn't given."),
    Option(
        "--scale-filter", "NAME", "auto, nearest (for pixel art) or smooth [auto].", SCALE_FILTERS
    ),
    Option("--crop", "WxH+X+Y", "Keep this part of the source's picture, X and Y from its corner."),
    Option("--start", "TIME", "Begin here, in seconds or h:mm:ss."),
    Option("--end", "TIME", "End here, in seconds or h:mm:ss."),
    Option("--speed", "F", "Play so many times as fast, such as 2 or 0.5."),
    Option("--loop", "N", "Total number of plays, 0 for ever [as the source]."),
    Option("--reverse", None, "Play backwards."),
    Option("--bounce", None, "Play forwards, then back; with --reverse the other way round."),
)
OPTIONS = (
    Option("--quality", "N", "How good it looks, 0 to 100: 90 like the source, 70 good; 0 is off."),
    Option("--max-bytes", "SIZE", "Best size, frame rate and quality that fit, such as 2MB."),
    Option("--for", "PLACE", f"Keep to the limits of a place: {', '.join(PLACES)}.", tuple(PLACES)),
    Option("--lossless", None, "Keep every pixel and every delay; a GIF never becomes larger."),
    Option("--ssim", "T", "Least SSIM, mean and 10th percentile of the frames [0.95]."),
    Option("--preset", "NAME", f"A target by name: {', '.join(PRESETS)}.", tuple(PRESETS)),
    Option(
        "--delta-e", "X", "Greatest mean colour difference, CIEDE2000 [2.0; --quality alone 2.5]."
    ),
    Option("--strict", None, "Refuse damaged sources, and targets out of reach (exit 3)."),
    Option("--keep-size", None, "With --max-bytes: choose no smaller size."),
    Option("--keep-fps", None, "With --max-bytes: choose no lower frame rate."),
    Option("--least-width", "W", "With --max-bytes: no narrower than this [64]."),
    Option("--least-fps", "F", "With --max-bytes: no slower than this [4]."),
    Option("--shown-width", "W", "Width at which the GIF is looked at [the source's]."),
    *EDITS,
    Option("--background", "COLOR", "Flatten transparency onto #rrggbb or a colour name."),
    Option("--feather", "PX", "Width of the soft edge of transparency, in pixels [0]."),
    Option("--colors", "N", "Most colours in a palette, 2 to 256 [256]."),
    Option(
        "--palettes", "NAMES", "Palette strategies: +NAME adds one, NAME,NAME uses these alone."
    ),
    Option("--dither", "NAME", f"{', '.join(DITHERS[:-1])} or {DITHERS[-1]} [auto].", DITHERS),
    Option("--scene-threshold", "X", "SSIM of neighbours below which a scene ends [0.88]."),
    Option("--reuse-threshold", "X", "S above which scenes share a palette [the target]."),
    Option("--effort", "1..9", "Time to spend: 1 is quick, 9 tries everything [5]."),
    Option("--jobs", "N", "Threads to use [all cores]."),
    Option("--no-cache", None, "Neither use nor keep what was decided before."),
    Option("--max-frames", "N", f"Refuse clips with more frames [{MAX_FRAMES}]."),
    Option("--max-pixels", "N", f"Refuse frames with more pixels [{MAX_PIXELS}]."),
)

# The help shows these groups in this order, with what else the command takes in the last one.
GROUPS = {
    "Most used": (
        *("--quality", "--max-bytes", "--for", "--width", "--fps", "--start", "--end"),
        *("--crop", "--lossless", "--report"),
    ),
    "Target": ("--ssim", "--preset", "--delta-e", "--strict"),
    "Limit of bytes": (
        *("--keep-size", "--keep-fps", "--least-width", "--least-fps", "--shown-width"),
    ),
    "Picture": ("--height", "--scale-filter", "--background", "--feather"),
    "Time": ("--speed", "--loop", "--reverse", "--bounce"),
    "Colours": ("--colors", "--palettes", "--dither", "--scene-threshold", "--reuse-threshold"),
}
REST = "Running"


def settings_options(options: Sequence[Option]) -> Callable[[Function], Function]:
    """Return a decorator that adds options for settings; `settings_of` reads their texts."""

    def add(function: Function) -> Function:
        for one in reversed(options):
            names = (one.name, "made_for") if one.name == "--for" else (one.name,)
            function = click.option(
                *names,
                metavar=one.metavar,
                help=one.help,
                is_flag=one.metavar is None,
                default=None,
                shell_complete=_completion(one.choices),
            )(function)
        return function

    return add


def settings_of(values: dict[str, Any]) -> Settings:
    """Return the settings of options' texts.

    Raises
    ------
    SettingsError
    """
    return Settings.parse({k: v for k, v in values.items() if v is not None})


def _completion(
    choices: Sequence[str],
) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    def complete(
        context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return [CompletionItem(one) for one in choices if one.startswith(incomplete)]

    return complete
