"""Whether Pillow's format "GIF" is written by ssimgif."""

from __future__ import annotations

from typing import Any

from PIL import Image

from ssimgif_pillow.saving import save, save_all

_originals: dict[str, Any] = {}


def replace_gif() -> None:
    """Write every GIF that Pillow saves by ssimgif, in this process, until `restore_gif`."""
    if not _originals:
        Image.preinit()
        _originals.update(save=Image.SAVE["GIF"], save_all=Image.SAVE_ALL["GIF"])
        Image.register_save("GIF", save)
        Image.register_save_all("GIF", save_all)


def restore_gif() -> None:
    """Let Pillow write its GIFs itself again."""
    if _originals:
        Image.register_save("GIF", _originals.pop("save"))
        Image.register_save_all("GIF", _originals.pop("save_all"))
