# What the plug-in uses of gimpfu, GIMP 2.10's interface for Python 2.7.
from collections.abc import Callable, Sequence
from typing import Any

import gimp as gimp

RGB: int
PRECISION_U8_GAMMA: int
PF_IMAGE: int
PF_DRAWABLE: int
PF_STRING: int
PF_FILENAME: int
PF_OPTION: int
PF_SPINNER: int
PF_TOGGLE: int
PF_COLOR: int

class _Pdb:
    def gimp_image_undo_disable(self, image: gimp.Image) -> bool: ...
    def gimp_image_convert_rgb(self, image: gimp.Image) -> None: ...
    def gimp_image_convert_precision(self, image: gimp.Image, precision: int) -> None: ...
    def gimp_layer_new_from_visible(
        self, image: gimp.Image, dest_image: gimp.Image, name: str
    ) -> gimp.Layer: ...
    def gimp_layer_add_alpha(self, layer: gimp.Layer) -> None: ...
    def gimp_progress_set_text(self, message: str) -> None: ...

pdb: _Pdb

def register(
    proc_name: str,
    blurb: str,
    help: str,
    author: str,
    copyright: str,
    date: str,
    label: str,
    imagetypes: str,
    params: Sequence[tuple[Any, ...]],
    results: Sequence[tuple[Any, ...]],
    function: Callable[..., object],
    menu: str | None = ...,
    domain: tuple[str, str] | None = ...,
    on_query: Callable[[], None] | None = ...,
    on_run: Callable[[], None] | None = ...,
) -> None: ...
def main() -> None: ...
