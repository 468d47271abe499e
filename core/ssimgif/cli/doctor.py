"""``ssimgif doctor``: what is installed here, and whether it can work."""

from __future__ import annotations

import compileall
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from ssimgif.host import kernel_cache, kernel_files
from ssimgif.progress import ProgressCallback
from ssimgif.report import package_versions

if TYPE_CHECKING:
    from ssimgif.model import U8

HOSTS = ("ffmpeg", "magick", "convert", "gimp", "gifsicle")
LEAST_FREE_BYTES = 500_000_000


def examine() -> Iterator[str]:
    """Yield one line for each thing looked at; problems begin with ``problem:``."""
    for name, version in package_versions().items():
        yield f"{name} {version}"
    yield from _kernels()
    yield from _temporary_files()
    yield from _decoders()
    yield _conversion()
    yield from _plugins()
    for host in HOSTS:
        yield f"{host}: {shutil.which(host) or 'not found (not needed)'}"


def _kernels() -> Iterator[str]:
    directory = kernel_cache.prepare()
    total, missing = len(kernel_cache.forms()), len(kernel_cache.missing())
    yield f"kernels: {total - missing} of {total} compiled; others are kept in {directory}"
    kept = kernel_cache.places(kernel_cache.KERNELS)[-1]
    if not kernel_cache.writable(directory):
        yield f"problem: {directory} is not writable; kernels are compiled again in every run"
    elif kept.exists() and not kernel_files.is_ours(kept.stat()):
        yield f"problem: others can write to {kept}; kernels are compiled again in every run"
    elif missing:
        yield "the first conversion compiles the kernels; ssimgif doctor --warm does it now"


def _temporary_files() -> Iterator[str]:
    directory = tempfile.gettempdir()
    free = shutil.disk_usage(directory).free
    yield f"temporary files: {directory}, {free / 1e9:.1f} GB free"
    if free < LEAST_FREE_BYTES:
        yield f"problem: {directory} has little space; set TMPDIR to another directory"


def _decoders() -> Iterator[str]:
    try:
        from ssimgif.sources import decoders
    except ImportError as error:
        yield f"problem: the decoders can't be loaded: {error}"
        return
    available = decoders()
    missing = [name for name, present in available.items() if not present]
    yield f"decoders: {', '.join(name for name, present in available.items() if present)}"
    if missing:
        yield f"problem: this build of PyAV can't decode {', '.join(missing)}"


def _conversion() -> str:
    """Convert a tiny AVIF: only that shows that reading, coding and writing work."""
    from ssimgif.pipeline import convert
    from ssimgif.settings import Settings

    try:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "tiny.avif"
            _write_avif(source, moving_gradient(alpha=False)[:2])
            report = convert(source, source.with_suffix(".gif"), Settings(effort=1, no_cache=True))
    except Exception as error:
        reason = " ".join(str(error).split())
        return f"problem: a tiny AVIF can't be converted: {type(error).__name__}: {reason}"
    return f"conversion: {report.frames_source} frames of AVIF became {report.bytes} bytes of GIF"


def _plugins() -> Iterator[str]:
    from ssimgif import plugins

    names = [
        name for name, _ in plugins.plugin_manager().list_name_plugin() if name != plugins.CORE
    ]
    yield f"plug-ins: {', '.join(names) or 'none'}"
    yield from plugins.doctor_lines()


def warm(progress: ProgressCallback | None = None) -> float:
    """Compile the kernels and modules, plug-ins' by converting small clips; return the seconds.

    Parameters
    ----------
    progress : callable, optional
        Told how many of ssimgif's own kernels are compiled.
    """
    import numpy as np

    from ssimgif import plugins
    from ssimgif.kernels.compiling import compile_kernels
    from ssimgif.model import Clip
    from ssimgif.pipeline import convert, encode
    from ssimgif.settings import Settings
    from ssimgif.sources import hdr, open_clip

    started = perf_counter()
    compile_kernels(progress)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "warm.avif"
        _write_avif(source, moving_gradient(alpha=False))
        convert(source, source.with_suffix(".gif"), Settings())
        open_clip(source.with_suffix(".gif"))
    for transfer in hdr.TRANSFERS:
        hdr.tone_map(np.full((8, 8, 4), 40_000, np.uint16), transfer, 9, hdr.NOMINAL_PEAK)
    compile_modules()
    clip = Clip.from_frames(moving_gradient(alpha=True), 0.1)
    for dither in plugins.ditherers():
        encode(clip, Settings(dither=dither))
    encode(clip, Settings(max_bytes=10_000, feather=2.0))
    return perf_counter() - started


def compile_modules() -> None:
    """Keep the modules of ssimgif and of its plug-ins compiled, where that is possible.

    Python does so when it imports them, unless it is told not to; pip, when it copies them.
    """
    packages = [name for name in sys.modules if name.startswith("ssimgif") and "." not in name]
    for name in packages:
        # A plug-in that is a single file has no folder of its own.
        for folder in getattr(sys.modules[name], "__path__", ()):
            compileall.compile_dir(folder, quiet=2)


def moving_gradient(alpha: bool) -> U8:
    """Return four frames of a gradient with a moving box, u8[4, 64, 64, 3 or 4]."""
    import numpy as np

    y, x = np.mgrid[0:64, 0:64]
    frames = np.empty((4, 64, 64, 4), np.uint8)
    for i, frame in enumerate(frames):
        frame[...] = np.stack([2 * x + 16 * i, 4 * y, 3 * (x + y), np.full_like(x, 255)], axis=2)
        frame[20:40, 4 * i : 4 * i + 20, :3] = 230, 40, 40
        frame[:8, :8, 3] = 0
    return frames if alpha else np.ascontiguousarray(frames[..., :3])


def _write_avif(path: Path, frames: U8) -> None:
    from PIL import Image

    first, *others = (Image.fromarray(frame) for frame in frames)
    first.save(path, save_all=True, append_images=others, duration=100)
