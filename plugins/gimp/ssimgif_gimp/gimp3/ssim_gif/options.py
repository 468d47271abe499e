"""The export's arguments: what GIMP asks for, and what the program is told."""

from typing import Any

import choices
import frame_names
from gi.repository import Gegl, Gimp, GObject

QUALITY = ("quality", "budget", "budget-kb", "preset", "target-ssim")
FRAMES = ("use-layer-delays", "default-delay", "unmarked-layers", "visible-only", "loop")
MORE = ("effort", "max-colors", "dither", "flatten", "background")
# As `choices.quality` takes them.
ASKED = ("preset", "target-ssim", "quality", "budget", "budget-kb")

_FLAGS = GObject.ParamFlags.READWRITE


def add_arguments(procedure: Gimp.Procedure) -> None:
    """Add all options of the export to ``procedure``."""
    Gegl.init(None)  # Colours need it, and GIMP asks for descriptions before it does it itself.
    _add_choice(procedure, "preset", "_Preset", "A quality by name", choices.PRESETS)
    procedure.add_double_argument(
        "target-ssim",
        "Target SS_IM",
        "Least SSIM, mean and 10th percentile of the frames: 0.95 looks good, 0.98 very good",
        0.5,
        0.9999,
        0.95,
        _FLAGS,
    )
    procedure.add_int_argument(
        "quality",
        "_Quality",
        "How good it looks: 90 can't be told from the image, 70 is good, at 50 it shows",
        1,
        100,
        70,
        _FLAGS,
    )
    _add_choice(procedure, "budget", "Si_ze limit", "The best quality that fits", choices.BUDGETS)
    procedure.add_int_argument(
        "budget-kb", "Limit in _KB", "Size limit in units of 1000 bytes", 1, 2_000_000, 3000, _FLAGS
    )
    procedure.add_int_argument(
        "effort", "E_ffort", "Time to spend: 1 is quick, 9 tries everything", 1, 9, 5, _FLAGS
    )
    procedure.add_int_argument(
        "max-colors", "C_olors", "Most colors in a palette", 2, 256, 256, _FLAGS
    )
    _add_choice(procedure, "dither", "_Dither", "How to mix colors", choices.DITHERS)
    procedure.add_boolean_argument(
        "flatten", "Fill tr_ansparency", "Put the frames on the background color", False, _FLAGS
    )
    procedure.add_color_argument(
        "background", "_Background", "What shows through", False, Gegl.Color.new("white"), _FLAGS
    )
    procedure.add_boolean_argument(
        "use-layer-delays",
        "Dela_ys from layer names",
        'Show a layer named "Sky (120ms)" for 120 milliseconds',
        True,
        _FLAGS,
    )
    procedure.add_int_argument(
        "default-delay",
        "Defaul_t delay (ms)",
        "Milliseconds for layers whose name tells none",
        frame_names.SHORTEST,
        frame_names.LONGEST,
        100,
        _FLAGS,
    )
    _add_choice(
        procedure,
        "unmarked-layers",
        "_Unmarked layers",
        "What layers do by default",
        choices.UNMARKED,
    )
    procedure.add_boolean_argument(
        "visible-only", "Only _visible layers", "Leave hidden layers out", True, _FLAGS
    )
    procedure.add_int_argument(
        "loop",
        "_Number of plays",
        "How often the animation plays; 0 is for ever",
        0,
        65535,
        0,
        _FLAGS,
    )


def _add_choice(
    procedure: Gimp.Procedure,
    name: str,
    label: str,
    blurb: str,
    values: tuple[tuple[str, str], ...],
) -> None:
    choice = Gimp.Choice.new()
    for number, (value, text) in enumerate(values):
        choice.add(value, number, text, "")
    procedure.add_choice_argument(name, label, blurb, choice, values[0][0], _FLAGS)


def settings(config: Gimp.ProcedureConfig) -> dict[str, Any]:
    """Return the settings that the program understands."""
    chosen: dict[str, Any] = {
        **choices.quality(*map(config.get_property, ASKED)),
        "effort": config.get_property("effort"),
        "colors": config.get_property("max-colors"),
        "dither": config.get_property("dither"),
        "loop": config.get_property("loop"),
    }
    if config.get_property("flatten"):
        red, green, blue, _ = background(config).get_rgba()
        chosen["background"] = choices.hex_color(red, green, blue)
    return chosen


def background(config: Gimp.ProcedureConfig) -> Gegl.Color:
    """Return the colour that fills transparency.

    The default of a colour argument does not arrive: GIMP gives one that can't be seen instead.
    """
    color = config.get_property("background")
    return color if color.get_rgba().alpha else Gegl.Color.new("white")


def composition(config: Gimp.ProcedureConfig) -> tuple[bool, bool]:
    """Return what the frames' pixels depend on: only visible layers, replace by default."""
    replace = config.get_property("unmarked-layers") == choices.REPLACE
    return config.get_property("visible-only"), replace


def delays(layers: list[Gimp.Layer], config: Gimp.ProcedureConfig) -> list[int]:
    """Return the milliseconds of each frame."""
    default = config.get_property("default-delay")
    use_names = config.get_property("use-layer-delays")
    return [frame_names.milliseconds(layer.get_name(), default, use_names) for layer in layers]
