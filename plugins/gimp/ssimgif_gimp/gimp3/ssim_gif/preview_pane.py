"""The right side of the dialog: what the GIF will weigh and look like.

The program works in the background; its messages and the composing of frames are handled in GTK's
main loop, a little at a time, so that the dialog always answers. A change of an option stops what
is under way and begins again.
"""

import base64
import queue
from collections.abc import Generator

import options
from gi.repository import GdkPixbuf, Gimp, GLib, GObject, Gtk
from handover import HandedOver, Message, Program, stage_text
from layers import frame_layers
from worker import WorkerError

SPACE = 6
VIEW = (360, 270)
# Options often change several times in a row.
PAUSE_MS = 350
# What GLib is told by a function that it calls again and again.
MORE, DONE = True, False
NO_JOB, STOPPED = 0, -1


class PreviewPane:
    """The estimate, and a frame before and after.

    Attributes
    ----------
    widget : Gtk.Widget
    program : Program
    frames : HandedOver
    """

    def __init__(self, image: Gimp.Image, config: Gimp.ProcedureConfig) -> None:
        """Start the program, which raises WorkerError when it can't be."""
        self._image = image
        self._config = config
        self.program = Program(lambda: GLib.idle_add(self._receive))
        self.frames = HandedOver(image, self.program)
        self._job = NO_JOB
        self._timer = 0
        self._step = 0
        self._composing: Generator[tuple[int, int]] | None = None
        self._composition = (False, False)
        self._pictures: dict[str, GdkPixbuf.Pixbuf] = {}
        self._handler = 0
        self._build()

    def start(self) -> None:
        """Follow the options from now on."""
        self._handler = self._config.connect("notify", lambda *_: self.renew())
        self.renew()

    def stop(self) -> None:
        """Follow them no more."""
        if self._handler:
            self._config.disconnect(self._handler)
            self._handler = 0
        self._halt()
        self._stop_composing()
        self._job = STOPPED

    def renew(self) -> None:
        """Drop what is under way, and begin anew in a moment."""
        self._halt()
        self._job = NO_JOB
        self._adapt_slider()
        self._spinner.start()
        self._timer = GLib.timeout_add(PAUSE_MS, self._begin)

    def _build(self) -> None:
        self._estimate = _label("Estimating…")
        self._spinner = Gtk.Spinner()
        head = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=SPACE)
        head.pack_start(self._estimate, True, True, 0)
        head.pack_end(self._spinner, False, False, 0)
        self._remark = _label("")
        self._before, before = _picture("Before")
        self._after, after = _picture("After")
        views = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=SPACE, homogeneous=True)
        views.pack_start(before, True, True, 0)
        views.pack_start(after, True, True, 0)
        self._slider = Gtk.Scale.new_with_range(Gtk.Orientation.HORIZONTAL, 1, 2, 1)
        self._slider.set_value_pos(Gtk.PositionType.RIGHT)
        self._slider_handler = self._slider.connect("value-changed", lambda _: self.renew())
        frame = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=SPACE)
        frame.pack_start(_label("Fra_me", self._slider), False, False, 0)
        frame.pack_start(self._slider, True, True, 0)
        self._error_map = Gtk.CheckButton.new_with_mnemonic("Sho_w where SSIM is lost")
        self._error_map.connect("toggled", lambda _: self._show_pictures())
        self.widget = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=SPACE)
        for part in (head, self._remark, views, frame, self._error_map):
            self.widget.pack_start(part, False, False, 0)

    def _adapt_slider(self) -> None:
        count = len(frame_layers(self._image, self._wanted()[0]))
        with GObject.signal_handler_block(self._slider, self._slider_handler):
            self._slider.set_range(1, max(count, 2))
        self._slider.set_sensitive(count > 1)

    def _halt(self) -> None:
        if self._timer:
            GLib.source_remove(self._timer)
            self._timer = 0
        if self._composing is not None and self._composition != self._wanted():
            self._stop_composing()

    def _wanted(self) -> tuple[bool, bool]:
        return options.composition(self._config)

    def _stop_composing(self) -> None:
        if self._composing is not None:
            GLib.source_remove(self._step)
            self._composing.close()
            self._composing = None

    def _begin(self) -> bool:
        self._timer = 0
        if self.program.ready and self._composing is None:
            self._composition = self._wanted()
            self._composing = steps = self.frames.compose(self._config)
            self._step = GLib.idle_add(self._compose_one, steps, priority=GLib.PRIORITY_LOW)
        return DONE

    def _compose_one(self, steps: Generator[tuple[int, int]]) -> bool:
        try:
            done, total = next(steps)
        except StopIteration:
            self._composing = None
            self._ask_for_preview()
            return DONE
        except WorkerError as error:
            self._composing = None
            self._fail(str(error))
            return DONE
        self._remark.set_text(stage_text("composing", done, total))
        return MORE

    def _ask_for_preview(self) -> None:
        frame = round(self._slider.get_value()) - 1
        request = self.frames.request("preview", self._config, frame=frame)
        self._job = self.program.worker.start_job(request)

    def _receive(self) -> bool:
        """Handle the messages that have come."""
        while self._job != STOPPED:
            try:
                message = self.program.messages.get_nowait()
            except queue.Empty:
                break
            try:
                self._handle(message)
            except WorkerError as error:
                self._fail(str(error))
        return DONE

    def _handle(self, message: Message | None) -> None:
        if not self.program.ready:
            self.program.greet(message)
            self._begin()
        elif message is None:
            raise WorkerError("The ssimgif program ended unexpectedly.")
        elif message.get("id") != self._job or self._job == NO_JOB:
            return
        elif "error" in message:
            raise WorkerError(message["error"])
        elif "result" in message:
            self._show(message["result"])
        elif "stage" in message:
            self._remark.set_text(stage_text(message["stage"], message["done"], message["total"]))

    def _show(self, result: Message) -> None:
        self._spinner.stop()
        about = "" if result["exact"] else "about "
        looks = "" if result["looks"] is None else f", looks {result['looks']:.0f}"
        size = GLib.format_size(result["bytes"])
        self._estimate.set_markup(f"<b>{about}{size}</b>, SSIM {result['score']:.3f}{looks}")
        self._remark.set_text("" if result["valid"] else "The target is not reached.")
        self._pictures = {name: _pixbuf(result[name]) for name in ("before", "after", "errors")}
        self._show_pictures()

    def _show_pictures(self) -> None:
        if self._pictures:
            self._before.set_from_pixbuf(self._pictures["before"])
            after = "errors" if self._error_map.get_active() else "after"
            self._after.set_from_pixbuf(self._pictures[after])

    def _fail(self, sentence: str) -> None:
        self._spinner.stop()
        self._estimate.set_text("No estimate")
        self._remark.set_text(sentence)


def _label(text: str, for_widget: Gtk.Widget | None = None) -> Gtk.Label:
    label = Gtk.Label(label=text, xalign=0, use_underline=for_widget is not None, wrap=True)
    label.set_max_width_chars(1)
    label.set_mnemonic_widget(for_widget)
    return label


def _picture(title: str) -> tuple[Gtk.Image, Gtk.Widget]:
    image = Gtk.Image()
    image.set_size_request(*VIEW)
    image.get_accessible().set_name(title)
    frame = Gtk.Frame(label=title)
    frame.add(image)
    return image, frame


def _pixbuf(png: str) -> GdkPixbuf.Pixbuf:
    loader = GdkPixbuf.PixbufLoader.new_with_type("png")
    loader.write(base64.b64decode(png))
    loader.close()
    return loader.get_pixbuf()
