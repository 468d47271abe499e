"""GIFs from Pillow: ``image.save("a.gif", format="SSIMGIF", ...)``, or in place of its own."""

from PIL import Image

from ssimgif_pillow.replacing import replace_gif, restore_gif
from ssimgif_pillow.saving import FORMAT, save, save_all

__all__ = ["FORMAT", "replace_gif", "restore_gif"]

Image.register_save(FORMAT, save)
Image.register_save_all(FORMAT, save_all)
Image.register_mime(FORMAT, "image/gif")
