#!/usr/bin/env python3
"""Export as SSIM GIF, and open animated AVIF as layers: a plug-in for GIMP 3.

It gathers frames and asks the ssimgif program, which "ssimgif gimp install" noted, to do the work.
"""

import sys
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gegl", "0.4")
gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, Gio, GLib, GObject

import layers
import options
from handover import HandedOver, Program, show_stage
from worker import WorkerError

EXPORT, EXPORT_AS = "file-ssim-gif-export", "plug-in-ssim-gif-export-as"
OPEN = "file-ssim-avif-load"
AUTHORS, DATE = "The ssimgif authors", "2026"
HELP = (
    "Each top-level layer or group is a frame, the lowest first. A name such as "
    '"Sky (120ms) (replace)" sets its time, and whether it replaces the frames before it or, '
    '"(combine)", is put on top of them. The file is the smallest that reaches the target SSIM, '
    "or the best that fits the size limit."
)


def show_progress(text: str, fraction: float) -> None:
    """Show how far the work is, in GIMP's own bar."""
    Gimp.progress_set_text(text)
    Gimp.progress_update(fraction)


def run_export(
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    image: Gimp.Image,
    file: Gio.File,
    _options: Gimp.ExportOptions,
    _metadata: Gimp.Metadata,
    config: Gimp.ProcedureConfig,
    _data: object,
) -> Gimp.ValueArray:
    """Write ``image`` to ``file``, after a dialog when ``run_mode`` is interactive."""
    program = None
    try:
        path = local_path(file)
        if run_mode == Gimp.RunMode.INTERACTIVE:
            from dialog import ask

            chosen = ask(procedure, config, image)
            if chosen is None:
                return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, None)
            program, frames = chosen
        else:
            program = Program()
            frames = HandedOver(image, program)
        Gimp.progress_init(f"Exporting {file.get_basename()}")
        program.wait_until_ready()
        for done, total in frames.compose(config):
            show_stage(show_progress, "composing", done, total)
        result = program.run(frames.request("export", config, output=path), show_progress)
        Gimp.progress_end()
        for warning in result["warnings"]:
            Gimp.message(f"{file.get_basename()}: {warning}")
    except WorkerError as error:
        return failed(procedure, str(error))
    finally:
        if program is not None:
            program.worker.close()
    return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)


def run_export_as(
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    image: Gimp.Image,
    _drawables: list[Gimp.Drawable],
    _config: Gimp.ProcedureConfig,
    _data: object,
) -> Gimp.ValueArray:
    """Ask for a file, then do as the export does."""
    if run_mode == Gimp.RunMode.NONINTERACTIVE:
        return failed(procedure, f"{EXPORT_AS} asks for a file; call {EXPORT} instead")
    from dialog import ask_file

    file = ask_file(image)
    if file is None:
        return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, None)
    export = Gimp.get_pdb().lookup_procedure(EXPORT)
    call = export.create_config()
    call.set_property("run-mode", Gimp.RunMode.INTERACTIVE)
    call.set_property("image", image)
    call.set_property("file", file)
    returned = export.run(call)
    status = returned.index(0)
    if status == Gimp.PDBStatusType.EXECUTION_ERROR:
        return failed(procedure, Gimp.get_pdb().get_last_error())
    return procedure.new_return_values(status, None)


def run_open(
    procedure: Gimp.Procedure,
    _run_mode: Gimp.RunMode,
    file: Gio.File,
    _metadata: Gimp.Metadata,
    flags: Gimp.MetadataLoadFlags,
    _config: Gimp.ProcedureConfig,
    _data: object,
) -> tuple[Gimp.ValueArray, Gimp.MetadataLoadFlags]:
    """Open an animation, each frame as a layer."""
    program = None
    try:
        Gimp.progress_init(f"Opening {file.get_basename()}")
        path = local_path(file)
        program = Program()
        program.wait_until_ready()
        result = program.run({"job": "open", "path": path}, show_progress)
        image = opened(result, program.file(result["raw"]))
        Gimp.progress_end()
    except (WorkerError, OSError) as error:
        return failed(procedure, str(error)), flags
    finally:
        if program is not None:
            program.worker.close()
    success = GObject.Value(Gimp.PDBStatusType, Gimp.PDBStatusType.SUCCESS)
    values = [success, GObject.Value(Gimp.Image, image)]
    return Gimp.ValueArray.new_from_values(values), flags


def opened(result: dict[str, Any], path: Path) -> Gimp.Image:
    """Return a new image of the frames in a raw file."""
    image = Gimp.Image.new(result["width"], result["height"], Gimp.ImageBaseType.RGB)
    image.undo_disable()
    times = result["milliseconds"]
    with path.open("rb") as raw:
        for done in layers.add_frames(image, raw, times, result["has_alpha"]):
            show_progress(f"Making layers ({done} of {len(times)})", done / len(times))
    image.undo_enable()
    return image


def local_path(file: Gio.File) -> str:
    """Return the path of a file on this machine."""
    path = file.get_path()
    if path is None:
        raise WorkerError(f"{file.get_uri()} is not on this machine.")
    return str(path)


def failed(procedure: Gimp.Procedure, sentence: str) -> Gimp.ValueArray:
    """Return an error, which GIMP shows in its own way."""
    return procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, GLib.Error(sentence))


class SsimGif(Gimp.PlugIn):
    """What GIMP asks of a plug-in."""

    def do_set_i18n(self, _name: str) -> bool:
        """Say that there are no translations."""
        return False

    def do_query_procedures(self) -> list[str]:
        """Name the procedures."""
        return [EXPORT, EXPORT_AS, OPEN]

    def do_create_procedure(self, name: str) -> Gimp.Procedure:
        """Describe a procedure."""
        describe = {EXPORT: self._export, EXPORT_AS: self._export_as, OPEN: self._open}
        procedure = describe[name](name)
        procedure.set_attribution(AUTHORS, AUTHORS, DATE)
        return procedure

    def _export(self, name: str) -> Gimp.Procedure:
        kind = Gimp.PDBProcType.PLUGIN
        procedure = Gimp.ExportProcedure.new(self, name, kind, False, run_export, None)
        procedure.set_image_types("*")
        procedure.set_documentation("Export the smallest GIF that looks like the image", HELP, name)
        procedure.set_menu_label("SSIM GIF")
        procedure.set_format_name("SSIM GIF")
        procedure.set_extensions("gif")
        procedure.set_mime_types("image/gif")
        procedure.set_capabilities(
            Gimp.ExportCapabilities.CAN_HANDLE_RGB
            | Gimp.ExportCapabilities.CAN_HANDLE_GRAY
            | Gimp.ExportCapabilities.CAN_HANDLE_INDEXED
            | Gimp.ExportCapabilities.CAN_HANDLE_ALPHA
            | Gimp.ExportCapabilities.CAN_HANDLE_LAYERS
            | Gimp.ExportCapabilities.CAN_HANDLE_LAYER_EFFECTS
            | Gimp.ExportCapabilities.CAN_HANDLE_LAYER_MASKS,
            None,
            None,
        )
        options.add_arguments(procedure)
        return procedure

    def _export_as(self, name: str) -> Gimp.Procedure:
        kind = Gimp.PDBProcType.PLUGIN
        procedure = Gimp.ImageProcedure.new(self, name, kind, run_export_as, None)
        procedure.set_image_types("*")
        procedure.set_sensitivity_mask(
            Gimp.ProcedureSensitivityMask.DRAWABLE
            | Gimp.ProcedureSensitivityMask.DRAWABLES
            | Gimp.ProcedureSensitivityMask.NO_DRAWABLES
        )
        procedure.set_documentation("Export the smallest GIF that looks like the image", HELP, name)
        procedure.set_menu_label("Export as SSIM _GIF...")
        procedure.add_menu_path("<Image>/File/[Export]")
        return procedure

    def _open(self, name: str) -> Gimp.Procedure:
        kind = Gimp.PDBProcType.PLUGIN
        procedure = Gimp.LoadProcedure.new(self, name, kind, run_open, None)
        procedure.set_documentation("Open all frames of an animated AVIF as layers", "", name)
        procedure.set_menu_label("AVIF animation")
        procedure.set_format_name("AVIF animation")
        procedure.set_extensions("avif,avifs")
        procedure.set_mime_types("image/avif")
        # Animations have a brand of their own; stills are left to GIMP.
        procedure.set_magics("4,string,ftypavis")
        return procedure


if __name__ == "__main__":
    Gimp.main(SsimGif.__gtype__, sys.argv)
