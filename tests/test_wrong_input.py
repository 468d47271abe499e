"""What programs hand over by mistake: one sentence each; and what they may well hand over."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ssimgif import Clip, Frame, Settings, SsimGifError, Writer, convert, encode

RED = np.full((3, 6, 8, 3), (200, 0, 0), np.uint8)
TENTH = Fraction(1, 10)


def clip_of(*frames: Any, width: int = 8, height: int = 6) -> Clip:
    return Clip(width, height, lambda: iter(frames))


def drawn(clip: Clip) -> list[tuple[bytes, Fraction]]:
    return [(frame.pixels.tobytes(), frame.duration) for frame in clip.frames()]


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "one picture": (lambda: Clip.from_frames(RED[0], 0.1), "look like one picture"),
    "one image": (lambda: Clip.from_frames(Image.new("RGB", (8, 6)), 0.1), "not one picture"),
    "no pictures": (lambda: Clip.from_frames([], 0.1), "there are no frames"),
    "a name": (lambda: Clip.from_frames("in.avif", 0.1), "not of type str"),
    "sizes": (lambda: Clip.from_frames([RED[0], RED[1, 1:]], 0.1), "frame 2 is 8x5, but the"),
    "whole numbers": (lambda: Clip.from_frames(RED.astype(int), 0.1), "is of int64; give uint8"),
    "no time": (lambda: Clip.from_frames(RED, 0), "more than 0 seconds, not 0"),
    "time back": (lambda: Clip.from_frames(RED, [0.1, -1, 0.1]), "more than 0 seconds, not -1"),
    "nan": (lambda: Clip.from_frames(RED, float("nan")), "nan is not a number of seconds"),
    "for ever": (lambda: Clip.from_frames(RED, float("inf")), "inf is not a number of seconds"),
    "time in words": (lambda: Clip.from_frames(RED, "0.1"), "'0.1' is not a number of seconds"),
    "yes": (lambda: Clip.from_frames(RED, True), "True is not a number of seconds"),
    "milliseconds": (lambda: Clip.from_frames(RED, 40), "40 is in seconds: for milliseconds give"),
    "four times": (lambda: Clip.from_frames(RED, [0.1] * 4), "there are 3 frames, but 4 durations"),
    "plays": (lambda: Clip.from_frames(RED, 0.1, loop=-1), "loop must be a whole number of plays"),
    "limit": (lambda: Settings(max_bytes="much"), "max-bytes 'much' is not a size such as"),
    "colours": (lambda: Settings(colors=2.5), "colors 2.5 is not a whole number"),  # type: ignore[arg-type]
    "no number": (lambda: Settings(ssim=[0.9]), r"ssim \[0.9\] is not a number"),  # type: ignore[arg-type]
    "level": (lambda: Settings(background=(300, 0, 0)), "is not red, green and blue, 0 to 255"),
    "two levels": (lambda: Settings(background=(3, 0)), "is not red, green and blue"),  # type: ignore[arg-type]
    "short crop": (lambda: Settings(crop=(8, 8)), "is not width, height, left and top"),  # type: ignore[arg-type]
    "perhaps": (lambda: Settings(lossless="perhaps"), "lossless 'perhaps' is neither yes nor no"),  # type: ignore[arg-type]
    "no dither": (lambda: Settings(dither=None), "dither None is not a name"),  # type: ignore[arg-type]
    "palettes": (lambda: Settings(palettes=3), "palettes 3 is not a name"),  # type: ignore[arg-type]
    "channels": (lambda: Frame(RED[0], TENTH), r"must be u8\[h, w, 4\], not uint8\(6, 8, 3\)"),
    "a list": (lambda: Frame([], TENTH), r"must be an array u8\[h, w, 4\], not list"),  # type: ignore[arg-type]
    "frame's time": (lambda: Frame(np.zeros((6, 8, 4), np.uint8), Fraction(0)), "more than 0 s"),
    "clip's size": (
        lambda: encode(clip_of(Frame(np.zeros((9, 9, 4), np.uint8), TENTH))),
        "a frame of clip is 9x9, but the clip is 8x6",
    ),
    "no frames": (lambda: encode(clip_of()), "has no frames"),
    "arrays": (lambda: encode(clip_of(*RED)), "gives ndarray where frames should be"),
    "an array": (lambda: encode(RED), "must be Clip, not ndarray: Clip.from_frames makes one"),  # type: ignore[arg-type]
    "nothing": (lambda: encode(None), "must be Clip, not NoneType"),  # type: ignore[arg-type]
    "a dict": (
        lambda: encode(Clip.from_frames(RED, 0.1), {"effort": 1}),  # type: ignore[arg-type]
        "must be Settings, not dict",
    ),
    "a clip": (lambda: convert(Clip.from_frames(RED, 0.1), "a.gif"), "not Clip"),  # type: ignore[arg-type]
    "pixels": (lambda: convert(RED, "a.gif"), "a path, paths or a binary stream, not ndarray"),  # type: ignore[arg-type]
    "text": (lambda: convert(io.StringIO(), "a.gif"), "not a stream of text"),  # type: ignore[arg-type]
    "onto text": (lambda: convert("a.avif", io.StringIO()), "not to a stream of text"),  # type: ignore[arg-type]
    "onto a number": (lambda: Writer(3), "a path or a binary stream, not to int"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_in_one_sentence(name: str, monkeypatch: Any, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    call, sentence = WRONG[name]
    with pytest.raises(SsimGifError, match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_frames_that_can_be_read_once_alone_are_told_of() -> None:
    once = iter([Frame(np.full((6, 8, 4), 30 * i, np.uint8), TENTH) for i in range(4)])
    clip = Clip(8, 6, lambda: once)
    assert len(list(clip.frames())) == 4
    with pytest.raises(SsimGifError, match="open_frames must begin anew"):
        list(clip.frames())


def pictures() -> Iterator[np.ndarray]:
    yield from RED


@pytest.mark.parametrize(
    ("frames", "durations"),
    [
        (list(RED), 0.1),
        (pictures, np.float32(0.1)),
        (RED, np.full(3, 0.1)),
        (RED, np.array(0.1)),
        (RED / 255, (TENTH for _ in RED)),
        ([Image.fromarray(frame).quantize() for frame in RED], [0.1, 0.1, 0.1]),
    ],
)
def test_frames_and_times_may_be_of_many_kinds(frames: Any, durations: Any) -> None:
    given = frames() if callable(frames) else frames
    assert drawn(Clip.from_frames(given, durations)) == drawn(Clip.from_frames(RED, TENTH))


def test_a_long_time_may_be_a_fraction() -> None:
    assert drawn(Clip.from_frames(RED, Fraction(40)))[0][1] == 40


def test_settings_may_be_texts_and_numbers_of_numpy() -> None:
    texts: dict[str, Any] = {"max_bytes": "2MB", "crop": "8x6+0+1", "start": "0:01", "fps": "25/2"}
    told = Settings(max_bytes=2_000_000, crop=(8, 6, 0, 1), start=Fraction(1), fps=Fraction(25, 2))
    assert Settings(**texts) == told
    plain = Settings(colors=16, effort=2, quality=70.0, lossless=False)
    numpy: dict[str, Any] = {"colors": np.int64(16), "effort": np.uint8(2)}
    numpy |= {"quality": np.float64(70), "lossless": np.False_}
    assert Settings(**numpy) == plain
    assert type(Settings(**numpy).colors) is int
