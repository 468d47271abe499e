"""A finished GIF as packets for FFmpeg's muxers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from av.packet import Packet

from ssimgif import gif_blocks
from ssimgif_ffmpeg.timeline import CENTISECOND

_CONTROL_START = b"\x21\xf9\x04"


def gif_packets(gif: bytes) -> Iterator[Packet[Any]]:
    """Yield a GIF as the packets that FFmpeg's GIF muxer takes, timed in centiseconds.

    The first packet has the header, the screen descriptor, the global colour table and the first
    picture; the others have a picture each. Loop count and trailer are the muxer's.
    """
    start = 0
    blocks = gif_blocks(gif)
    for number, part in enumerate(blocks.images):
        packet: Packet[Any] = Packet(part.data if number else blocks.head + part.data)
        packet.time_base = CENTISECOND
        packet.pts = packet.dts = start
        packet.duration = part.delay
        packet.is_keyframe = number == 0
        yield packet
        start += part.delay


def with_last_delay(gif: bytes, delay: int) -> bytes:
    """Return a GIF whose last picture stays for ``delay`` centiseconds.

    Parameters
    ----------
    gif : bytes
        A whole GIF whose last picture has a graphic control extension.
    """
    last = gif_blocks(gif).images[-1].data
    at = gif.rindex(last) + last.index(_CONTROL_START) + len(_CONTROL_START) + 1
    return gif[:at] + delay.to_bytes(2, "little") + gif[at + 2 :]
