"""Slices that are searched side by side, and joined to one stream of codes."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from reference import lzw as reference
from reference.rdlzw import Encoder
from ssimgif import Clip, Settings, encode
from ssimgif.encoder import rd_lzw, slices
from ssimgif.gif import lzw, reader
from ssimgif.host import Threads, working
from ssimgif.kernels.phrase_search import Picture, Tuning
from ssimgif.model import Palette

LAM = 40.0


def problem(height: int, width: int, colors: int = 12) -> rd_lzw.Problem:
    rng = np.random.default_rng(height * width)
    rgb = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
    table = Palette(rng.integers(0, 256, (colors, 3)).astype(np.uint8))
    source = rd_lzw.lay_out(rgb, np.full((height, width), 0.004, np.float32), table)
    return rd_lzw.prepare(source, table)


def sliced(whole: rd_lzw.Problem, count: int, search: rd_lzw.Search = rd_lzw.USUAL):
    return slices._encode(whole, LAM, search, 2.5 / slices.COST, count)


def test_codes_are_those_of_the_obvious_encoder_slice_by_slice() -> None:
    whole = problem(12, 20, 6)
    wide = rd_lzw.Search(beam=256, first_span=1e6, span=1e6)
    found = sliced(whole, 3, wide)
    numbers = (LAM, -0.05, 256, 1e6, 1e6, 0.05, 0.1, 0.3, 0.5, 0)
    tuning = Tuning(*(n if isinstance(n, int) else np.float32(n) for n in numbers))
    codes: list[int] = []
    indices: list[int] = []
    for first in (0, 80, 160):
        source, screen, columns = whole.picture
        part = Picture(source[first : first + 80], screen[first : first + 80], columns)
        twin = Encoder(part, whole.colors, whole.transparent, 3, tuning).run(2.5)
        # Without the end code.
        codes += twin.codes[:-1]
        indices += twin.indices
    end = (1 << 3) + 1
    assert list(reference.codes(found.data, 3)) == [*codes, end]
    assert found.indices.ravel().tolist() == indices


@pytest.mark.parametrize("colors", [3, 12, 100, 256])
@pytest.mark.parametrize("columns", [1, 2, 3, 5, 8, 13, 90, 300, 1000])
def test_all_decoders_read_the_indices(colors: int, columns: int) -> None:
    """Slices end at all widths of codes, also where the next entry needs a wider one."""
    for rows in (2, 3, 4, 6):
        found = sliced(problem(2 * rows, columns, colors), rows)
        size = found.minimum_code_size
        expected = found.indices.ravel().tolist()
        assert reference.decode(found.data, size) == expected
        assert lzw.decode(found.data, size, len(expected)).tolist() == expected
        codes = list(reference.codes(found.data, size))
        assert codes.count(1 << size) >= rows
        assert codes.index((1 << size) + 1) == len(codes) - 1
        assert 8 * len(found.data) - 8 < found.bits <= 8 * len(found.data)


def test_threads_change_nothing() -> None:
    whole = problem(64, 90)
    alone = sliced(whole, 7)
    for workers in (2, 3, 8):
        with working(Threads(workers)):
            found = sliced(whole, 7)
        assert found.data == alone.data
        np.testing.assert_array_equal(found.indices, alone.indices)


def test_only_large_pictures_that_take_many_bits_are_cut() -> None:
    small, large = problem(10, 20), replace(problem(10, 20), height=1080, width=1920)
    assert slices.slice_count(small, 1e9) == 1
    assert slices.slice_count(large, 1.9 * slices.SLICE_BITS) == 1
    assert slices.slice_count(large, 8.5 * slices.SLICE_BITS) == 8
    assert slices.slice_count(large, 1e9) == slices.MOST_SLICES
    assert slices.slice_count(replace(large, height=40, width=60_000), 1e9) == 2


def test_what_takes_far_fewer_bits_than_expected_is_not_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(slices, "SMALL", 100)
    monkeypatch.setattr(slices, "SLICE_BITS", 2000)
    flat = rd_lzw.prepare(np.zeros((64, 90, 6), np.float32), Palette(np.zeros((4, 3), np.uint8)))
    assert slices.encode_slices(flat, LAM, density=3.0).data == rd_lzw.encode(flat, LAM).data
    whole = problem(64, 90)
    cut = slices.encode_slices(whole, LAM, density=3.0)
    codes = list(reference.codes(cut.data, cut.minimum_code_size))
    assert codes.count(codes[0]) > 2


def test_a_gif_of_sliced_frames_is_the_same_for_any_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(slices, "SMALL", 1000)
    monkeypatch.setattr(slices, "SLICE_BITS", 20_000)
    rng = np.random.default_rng(1)
    ground = np.kron(rng.integers(0, 256, (60, 70, 3)), np.ones((4, 4, 1))).astype(np.uint8)
    frames = np.stack([ground[4 * i : 4 * i + 200, 3 * i : 3 * i + 240] for i in range(4)])
    clip = Clip.from_frames(frames, 0.1)
    made = [
        encode(clip, Settings(effort=2, ssim=0.9, no_cache=True, jobs=jobs)).data
        for jobs in (1, 2, 5)
    ]
    assert made[0] == made[1] == made[2]
    shown = [pixels[..., :3] for pixels, _ in reader.read(BytesIO(made[0]))]
    with Image.open(BytesIO(made[0])) as image:
        for number, picture in enumerate(shown):
            image.seek(number)
            np.testing.assert_array_equal(np.asarray(image.convert("RGB")), picture)
