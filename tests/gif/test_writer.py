"""The blocks of a GIF file, read back by Pillow and counted byte by byte."""

import errno
import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ssimgif.errors import OutputError, SourceError
from ssimgif.gif import lzw, reader, syntax
from ssimgif.gif.tables import minimum_code_size, table_size
from ssimgif.gif.writer import GifWriter
from ssimgif.model import CodedFrame, Disposal, Palette

RNG = np.random.default_rng(3)
GLOBAL = RNG.integers(0, 256, (7, 3)).astype(np.uint8)
LOCAL = RNG.integers(0, 256, (20, 3)).astype(np.uint8)


def frame(colors=GLOBAL, delay=7, side=24, left=0, top=0, transparent=None, copy=True):
    palette = Palette(colors.copy() if copy else colors, transparent)
    size = minimum_code_size(len(colors))
    indices = RNG.integers(0, len(colors), (side, side)).astype(np.uint8)
    data = lzw.encode(indices, size)
    return CodedFrame(data, size, palette, left, top, side, side, Disposal.NONE, delay)


def predicted_bytes(frames, plays):
    """Add up what the specification's blocks take."""
    tables = [tuple(map(tuple, each.palette.colors)) for each in frames]
    sizes = {table: 3 * table_size(len(table)) for table in tables}
    common = max(sizes, key=lambda table: (tables.count(table) - 1) * sizes[table])
    size = 13 + sizes[common] + (19 if len(frames) > 1 and plays != 1 else 0) + 1
    for each, table in zip(frames, tables, strict=True):
        controlled = each.delay or each.palette.transparent is not None
        controlled = controlled or each.disposal is not Disposal.NONE
        size += (8 if controlled else 0) + 10 + syntax.data_bytes(len(each.data))
        size += 0 if table == common else sizes[table]
    return size


def uses_all_colours(each):
    """Tell whether a frame's table has no entry that could be left out."""
    indices = lzw.decode(each.data, each.minimum_code_size, each.width * each.height)
    return len(np.unique(indices)) == len(each.palette.colors)


def written(frames, plays=0, side=24):
    stream = io.BytesIO()
    with GifWriter(stream, side, side, plays) as gif:
        for each in frames:
            gif.add(each)
        assert gif.finish() == len(stream.getvalue())
    if all(map(uses_all_colours, frames)):
        assert len(stream.getvalue()) == predicted_bytes(frames, plays)
    return stream.getvalue()


@pytest.mark.parametrize("plays", [0, 1, 2, 3, 65_535, 65_536])
def test_total_plays(plays):
    data = written([frame(), frame()], plays)
    image = Image.open(io.BytesIO(data))
    # The block counts repeats after the first play; without it the clip plays once.
    assert image.info.get("loop") == {0: 0, 1: None}.get(plays, plays - 1)


def test_a_single_frame_is_a_still_image():
    data = written([frame(delay=0)])
    assert b"NETSCAPE" not in data
    # No control block either: it would say nothing.
    assert b"\x21\xf9" not in data[: 13 + 24 + 10]
    assert Image.open(io.BytesIO(data)).n_frames == 1


def test_the_table_that_saves_most_is_global_and_stands_once():
    frames = [frame(LOCAL), frame(), frame(), frame(LOCAL), frame()]
    data = written(frames)
    # Twice 32 entries save 1 * 96 bytes, three times 8 entries 2 * 24.
    assert data.count(LOCAL.tobytes()) == 1
    assert data.count(GLOBAL.tobytes()) == 3
    assert data[13 : 13 + 60] == LOCAL.tobytes()
    shown = [pixels for pixels, _ in reader.read(io.BytesIO(data))]
    for each, pixels in zip(frames, shown, strict=True):
        indices = lzw.decode(each.data, each.minimum_code_size, 24 * 24)
        np.testing.assert_array_equal(pixels[..., :3].reshape(-1, 3), each.palette.colors[indices])
        assert (pixels[..., 3] == 255).all()


def test_a_local_table_has_what_its_frame_uses():
    palette = Palette(LOCAL)
    few, many = (np.full((24, 24), 19, np.uint8) for _ in range(2))
    few[:3, :5] = [[4, 7, 9, 12, 4]] * 3
    many[:20, 0] = np.arange(20)
    size = minimum_code_size(len(LOCAL))
    frames = [frame(), frame(), frame(), frame(), frame(), frame()]
    frames += [
        CodedFrame(lzw.encode(indices, size), size, palette, 0, 0, 24, 24, Disposal.NONE, 7)
        for indices in (few, many)
    ]
    data = written(frames)
    # Five colours in a table of eight entries.
    assert LOCAL[[4, 7, 9, 12, 19]].tobytes() + bytes(9) in data
    shown = [pixels[..., :3] for pixels, _ in reader.read(io.BytesIO(data))]
    for indices, pixels in zip((few, many), shown[-2:], strict=True):
        np.testing.assert_array_equal(pixels, LOCAL[indices])


def test_sizes_add_up():
    frames = [frame(), frame(side=5, left=3, top=4), frame(LOCAL), frame()]
    size = 13 + 24 + 19 + 1
    for each in frames:
        local = each.palette if len(each.palette.colors) == len(LOCAL) else None
        size += syntax.overhead_bytes(local) + syntax.data_bytes(len(each.data))
    assert len(written(frames)) == size


def row(length):
    """Return a frame of one row of pixels whose LZW data has that many bytes."""
    for pixels in range(length, 3 * length):
        for colors, size in ((GLOBAL, 3), (LOCAL, 5)):
            data = lzw.encode(RNG.integers(0, len(colors), pixels).astype(np.uint8), size)
            if len(data) == length:
                return CodedFrame(data, size, Palette(colors), 0, 0, pixels, 1, Disposal.NONE, 1)
    raise AssertionError("no such row")


@pytest.mark.parametrize("length", [254, 255, 256, 510, 511])
def test_sub_blocks(length):
    each = row(length)
    data = written([each, each], side=each.width)
    first = 13 + 3 * (2 << (data[10] & 7)) + 19 + 8 + 11
    sizes = []
    while data[first]:
        sizes.append(data[first])
        first += 1 + data[first]
    assert sizes == [255] * (length // 255) + [length % 255] * (length % 255 > 0)
    assert data.endswith(b"\x00\x3b")
    assert syntax.data_bytes(length) == 1 + length + -(-length // 255) + 1
    image = Image.open(io.BytesIO(data))
    assert image.size == (each.width, each.width)
    image.seek(1)
    image.load()


def test_what_no_frame_uses_is_left_out():
    colors = RNG.integers(0, 256, (200, 3)).astype(np.uint8)
    pictures = [RNG.choice([3, 150, 77, 199], (24, 24)), RNG.choice([150, 199], (24, 24))]
    pictures = [np.append(one.ravel(), 199).astype(np.uint8)[1:] for one in pictures]
    frames = [
        CodedFrame(lzw.encode(one, 8), 8, Palette(colors), 0, 0, 24, 24, Disposal.NONE, 3)
        for one in pictures
    ]
    data = written(frames)
    assert len(data) < sum(len(each.data) for each in frames)
    # Four colours of 200; those of the frame with fewer come first.
    assert data[10] & 7 == 1
    assert sorted(data[13:19]) == sorted(colors[[150, 199]].tobytes())
    shown = [pixels for pixels, _ in reader.read(io.BytesIO(data))]
    for number, pixels in enumerate(shown):
        wanted = colors[pictures[number]]
        np.testing.assert_array_equal(pixels[..., :3].reshape(-1, 3), wanted)
        assert (pixels[..., 3] == 255).all()


def test_codes_that_do_not_fit_the_palette_are_refused():
    narrow = CodedFrame(lzw.encode(np.zeros(4, np.uint8), 2), 2, Palette(GLOBAL), 0, 0, 2, 2, 1, 3)
    with GifWriter(io.BytesIO(), 2, 2) as gif, pytest.raises(ValueError, match="code size"):
        gif.add(narrow)


def test_delays_disposal_and_transparency_arrive():
    frames = [frame(delay=d, transparent=t) for d, t in ((2, 0), (65_535, None), (13, 6))]
    stream = io.BytesIO(written(frames))
    assert [delay for _, delay in reader.read(stream)] == [2, 65_535, 13]
    image = Image.open(stream)
    transparent = []
    for number in range(3):
        image.seek(number)
        transparent.append(image.info.get("transparency"))
        assert image.disposal_method == Disposal.NONE
    assert transparent[0] == 0


@pytest.mark.parametrize("colors", [1, 2, 3, 4, 5, 16, 128, 129, 256])
def test_palettes_of_all_sizes_are_shown_right(colors):
    table = RNG.permutation(256 * 3).reshape(256, 3)[:colors].astype(np.uint8)
    frames = [frame(table), frame(table)]
    shown = [pixels for pixels, _ in reader.read(io.BytesIO(written(frames)))]
    for each, pixels in zip(frames, shown, strict=True):
        indices = lzw.decode(each.data, each.minimum_code_size, 24 * 24)
        np.testing.assert_array_equal(pixels[..., :3].reshape(-1, 3), table[indices])


def test_the_canvas_may_be_larger_than_every_frame():
    each = frame(side=3, left=1, top=2, transparent=0)
    stream = io.BytesIO()
    with GifWriter(stream, 300, 200) as gif:
        gif.add(each)
        gif.finish()
    assert struct.unpack("<2H", stream.getvalue()[6:10]) == (300, 200)
    (pixels, _), *rest = reader.read(stream)
    assert not rest
    assert pixels[..., 3].any(axis=1).nonzero()[0].tolist() == [2, 3, 4]


class FullDisk(io.BytesIO):
    def write(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_one_sentence():
    with (
        pytest.raises(OutputError, match="No space left on device"),
        GifWriter(FullDisk(), 24, 24) as gif,
    ):
        gif.add(frame())
        gif.finish()


def test_a_real_full_device_is_one_sentence():
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with (
        pytest.raises(OutputError, match="can't be written"),
        full.open("wb", buffering=0) as device,
        GifWriter(device, 24, 24) as gif,
    ):
        gif.add(frame())
        gif.finish()


def test_a_folder_that_can_not_take_the_spool_is_one_sentence(tmp_path):
    with pytest.raises(OutputError, match="can't be written"):
        GifWriter(io.BytesIO(), 24, 24, folder=tmp_path / "missing")


def test_nothing_is_written_before_the_end(tmp_path):
    stream = io.BytesIO()
    with pytest.raises(KeyboardInterrupt), GifWriter(stream, 24, 24, folder=tmp_path) as gif:
        gif.add(frame())
        raise KeyboardInterrupt
    assert stream.getvalue() == b""
    assert list(tmp_path.iterdir()) == []


def test_what_gif_can_not_hold_is_refused():
    for width, height, plays in ((0, 5, 0), (65_536, 5, 0), (5, 5, -1), (5, 5, 65_537)):
        with pytest.raises(OutputError, match="a GIF"):
            GifWriter(io.BytesIO(), width, height, plays)
    with GifWriter(io.BytesIO(), 20, 20) as gif:
        with pytest.raises(OutputError, match="at least one"):
            gif.finish()
        with pytest.raises(ValueError, match="canvas"):
            gif.add(frame(side=21))
        with pytest.raises(ValueError, match="delay"):
            gif.add(frame(side=20, delay=65_536))


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"not a gif at all", bytes(100)])
def test_reading_what_is_no_gif(data):
    with pytest.raises(SourceError, match="GIF"):
        list(reader.read(io.BytesIO(data)))


def test_reading_a_cut_gif(tmp_path):
    path = tmp_path / "cut.gif"
    path.write_bytes(written([frame(), frame()])[:-200])
    with pytest.raises(SourceError, match=r"cut\.gif"):
        list(reader.read(path))
