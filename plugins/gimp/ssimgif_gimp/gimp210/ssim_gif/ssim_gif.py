#!/usr/bin/env python2
"""Export as SSIM GIF: a plug-in for GIMP 2.10, in Python 2.7.

It gathers frames and asks the ssimgif program, which "ssimgif gimp install" noted, to do the work.
"""

import os
import Queue

import choices
import frame_names
from gimpfu import *
from worker import JobCancelled, Worker, WorkerError, check_protocol, result_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

FOLDER = os.path.dirname(os.path.abspath(__file__))
SAVE, EXPORT_AS = "file-ssim-gif-save", "python-fu-ssim-gif-export-as"
RAW = "frames.rgba"
BLURB = "Export the smallest GIF that looks like the image"
HELP = (
    "Each top-level layer or group is a frame, the lowest first. A name such as "
    "'Sky (120ms) (replace)' sets its time, and whether it replaces the frames before it or, "
    "'(combine)', is put on top of them. The file is the smallest that reaches the target SSIM, "
    "or the best that fits the size limit."
)
AUTHORS, DATE = "The ssimgif authors", "2026"


def labels(values):
    # type: (tuple[tuple[str, str], ...]) -> tuple[str, ...]
    return tuple(label for _, label in values)


OPTIONS = [
    (PF_OPTION, "preset", "Preset", 0, labels(choices.PRESETS)),
    (PF_SPINNER, "target-ssim", "Target SSIM", 0.95, (0.5, 0.9999, 0.005)),
    (PF_SPINNER, "quality", "Quality, 1 to 100", 70, (1, 100, 1)),
    (PF_OPTION, "budget", "Size limit", 0, labels(choices.BUDGETS)),
    (PF_SPINNER, "budget-kb", "Limit in KB", 3000, (1, 2000000, 100)),
    (PF_SPINNER, "effort", "Effort, 1 to 9", 5, (1, 9, 1)),
    (PF_SPINNER, "max-colors", "Colors", 256, (2, 256, 1)),
    (PF_OPTION, "dither", "Dither", 0, labels(choices.DITHERS)),
    (PF_TOGGLE, "flatten", "Fill transparency", False),
    (PF_COLOR, "background", "Background", (255, 255, 255)),
    (PF_TOGGLE, "use-layer-delays", "Delays from layer names", True),
    (PF_SPINNER, "default-delay", "Default delay (ms)", 100, (20, 655350, 10)),
    (PF_OPTION, "unmarked-layers", "Unmarked layers", 0, labels(choices.UNMARKED)),
    (PF_TOGGLE, "visible-only", "Only visible layers", True),
    (PF_SPINNER, "loop", "Number of plays, 0 is for ever", 0, (0, 65535, 1)),
]


def save(image, drawable, filename, raw_filename, *values):
    # type: (gimp.Image, gimp.Drawable, str, str, *object) -> None
    """Write ``image`` to a file; ``values`` are those of `OPTIONS`, in their order."""
    export(image, filename, values)


def export_as(image, drawable, filename, *values):
    # type: (gimp.Image, gimp.Drawable, str, *object) -> None
    """Write ``image`` to a file that the dialog asked for."""
    export(image, filename if os.path.splitext(filename)[1] else filename + ".gif", values)


def export(image, filename, values):
    # type: (gimp.Image, str, tuple[Any, ...]) -> None
    """Hand the frames over to the program, and wait for the GIF.

    An error is raised as `WorkerError`, whose sentence GIMP shows.
    """
    chosen = dict(zip([str(option[1]) for option in OPTIONS], values))
    gimp.progress_init("Exporting %s" % os.path.basename(filename))
    messages = Queue.Queue()  # type: Queue.Queue[dict[str, Any] | None]
    worker = Worker(FOLDER, messages.put)
    try:
        first = messages.get()
        if first is None:
            raise WorkerError("The ssimgif program does not start: " + worker.last_words())
        check_protocol(first)
        layers = frame_layers(image, bool(chosen["visible-only"]))
        write_frames(image, chosen, os.path.join(worker.scratch, RAW))
        job = worker.start_job(request(image, layers, chosen, filename))
        result = result_of(iter(messages.get, None), job, show_progress)
        for warning in result["warnings"]:
            gimp.message("%s: %s" % (os.path.basename(filename), warning))
    except JobCancelled:
        pass
    finally:
        worker.close()


def request(image, layers, chosen, filename):
    # type: (gimp.Image, list[gimp.Layer], dict[str, Any], str) -> dict[str, Any]
    """Return the job for the program."""
    default, use_names = int(chosen["default-delay"]), bool(chosen["use-layer-delays"])
    return {
        "job": "export",
        "raw": RAW,
        "output": filename,
        "clip": {
            "name": image.name,
            "width": image.width,
            "height": image.height,
            "milliseconds": [
                frame_names.milliseconds(layer.name, default, use_names) for layer in layers
            ],
        },
        "settings": settings(chosen),
    }


def settings(chosen):
    # type: (dict[str, Any]) -> dict[str, Any]
    """Return the settings that the program understands."""
    preset = choices.PRESETS[int(chosen["preset"])][0]
    budget = choices.BUDGETS[int(chosen["budget"])][0]
    ssim, quality = float(chosen["target-ssim"]), int(chosen["quality"])
    found = choices.quality(preset, ssim, quality, budget, int(chosen["budget-kb"]))
    found["effort"] = int(chosen["effort"])
    found["colors"] = int(chosen["max-colors"])
    found["dither"] = choices.DITHERS[int(chosen["dither"])][0]
    found["loop"] = int(chosen["loop"])
    if chosen["flatten"]:
        red, green, blue = [part / 255.0 for part in tuple(chosen["background"])[:3]]
        found["background"] = choices.hex_color(red, green, blue)
    return found


def frame_layers(image, visible_only):
    # type: (gimp.Image, bool) -> list[gimp.Layer]
    """Return the layers that are frames, in the order in which they are shown."""
    return [layer for layer in reversed(image.layers) if layer.visible or not visible_only]


def write_frames(image, chosen, path):
    # type: (gimp.Image, dict[str, Any], str) -> None
    """Write all frames as RGBA pixels, composed by GIMP itself in a copy of the image."""
    copy = image.duplicate()
    try:
        pdb.gimp_image_undo_disable(copy)
        if copy.base_type != RGB:
            pdb.gimp_image_convert_rgb(copy)
        if copy.precision != PRECISION_U8_GAMMA:
            pdb.gimp_image_convert_precision(copy, PRECISION_U8_GAMMA)
        layers = frame_layers(copy, bool(chosen["visible-only"]))
        by_default = choices.UNMARKED[int(chosen["unmarked-layers"])][0] == choices.REPLACE
        for layer in copy.layers:
            layer.visible = False
        with open(path, "wb") as raw:
            compose(copy, layers, by_default, raw)
    except IOError as error:
        raise WorkerError("%s can't be written: %s" % (path, error.strerror))
    finally:
        gimp.delete(copy)


def compose(copy, layers, replace_by_default, raw):
    # type: (gimp.Image, list[gimp.Layer], bool, BinaryIO) -> None
    """Write each layer alone, or on top of what was shown before it."""
    width, height = copy.width, copy.height
    under = None
    for done, layer in enumerate(layers, 1):
        if under is not None and frame_names.replaces(layer.name, replace_by_default):
            copy.remove_layer(under)
            under = None
        layer.visible = True
        shown = pdb.gimp_layer_new_from_visible(copy, copy, "shown")
        layer.visible = False
        copy.add_layer(shown, len(copy.layers))
        if not shown.has_alpha:
            pdb.gimp_layer_add_alpha(shown)
        region = shown.get_pixel_rgn(0, 0, width, height, False, False)
        raw.write(region[0:width, 0:height])
        if under is not None:
            copy.remove_layer(under)
        under = shown
        show_progress("composing", done, len(layers))


def show_progress(stage, done, total):
    # type: (str, int, int | None) -> None
    """Show how far a stage is, in GIMP's own bar."""
    pdb.gimp_progress_set_text("%s (%d of %s)" % (stage.capitalize(), done, total or "?"))
    if total:
        gimp.progress_update(float(done) / total)


def register_as_saver():
    # type: () -> None
    """Offer the export for names that end in .gif."""
    gimp.register_save_handler(SAVE, "gif", "")


IMAGE = [(PF_IMAGE, "image", "The image", None), (PF_DRAWABLE, "drawable", "Not used", None)]
FILE = [
    (PF_STRING, "filename", "The file to write", None),
    (PF_STRING, "raw-filename", "The file as the user named it", None),
]

register(
    SAVE,
    BLURB,
    HELP,
    AUTHORS,
    AUTHORS,
    DATE,
    "SSIM GIF",
    "*",
    IMAGE + FILE + OPTIONS,
    [],
    save,
    on_query=register_as_saver,
    menu="<Save>",
)
register(
    EXPORT_AS,
    BLURB,
    HELP,
    AUTHORS,
    AUTHORS,
    DATE,
    "Export as SSIM _GIF...",
    "*",
    IMAGE + [(PF_FILENAME, "filename", "File", "animation.gif")] + OPTIONS,
    [],
    export_as,
    menu="<Image>/File/Export",
)

main()
