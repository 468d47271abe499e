"""GIFs from imageio: ``iio.imwrite("a.gif", frames, plugin="ssimgif")``."""

from imageio.config import known_plugins
from imageio.config.plugins import PluginConfig

from ssimgif_imageio.plugin import SsimGifPlugin

__all__ = ["SsimGifPlugin"]

known_plugins["ssimgif"] = PluginConfig("ssimgif", "SsimGifPlugin", "ssimgif_imageio.plugin")
