"""What GIMP shows before an export: a chooser for the file, and the options with a preview."""

from pathlib import Path

import gi

gi.require_version("GimpUi", "3.0")
gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
import choices
import options
from gi.repository import Gdk, Gimp, GimpUi, Gio, GObject, Gtk
from handover import HandedOver, Program
from preview_pane import PreviewPane

NAME = "ssim_gif"
SPACE = 12


def ask(
    procedure: Gimp.Procedure, config: Gimp.ProcedureConfig, image: Gimp.Image
) -> tuple[Program, HandedOver] | None:
    """Let the user choose options; return the program at work, or None when they cancelled.

    Raises
    ------
    WorkerError
        When the program can't be started.
    """
    GimpUi.init(NAME)
    config.set_property("background", options.background(config))
    pane = PreviewPane(image, config)
    dialog = GimpUi.ExportProcedureDialog.new(procedure, config, image)
    try:
        _fill(dialog, config, pane)
        pane.start()
        if dialog.run():
            return pane.program, pane.frames
    except BaseException:
        pane.program.worker.close()
        raise
    finally:
        pane.stop()
        _close(dialog)
    pane.program.worker.close()
    return None


def _fill(
    dialog: GimpUi.ExportProcedureDialog, config: Gimp.ProcedureConfig, pane: PreviewPane
) -> None:
    quality = dialog.get_widget("quality", GimpUi.SpinScale)
    ssim = dialog.get_widget("target-ssim", GimpUi.SpinScale)
    ssim.set_digits(4)
    _choose_by_moving(quality, config, choices.BY_QUALITY)
    _choose_by_moving(ssim, config, choices.NO_PRESET)
    dialog.get_widget("effort", GimpUi.SpinScale)
    # GIMP 3.2 makes buttons of two choices, which no key reaches.
    dialog.get_widget("unmarked-layers", Gtk.ComboBox)
    columns = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=2 * SPACE)
    columns.set_border_width(SPACE)
    left = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
    groups = {"Quality and size": options.QUALITY, "Frames": options.FRAMES, "More": options.MORE}
    for title, names in groups.items():
        dialog.get_label(f"{title}-title", title, False, False)
        dialog.fill_box(f"{title}-box", list(names))
        frame = dialog.fill_frame(f"{title}-frame", f"{title}-title", False, f"{title}-box")
        left.pack_start(frame, False, False, 0)
    _say_what_depends(dialog, config)
    columns.pack_start(left, False, False, 0)
    columns.pack_start(pane.widget, True, True, 0)
    dialog.get_content_area().pack_start(columns, True, True, 0)
    columns.show_all()


def _choose_by_moving(scale: Gtk.SpinButton, config: Gimp.ProcedureConfig, preset: str) -> None:
    """Let what is moved by hand be what is asked for.

    Without the focus it moves by itself, as where saved settings are loaded. What was typed counts
    when the focus is about to leave.
    """
    focused = False

    def note(_scale: Gtk.SpinButton, event: Gdk.EventFocus) -> bool:
        nonlocal focused
        focused = bool(event.in_)
        return False

    def moved(_scale: Gtk.SpinButton) -> None:
        if focused:
            config.set_property("preset", preset)

    scale.connect("focus-in-event", note)
    scale.connect_after("focus-out-event", note)
    scale.connect("value-changed", moved)


def _say_what_depends(dialog: GimpUi.ExportProcedureDialog, config: Gimp.ProcedureConfig) -> None:
    """Let options rest that another option makes meaningless."""
    custom = Gimp.ValueArray.new_from_values([GObject.Value(str, choices.CUSTOM_BUDGET)])
    dialog.set_sensitive_if_in("budget-kb", config, "budget", custom, True)
    dialog.set_sensitive("background", True, config, "flatten", False)


def _close(window: Gtk.Window) -> None:
    """Take a window off the screen at once: no main loop will run any more."""
    window.destroy()
    while Gtk.events_pending():
        Gtk.main_iteration()


def ask_file(image: Gimp.Image) -> Gio.File | None:
    """Let the user name the GIF to write; return None when they cancelled."""
    GimpUi.init(NAME)
    chooser = Gtk.FileChooserDialog(title="Export as SSIM GIF", action=Gtk.FileChooserAction.SAVE)
    chooser.add_buttons("_Cancel", Gtk.ResponseType.CANCEL, "_Export", Gtk.ResponseType.ACCEPT)
    chooser.set_default_response(Gtk.ResponseType.ACCEPT)
    GimpUi.window_set_transient(chooser)
    _propose(chooser, image)
    try:
        while chooser.run() == Gtk.ResponseType.ACCEPT:
            path = _with_suffix(Path(chooser.get_filename()))
            if not path.exists() or _may_replace(chooser, path):
                return Gio.File.new_for_path(str(path))
    finally:
        _close(chooser)
    return None


def _propose(chooser: Gtk.FileChooserDialog, image: Gimp.Image) -> None:
    gifs = Gtk.FileFilter()
    gifs.set_name("GIF (*.gif)")
    gifs.add_pattern("*.gif")
    chooser.add_filter(gifs)
    known = next(filter(None, (image.get_exported_file(), image.get_file())), None)
    path = Path(known.get_path()) if known and known.get_path() else Path(image.get_name())
    if path.parent.is_dir() and path.is_absolute():
        chooser.set_current_folder(str(path.parent))
    chooser.set_current_name(path.with_suffix(".gif").name)


def _with_suffix(path: Path) -> Path:
    return path if path.suffix else path.with_suffix(".gif")


def _may_replace(parent: Gtk.Window, path: Path) -> bool:
    question = Gtk.MessageDialog(
        transient_for=parent,
        modal=True,
        message_type=Gtk.MessageType.QUESTION,
        text=f"A file named “{path.name}” already exists. Do you want to replace it?",
    )
    question.add_buttons("_Cancel", Gtk.ResponseType.CANCEL, "_Replace", Gtk.ResponseType.ACCEPT)
    answer = question.run()
    question.destroy()
    return bool(answer == Gtk.ResponseType.ACCEPT)
