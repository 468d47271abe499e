"""Rate-distortion coding of one frame: the LZW codes that cost least at a given quality price.

``lay_out`` and ``prepare`` work out once what does not depend on the price; ``encode`` may then be
called for several prices (``lam``), beams and so on, also from several threads at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ssimgif.host import bands, together
from ssimgif.kernels import rdlzw, ycc
from ssimgif.kernels.phrase_search import FLOOR, Picture, Tuning, screen_rows
from ssimgif.model import F32, U8, Bool, Palette

# Bits by which holding a pixel is cheaper than it would be: ties go to what is on screen.
HOLD_BIAS = -0.05
# The rise of the cost of a pixel at which the dictionary is cleared.
CLEAR_AT = 0.05
# Bits that a pixel is taken to cost at first.
FIRST_RATE = 2.5
# Shares of the error of the rows above that a row makes up for, and of its drift that it hands on.
FEEDBACK = 0.1
CHROMA_FEEDBACK = 0.3
DECAY = 0.5
# Pixels of which a part is laid out by one thread.
LEAST_PIXELS = 1 << 15


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """One frame to code, ready for any price.

    Attributes
    ----------
    picture : Picture
        Source and screen in Y Cb Cr, the weights of errors, whether the screen may stay, and the
        least distortion of each pixel.
    colors : f32[3, n]
        Y, Cb, Cr of the palette.
    transparent : int
        The index that stands for "leave the screen as it is", or -1.
    minimum_code_size : int
    height, width : int
    """

    picture: Picture
    colors: F32
    transparent: int
    minimum_code_size: int
    height: int
    width: int


@dataclass(frozen=True, slots=True, eq=False)
class RdResult:
    """LZW codes and what they decode to.

    Attributes
    ----------
    data : bytes
        LZW codes, not yet cut into sub-blocks.
    minimum_code_size : int
    indices : u8[h, w]
    bits : int
    distortion : float
        Weighted squared error, summed over the frame.
    rate : float
        The running mean of what a pixel costs at the end, in bits, its least distortion left
        out: a good start for another ``encode`` with a price that is near.
    """

    data: bytes = field(repr=False)
    minimum_code_size: int
    indices: U8
    bits: int
    distortion: float
    rate: float


def to_ycc(rgb: U8) -> F32:
    """Convert sRGB u8[..., 3] to BT.601 Y Cb Cr, full range, f32[3, n], Cb and Cr centred on 0."""
    out = np.empty((3, rgb.size // 3), np.float32)
    ycc.ycc_planes(rgb.ravel(), out)
    return out


def lay_out(rgb: U8, weights: F32, palette: Palette, chroma: float | F32 = 0.001) -> F32:
    """Work out what the search needs of a picture, whatever is on screen.

    Parameters
    ----------
    rgb : u8[h, w, 3]
        The picture to code, sRGB.
    weights : f32[h, w]
        Price of a squared error of luma, a pixel (see `ssimgif.metrics.ssim`).
    palette : Palette
    chroma : float or f32[h, w]
        Price of a squared error of Cb or Cr, 0 or more.

    Returns
    -------
    f32[h, w, 6]
        Y, Cb, Cr, the two prices, and the least weighted squared error that the palette leaves;
        see `ssimgif.kernels.phrase_search`.

    Raises
    ------
    ValueError
        On shapes that do not fit.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
        raise ValueError(f"a picture must be u8[h, w, 3], not {rgb.dtype}{rgb.shape}")
    shape = rgb.shape[:2]
    if weights.shape != shape or np.shape(chroma) not in ((), shape):
        raise ValueError(
            f"prices must be {list(shape)}, not {list(weights.shape)}, {list(np.shape(chroma))}"
        )
    if np.min(chroma) < 0:
        raise ValueError(f"chroma must be 0 or more, not {chroma}")
    colors = palette.colors
    if palette.transparent is not None:
        colors = np.delete(colors, palette.transparent, axis=0)
    table = to_ycc(colors)
    table = np.ascontiguousarray(table[:, np.argsort(table[0])])
    luma_weight = np.ascontiguousarray(weights, np.float32).ravel()
    chroma_weight = np.full(shape, chroma, np.float32).ravel()
    out = np.empty((luma_weight.size, 6), np.float32)
    pixels = rgb.reshape(-1, 3)

    def lay(part: tuple[int, int]) -> None:
        here = slice(*part)
        given = pixels[here].ravel(), luma_weight[here], chroma_weight[here], table
        ycc.source_rows(*given, out[here].ravel())

    together(lay, bands(luma_weight.size, ycc.SPAN, LEAST_PIXELS))
    return out.reshape(*shape, 6)


def prepare(
    source: F32,
    palette: Palette,
    screen: U8 | None = None,
    holdable: Bool | None = None,
    opaque: Bool | None = None,
) -> Problem:
    """Set up the search for any price of bits.

    Parameters
    ----------
    source : f32[h, w, 6]
        What `lay_out` gives for the picture and the palette, or a part of it.
    palette : Palette
        Without a transparent index nothing can be held.
    screen : u8[h, w, 3], optional
        What is on screen; None where nothing is (then every pixel gets a colour).
    holdable : bool[h, w], optional
        Where the screen may be left as it is; everywhere by default.
    opaque : bool[h, w], optional
        False where the picture is transparent: these pixels get the transparent index, whatever
        colour is hidden there.

    Raises
    ------
    ValueError
        On shapes that do not fit, or transparent pixels without a transparent index.
    """
    height, width = source.shape[:2]
    for name, plane in (("holdable", holdable), ("opaque", opaque)):
        if plane is not None and plane.shape != (height, width):
            raise ValueError(f"{name} must be [{height}, {width}], not {plane.shape}")
    if screen is not None and screen.shape != (height, width, 3):
        raise ValueError(f"screen must be [{height}, {width}, 3], not {screen.shape}")
    hold = np.zeros((height, width), np.uint8)
    if palette.transparent is not None and screen is not None:
        hold[:] = 1 if holdable is None else holdable
    if opaque is not None and not opaque.all():
        if palette.transparent is None:
            raise ValueError("transparent pixels need a palette with a transparent index")
        hold[~opaque] = 2
        # These cost nothing, so that there is no least cost to take off.
        source = source.copy()
        source[~opaque, FLOOR] = 0
    shown = np.zeros((height, width, 3), np.uint8) if screen is None else screen
    rows = np.empty((hold.size, 4), np.float32)
    screen_rows(shown.ravel(), hold.ravel(), rows.ravel())
    picture = Picture(np.ascontiguousarray(source).reshape(-1, 6), rows, width)
    return Problem(
        picture,
        to_ycc(palette.colors),
        palette.transparent_index,
        max(2, int(len(palette.colors) - 1).bit_length()),
        height,
        width,
    )


@dataclass(frozen=True, slots=True)
class Search:
    """How widely codes are searched, and by what.

    Attributes
    ----------
    beam : int
        Partial phrases kept at each pixel, 1..256.
    look_ahead : int
        How many lengths of a phrase are tried with the best phrase after each; 0 tries none.
    first_span, span : float
        Partial phrases this many bits above the cheapest one are dropped, more than 0, after the
        first pixel and after others.
    hold_bias : float
        Bits added for each held pixel; a little below 0 breaks ties in favour of holding.
    clear_at : float
        The dictionary is cleared when the cost of a pixel has risen by this share.
    rate : float
        Expected cost of a pixel.
    feedback, chroma_feedback : float
        Share of the error of the rows above, 0..1, that a row makes up for. Costs bytes at
        equal SSIM, keeps areas from drifting and makes SSIMULACRA2 better.
    decay : float
        Share of its own drift that a row hands down, 0..1.

    Raises
    ------
    ValueError
        From the constructor, on a number out of its range.
    """

    beam: int = 12
    look_ahead: int = 0
    first_span: float = 8.0
    span: float = 8.0
    hold_bias: float = HOLD_BIAS
    clear_at: float = CLEAR_AT
    rate: float = FIRST_RATE
    feedback: float = FEEDBACK
    chroma_feedback: float = CHROMA_FEEDBACK
    decay: float = DECAY

    def __post_init__(self) -> None:
        if not 1 <= self.beam <= 256 or not min(self.first_span, self.span) > 0:
            raise ValueError("span must be more than 0 and beam 1..256")

    def tuning(self, lam: float) -> Tuning:
        """Return the numbers as the kernel takes them."""
        return Tuning(
            np.float32(lam),
            np.float32(self.hold_bias),
            self.beam,
            np.float32(self.first_span),
            np.float32(self.span),
            np.float32(self.clear_at),
            np.float32(self.feedback),
            np.float32(self.chroma_feedback),
            np.float32(self.decay),
            self.look_ahead,
        )


USUAL = Search()


def encode(problem: Problem, lam: float, search: Search = USUAL, last: bool = True) -> RdResult:
    """Find LZW codes with a small ``bits + lam * distortion``.

    Parameters
    ----------
    problem : Problem
    lam : float
        Bits that one unit of distortion is worth, more than 0.
    search : Search
    last : bool
        Whether the codes end the picture's; else a clear code stands for those that follow.

    Raises
    ------
    ValueError
        On a lambda that is not above 0.
    """
    if not lam > 0:
        raise ValueError(f"lam must be more than 0, not {lam}")
    pixels = problem.height * problem.width
    codes = np.empty(2 * pixels + 64, np.uint8)
    indices = np.empty(pixels, np.uint8)
    info = np.zeros(4)
    size = rdlzw.encode(
        problem.picture,
        problem.colors,
        problem.transparent,
        problem.minimum_code_size,
        search.tuning(lam),
        float(search.rate),
        last,
        codes,
        indices,
        info,
    )
    return RdResult(
        codes[:size].tobytes(),
        problem.minimum_code_size,
        indices.reshape(problem.height, problem.width),
        int(info[0]),
        float(info[1]),
        float(info[2]),
    )
