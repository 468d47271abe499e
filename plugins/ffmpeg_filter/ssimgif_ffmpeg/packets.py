"""A finished GIF as packets for FFmpeg's muxers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from av.packet import Packet

from ssimgif_ffmpeg.blocks import split_gif
from ssimgif_ffmpeg.timeline import CENTISECOND


def gif_packets(gif: bytes) -> Iterator[Packet[Any]]:
    """Yield a GIF as the packets that FFmpeg's GIF muxer takes, timed in centiseconds."""
    start = 0
    for number, part in enumerate(split_gif(gif).packets):
        packet: Packet[Any] = Packet(part.data)
        packet.time_base = CENTISECOND
        packet.pts = packet.dts = start
        packet.duration = part.delay
        packet.is_keyframe = number == 0
        yield packet
        start += part.delay
