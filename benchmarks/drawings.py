"""Clips for the gallery, drawn: each is u8[n, h, w, 3], and the same on every machine."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ssimgif.model import U8

RATE = Fraction(25, 2)
# Shapes are drawn so much larger, and reduced, so that their edges are smooth.
SMOOTH = 4
Point = tuple[float, float]
Line = list[tuple[str, str]]

INK, TEXT, DIM, GREEN, BLUE, GOLD, RED = (
    "#1d2330", "#d7dce5", "#8791a3", "#7fd18b", "#76b3f2", "#e8c36a", "#ef7d7d",
)  # fmt: skip
COMMAND = "make release"
FILES = ("reader", "palette", "dither", "search", "lzw", "metrics", "report", "writer")


def terminal() -> U8:
    """Return a session: a command is typed, files are built, tests run, 600x336."""
    fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
    font = ImageFont.truetype(fonts / "DejaVuSansMono.ttf", 14)
    return np.stack([_screen(lines, font) for lines in _session()])


def _session() -> list[list[Line]]:
    """Return the lines on screen, frame by frame."""
    prompt: Line = [("~/clips ", BLUE), ("$ ", DIM)]
    shots = [[[*prompt, (COMMAND[:typed], TEXT), ("▏", TEXT)]] for typed in range(len(COMMAND) + 1)]
    done: list[Line] = [[*prompt, (COMMAND, TEXT)]]
    for number, name in enumerate(FILES):
        for share in (0.3, 0.7, 1.0):
            filled = round(32 * (number + share) / len(FILES))
            bar = [("  ", TEXT), ("█" * filled, GREEN), ("░" * (32 - filled), DIM)]
            percent = f" {100 * (number + share) / len(FILES):3.0f} %"
            shots.append([*done, [*bar, (percent, TEXT)]])
        done.append(
            [("  CC ", DIM), (f"src/{name + '.c':<12}", TEXT), (f"{870 * (number + 3):6,} B", DIM)]
        )
    done.append([("src/lzw.c:214: ", TEXT), ("warning: ", GOLD), ("unused variable 'code'", TEXT)])
    shots += [list(done)] * 3
    for number, (word, color) in enumerate((("ok", GREEN), ("ok", GREEN), ("FAILED", RED))):
        done.append([(f"test_{FILES[number]:<10}", TEXT), (word, color)])
        shots += [list(done)] * 3
    done.append([*prompt, ("▏", TEXT)])
    return [*shots, *[list(done)] * 6]


def _screen(lines: list[Line], font: ImageFont.FreeTypeFont) -> U8:
    picture = Image.new("RGB", (600, 336), INK)
    draw = ImageDraw.Draw(picture)
    for row, line in enumerate(lines[-16:]):
        x = 12.0
        for text, color in line:
            draw.text((x, 8 + 20 * row), text, color, font)
            x += font.getlength(text)
    return np.asarray(picture)


def cartoon() -> U8:
    """Return a bird that flies past hills, flat colours with outlines, 480x270."""
    return np.stack([_flight(step) for step in range(36)])


def _flight(step: int) -> U8:
    picture = Image.new("RGB", (480 * SMOOTH, 270 * SMOOTH), "#a8dcf0")
    draw = ImageDraw.Draw(picture)

    def shape(points: list[Point], fill: str) -> None:
        large = [(SMOOTH * x, SMOOTH * y) for x, y in points]
        draw.polygon(large, fill)
        draw.line([*large, large[0]], "#20242c", 3 * SMOOTH, "curve")

    shape(_oval(400, 60, 34, 34), "#ffd95a")
    for left, y, size in ((150, 44, 1.0), (330, 96, 0.6)):
        x = (left - step) % 560 - 40
        for dx, dy, radius in ((-26, 6, 18), (26, 6, 18), (0, 0, 26)):
            shape(
                _oval(x + size * dx, y + size * dy, size * radius, size * radius * 0.7), "#ffffff"
            )
    for speed, base, tall, fill in ((1.5, 190, 34, "#8fc98a"), (4.0, 228, 24, "#4f9d69")):
        across = np.arange(-8, 497, 4.0)
        ridge = base - tall * np.sin((across + speed * step) / 61) * np.cos(
            (across + speed * step) / 37
        )
        shape([(-8, 280), *zip(across, ridge, strict=True), (496, 280)], fill)
    for number in range(4):
        x = (150 * number - 4 * step) % 600 - 60
        shape([(x - 4, 256), (x - 4, 210), (x + 4, 210), (x + 4, 256)], "#8a5a3b")
        shape(_oval(x, 200, 24, 30), "#2f7d4f")
    _bird(shape, 210 + 30 * np.sin(step / 9), 112 + 14 * np.sin(step / 3), step)
    return np.asarray(picture.resize((480, 270), Image.Resampling.BOX))


def _bird(shape: Callable[[list[Point], str], None], x: float, y: float, step: int) -> None:
    flap = 34 * np.cos(step * 0.9)
    shape([(x - 40, y), (x - 74, y - 14), (x - 70, y + 14)], "#c8452f")
    shape(_oval(x, y, 46, 30), "#e8603c")
    shape(_oval(x + 8, y + 10, 26, 15), "#f8d9b8")
    shape([(x - 18, y - 6), (x + 16, y - 6), (x - 12, y - 6 - flap)], "#b23a2a")
    shape(_oval(x + 38, y - 20, 22, 21), "#e8603c")
    shape([(x + 57, y - 26), (x + 82, y - 17), (x + 56, y - 11)], "#ffc23d")
    shape(_oval(x + 44, y - 25, 7, 8), "#ffffff")
    shape(_oval(x + 46, y - 24, 2, 3), "#20242c")


def _oval(x: float, y: float, across: float, down: float) -> list[Point]:
    turns = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    return [(x + across * np.cos(turn), y + down * np.sin(turn)) for turn in turns]


def pixel_art() -> U8:
    """Return a walk past torches at night, 16 colours, 96x64 cells of 4x4 pixels."""
    return np.stack([_night(step) for step in range(32)])


COLORS = np.array(
    [(26, 28, 44), (93, 39, 93), (177, 62, 83), (239, 125, 87), (255, 205, 117), (167, 240, 112),
     (56, 183, 100), (37, 113, 121), (41, 54, 111), (59, 93, 201), (65, 166, 246), (115, 239, 247),
     (244, 244, 244), (148, 176, 194), (86, 108, 134), (51, 60, 87)], np.uint8
)  # fmt: skip


def _night(step: int) -> U8:
    cells = np.zeros((64, 96), np.intp)
    y, x = np.mgrid[:64, :96]
    cells[:20] = 8
    star = np.random.default_rng(5).integers(0, (96, 40), (26, 2))
    cells[star[:, 1], star[:, 0]] = np.where((np.arange(26) + step // 4) % 5, 13, 12)
    cells[(x - 76) ** 2 + (y - 12) ** 2 < 50] = 4
    moved = x + step
    cells[y > 40 - 6 * np.sin(moved / 13) - 3 * np.sin(moved / 5)] = 15
    ground = y > 49
    cells[ground] = np.where((y + 2 * ((x + 2 * step) // 8)) % 7 == 0, 7, 6)[ground]
    cells[50] = 5
    for torch in range(3):
        at = (40 * torch - 2 * step) % 120 - 12
        cells[(abs(x - at) < 2) & (y > 36) & (y < 50)] = 1
        lick = 3 + (step + torch) % 3
        cells[abs(x - at) + abs(y - 33) < lick] = 3
        cells[abs(x - at) + abs(y - 34) < lick - 2] = 4
    _walker(cells, 44, 32, step // 2 % 4)
    return np.kron(COLORS[cells], np.ones((4, 4, 1), np.uint8))


def _walker(cells: np.ndarray, x: int, y: int, stride: int) -> None:
    leg = (0, 2, 0, -2)[stride]
    y -= stride % 2
    cells[y : y + 7, x : x + 8] = 3
    cells[y : y + 2, x - 1 : x + 8] = 2
    cells[y + 3, x + 5] = 0
    cells[y + 7 : y + 14, x - 1 : x + 8] = 9
    cells[y + 7 : y + 14, x + 2 : x + 4] = 10
    cells[y + 14 : y + 17, x + leg : x + leg + 3] = 14
    cells[y + 14 : y + 17, x + 4 - leg : x + 7 - leg] = 14
    cells[y + 17, x + leg : x + leg + 4] = 0
    cells[y + 17, x + 4 - leg : x + 8 - leg] = 0


DRAWINGS: dict[str, Callable[[], U8]] = {
    "terminal": terminal,
    "drawing": cartoon,
    "pixel art": pixel_art,
}


def write_clip(path: Path, frames: U8) -> None:
    """Write frames as FFV1, without loss."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=RATE)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "bgr0"
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            container.mux(stream.encode(picture.reformat(format="bgr0")))
        container.mux(stream.encode(None))
