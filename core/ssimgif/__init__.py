"""ssimgif: the smallest GIF that still looks like the original.

Its public names are in ``__init__.pyi``; each is imported where it is first used, so that
``import ssimgif`` stays quick.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, _, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ += ["__version__"]


def __dir__() -> list[str]:
    return sorted(__all__)
