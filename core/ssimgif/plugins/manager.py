"""Finding plug-ins and calling them, so that a broken one never breaks the command.

The core's own strategies (``builtin.py``) are registered first. pluggy asks the last one
registered first, so a plug-in sees a source before the core does.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

import numpy as np
import pluggy

from ssimgif.errors import SsimGifError
from ssimgif.model import F32, U8, Bool, Clip, Ditherer, Palette
from ssimgif.plugins import builtin, hookspecs
from ssimgif.settings import Settings

if TYPE_CHECKING:
    from ssimgif.palette import PaletteChoice

GROUP = "ssimgif"
CORE = "core"


class PluginWarning(UserWarning):
    """A plug-in did not load, or failed in a hook; the work went on without it."""


def wanted_entry_points() -> list[EntryPoint]:
    """Return the installed plug-ins that ``SSIMGIF_PLUGINS`` allows, by name.

    The variable is a list with commas; unset means all, empty means none.
    """
    found = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    allowed = os.environ.get("SSIMGIF_PLUGINS")
    if allowed is None:
        return found
    names = {name.strip() for name in allowed.split(",")} - {""}
    for name in sorted(names - {point.name for point in found}):
        _warn(name, "is named in SSIMGIF_PLUGINS but not installed")
    return [point for point in found if point.name in names]


@cache
def plugin_manager() -> pluggy.PluginManager:
    """Return the plug-in manager, with the core and all plug-ins registered."""
    manager = pluggy.PluginManager("ssimgif")
    manager.add_hookspecs(hookspecs.HookSpecs)
    manager.register(builtin, name=CORE)
    for point in wanted_entry_points():
        _register(manager, point)
    return manager


def names() -> list[str]:
    """Return the names of all plug-ins, the core among them, in order."""
    return sorted(name for name, _ in plugin_manager().list_name_plugin())


def _register(manager: pluggy.PluginManager, point: EntryPoint) -> None:
    try:
        plugin = point.load()
        manager.register(plugin, name=point.name)
        manager.check_pending()
    except (Exception, SystemExit) as error:
        _warn(point.name, f"was not loaded: {_one_line(error)}")
        if manager.has_plugin(point.name):
            manager.unregister(name=point.name)


def open_clip(source: Any, options: Mapping[str, Any] | None = None) -> Clip:
    """Open ``source`` with the first plug-in that knows it, at last with the core.

    Parameters
    ----------
    source : path, pattern, "-" or binary stream
    options : mapping, optional
        ``fps``, ``max_frames`` and ``max_pixels``, as `Settings.source_options` has them; those of
        the default settings when not given.

    Raises
    ------
    SourceError
        When nobody can read it.
    """
    options = Settings().source_options if options is None else options
    for plugin, clip in _call("ssimgif_open_clip", source=source, options=options):
        if isinstance(clip, Clip):
            return clip
        if clip is not None:
            _warn(plugin, f"returned {type(clip).__name__} from ssimgif_open_clip, not a Clip")
    raise AssertionError("the core opens every source or raises")


def palette_choice(text: str | None) -> PaletteChoice:
    """Return the strategies that ``--palettes`` chooses; on a clash as for their palettes.

    Raises
    ------
    SettingsError
        On a name that nobody has.
    """
    from ssimgif.palette import PaletteChoice

    return PaletteChoice.parse(text, palette_strategies(), candidate_palettes)


def palette_strategies() -> dict[str, bool]:
    """Return all strategies by name, and whether each competes unless left out."""
    return _merge("ssimgif_palette_strategies", lambda on: isinstance(on, bool), "True or False")


def candidate_palettes(
    frames: Sequence[U8],
    weights: Sequence[F32],
    size: int,
    names: frozenset[str] | None = None,
) -> dict[str, Palette]:
    """Return everybody's palettes for a scene's sample frames, at most ``size`` colours each.

    Where two plug-ins use one name, the one registered first keeps it, and the core is first.
    ``names`` are the strategies asked for, None for the usual ones; a plug-in that has not named
    its own may propose others.
    """
    if names is None:
        names = frozenset(name for name, usual in palette_strategies().items() if usual)

    def fits(palette: Any) -> bool:
        return isinstance(palette, Palette) and len(palette.colors) <= size

    return _merge(
        "ssimgif_candidate_palettes",
        fits,
        f"a palette of at most {size} colours",
        frames=frames,
        weights=weights,
        size=size,
        names=names,
    )


def ditherers() -> dict[str, Ditherer]:
    """Return all ditherers by name; on a clash the one registered first, as for palettes."""
    return _merge("ssimgif_ditherers", callable, "a callable")


def banding(source: U8, shown: U8, suspected: Bool) -> F32 | None:
    """Return how visible false contours are in each tile, by the first plug-in that can tell.

    Parameters
    ----------
    source, shown : u8[h, w, 3]
        A picture, and the same in the colours of a palette.
    suspected : bool[tiles down, tiles across]
        The tiles that matter.

    Returns
    -------
    f32[tiles down, tiles across] or None
        0..1.
    """
    given = {"source": source, "shown": shown, "suspected": suspected}
    for plugin, seen in _call("ssimgif_banding", **given):
        if seen is None:
            continue
        if isinstance(seen, np.ndarray) and seen.shape == suspected.shape:
            visible: F32 = np.clip(np.nan_to_num(seen), 0, 1).astype(np.float32)
            return visible
        _warn(plugin, f"returned no array f32{suspected.shape} from ssimgif_banding")
    return None


def encoded(report: Any) -> None:
    """Tell all plug-ins of a finished GIF."""
    for _ in _call("ssimgif_encoded", report=report):
        pass


def add_commands(add: Callable[[Any], None]) -> None:
    """Let all plug-ins add their click commands."""
    for _ in _call("ssimgif_commands", add=add):
        pass


def doctor_lines() -> list[str]:
    """Return what plug-ins tell about their hosts, in the order of registration."""
    answers = list(_call("ssimgif_doctor"))
    return [line for _, lines in reversed(answers) for line in lines]


def _call(hook: str, **arguments: Any) -> Iterator[tuple[str, Any]]:
    """Yield each plug-in's name and answer, the last one registered first.

    An error on purpose goes on to the user; any other one is a warning. Wrappers are not called.
    """
    for implementation in reversed(getattr(plugin_manager().hook, hook).get_hookimpls()):
        if implementation.wrapper or implementation.hookwrapper:
            continue
        known = {name: arguments[name] for name in implementation.argnames}
        name = implementation.plugin_name
        try:
            answer = implementation.function(**known)
        except SsimGifError:
            raise
        except Exception as error:
            if name == CORE:
                raise
            _warn(name, f"failed in {hook}: {_one_line(error)}")
        else:
            yield name, answer


def _merge(hook: str, fits: Callable[[Any], bool], wanted: str, **arguments: Any) -> dict[str, Any]:
    """Join the mappings that plug-ins return, first registered first."""
    merged: dict[str, Any] = {}
    for plugin, answer in reversed(list(_call(hook, **arguments))):
        if not isinstance(answer, Mapping):
            _warn(plugin, f"returned {type(answer).__name__} from {hook}, not a mapping")
            continue
        for name, value in answer.items():
            if not fits(value):
                _warn(plugin, f"returned {name!r} from {hook}, which is not {wanted}")
            elif name in merged:
                _warn(plugin, f"uses the name {name!r} in {hook}, which is taken")
            else:
                merged[name] = value
    return merged


def _warn(plugin: str, what: str) -> None:
    warnings.warn(f"plug-in {plugin!r} {what}", PluginWarning, stacklevel=3)


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
