"""What the installed PyAV can decode."""

from __future__ import annotations

# Any one of the decoders will do; FFmpeg's own "av1" needs a graphics card.
WANTED = {
    "AV1": ("libdav1d", "libaom-av1"),
    "H.264": ("h264",),
    "HEVC": ("hevc",),
    "VP8": ("vp8", "libvpx"),
    "VP9": ("vp9", "libvpx-vp9"),
    "GIF": ("gif",),
    "APNG": ("apng",),
}


def decoders() -> dict[str, bool]:
    """Return for each codec that a source is likely to use whether it can be decoded."""
    from av.codec import codecs_available

    return {codec: bool(codecs_available & set(names)) for codec, names in WANTED.items()}
