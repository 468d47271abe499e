import io
import struct
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from reference import lzw as reference
from reference.rdlzw import Encoder
from ssimgif.encoder import rd_lzw as rd
from ssimgif.image import luma
from ssimgif.kernels.phrase_search import CHROMA, LUMA, Tuning
from ssimgif.metrics.ssim import SsimReference
from ssimgif.model import Palette


def scene(height=60, width=80, seed=3):
    """A smooth picture with noise and a hard edge."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    red = 120 + 60 * np.sin(x / 9) + 30 * np.cos(y / 7)
    green = 90 + y + 40 * (x > width // 2)
    blue = 200 - x
    rgb = np.stack([red, green, blue], -1) + rng.normal(0, 6, (height, width, 3))
    return np.clip(rgb, 0, 255).astype(np.uint8)


def palette(colors, transparent=False, seed=4):
    rng = np.random.default_rng(seed)
    table = scene().reshape(-1, 3)[rng.choice(4800, colors, replace=False)]
    if transparent:
        return Palette(np.vstack([table, [[0, 0, 0]]]).astype(np.uint8), colors)
    return Palette(table)


def weights(rgb):
    return SsimReference(luma(rgb)).weights


def prepare(rgb, prices, table, screen=None, holdable=None, opaque=None, chroma=0.001):
    return rd.prepare(rd.lay_out(rgb, prices, table, chroma), table, screen, holdable, opaque)


def problem(colors=16, screen=None, **more):
    rgb = scene()
    return prepare(rgb, weights(rgb), palette(colors, screen is not None), screen, **more)


def shown(result, table, screen=None):
    picture = table.colors[result.indices]
    if table.transparent is None or screen is None:
        return picture
    return np.where((result.indices == table.transparent)[..., None], screen, picture)


def gif(result, table):
    """One-frame GIF file with a full table of grays in place of the colours."""
    height, width = result.indices.shape
    size = result.minimum_code_size
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF0 | (size - 1), 0, 0)
    grays = bytes(i for i in range(1 << size) for _ in range(3))
    blocks = b"".join(
        bytes([len(part)]) + part
        for part in (result.data[i : i + 255] for i in range(0, len(result.data), 255))
    )
    image = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + bytes([size])
    return head + grays + image + blocks + b"\0;"


@pytest.mark.parametrize("colors", [2, 3, 5, 16, 64, 128, 255, 256])
@pytest.mark.parametrize("hold", [False, True])
def test_two_other_decoders_read_the_indices(colors, hold):
    screen = scene(seed=5) if hold else None
    colors -= hold
    result = rd.encode(problem(colors, screen), 20.0)
    decoded = reference.decode(result.data, result.minimum_code_size)
    assert decoded == result.indices.ravel().tolist()
    with Image.open(io.BytesIO(gif(result, palette(colors)))) as image:
        np.testing.assert_array_equal(np.asarray(image.convert("L")), result.indices)
    assert 8 * len(result.data) - 8 < result.bits <= 8 * len(result.data)


def test_full_and_cleared_dictionaries_are_read_by_other_decoders():
    rng = np.random.default_rng(6)
    rgb = rng.integers(0, 256, (160, 200, 3)).astype(np.uint8)
    rgb[80:] = scene(80, 200)
    table = Palette(rng.integers(0, 256, (200, 3)).astype(np.uint8))
    prepared = prepare(rgb, np.ones(rgb.shape[:2], np.float32), table)
    clears = []
    for share in (0.0, 0.05, 1e9):
        result = rd.encode(prepared, 5.0, rd.Search(clear_at=share))
        decoded = reference.decode(result.data, result.minimum_code_size)
        assert decoded == result.indices.ravel().tolist()
        with Image.open(io.BytesIO(gif(result, table))) as image:
            np.testing.assert_array_equal(np.asarray(image.convert("L")), result.indices)
        codes = list(reference.codes(result.data, result.minimum_code_size))
        assert codes[0] == 1 << result.minimum_code_size
        clears.append(codes.count(codes[0]))
        assert len(codes) > 4096
    assert clears[0] > clears[1] > clears[2] == 1


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (2, 2), (3, 5)])
@pytest.mark.parametrize("hold", [False, True])
def test_tiny_pictures(size, hold):
    rgb = scene(*size)
    table = palette(4, hold)
    prepared = prepare(
        rgb, np.full(size, 0.01, np.float32), table, scene(*size, seed=9) if hold else None
    )
    for ahead in (0, 3):
        result = rd.encode(prepared, 10.0, rd.Search(look_ahead=ahead))
        decoded = reference.decode(result.data, result.minimum_code_size)
        assert decoded == result.indices.ravel().tolist()


@pytest.mark.parametrize("lam", [1.0, 30.0, 3000.0])
@pytest.mark.parametrize("ahead", [0, 3])
@pytest.mark.parametrize("feedback", [0.0, 0.3])
def test_equals_the_obvious_encoder(lam, ahead, feedback):
    rgb = scene(24, 20)
    screen = scene(24, 20, seed=8)
    rng = np.random.default_rng(1)
    holdable = rng.random((24, 20)) < 0.8
    opaque = rng.random((24, 20)) < 0.97
    table = palette(6, True)
    prepared = prepare(rgb, np.full((24, 20), 0.004, np.float32), table, screen, holdable, opaque)
    search = rd.Search(
        beam=256,
        first_span=1e6,
        span=1e6,
        feedback=feedback,
        chroma_feedback=feedback / 2,
        look_ahead=ahead,
    )
    result = rd.encode(prepared, lam, search)
    numbers = (lam, -0.05, 256, 1e6, 1e6, 0.05, feedback, feedback / 2, 0.5, ahead)
    tuning = Tuning(*(n if isinstance(n, int) else np.float32(n) for n in numbers))
    twin = Encoder(prepared.picture, prepared.colors, prepared.transparent, 3, tuning).run(2.5)
    assert result.indices.ravel().tolist() == twin.indices
    assert list(reference.codes(result.data, 3)) == twin.codes


def test_a_dear_error_gives_the_nearest_colours():
    prepared = problem(16)
    result = rd.encode(prepared, 1e7, rd.Search(feedback=0.0, chroma_feedback=0.0))
    picture = prepared.picture
    error = (picture.source[:, :3, None] - prepared.colors) ** 2
    cost = picture.source[:, LUMA, None] * error[:, 0]
    cost += picture.source[:, CHROMA, None] * (error[:, 1] + error[:, 2])
    flat = result.indices.ravel()
    np.testing.assert_allclose(
        cost[np.arange(cost.shape[0]), flat], cost.min(1), rtol=1e-3, atol=1e-5
    )


def test_an_unchanged_picture_is_held():
    rgb = scene()
    result = rd.encode(problem(16, screen=rgb), 1e4)
    assert (result.indices == 16).all()
    assert result.distortion <= 0


def test_bytes_rise_and_distortion_falls_with_the_price():
    prepared = problem(64)
    results = [rd.encode(prepared, lam) for lam in (2.0, 8.0, 32.0, 128.0, 512.0)]
    sizes = [len(r.data) for r in results]
    distortions = [r.distortion for r in results]
    assert sizes == sorted(sizes)
    assert distortions == sorted(distortions, reverse=True)
    assert sizes[0] < 0.5 * sizes[-1]


def test_opaque_and_held_pixels_are_obeyed():
    rng = np.random.default_rng(7)
    screen = scene(seed=5)
    holdable = rng.random((60, 80)) < 0.5
    opaque = rng.random((60, 80)) < 0.9
    for lam in (0.5, 50.0, 1e6):
        result = rd.encode(problem(16, screen, holdable=holdable, opaque=opaque), lam)
        held = result.indices == 16
        assert held[~opaque].all()
        assert not held[opaque & ~holdable].any()


def test_a_picture_without_screen_shows_colours_only_where_it_is_opaque():
    rgb = scene()
    opaque = np.zeros((60, 80), bool)
    opaque[20:40, 10:70] = True
    prepared = prepare(rgb, weights(rgb), palette(16, True), None, None, opaque)
    result = rd.encode(prepared, 20.0)
    np.testing.assert_array_equal(result.indices == 16, ~opaque)


def test_hidden_colours_change_nothing():
    rgb, screen = scene(), scene(seed=5)
    opaque = np.zeros((60, 80), bool)
    opaque[20:40, 10:70] = True
    hidden = np.where(opaque[..., None], rgb, np.uint8([255, 0, 255]))
    prices = np.full((60, 80), 0.02, np.float32)
    results = [
        rd.encode(prepare(picture, prices, palette(16, True), screen, None, opaque), 20.0)
        for picture in (rgb, hidden)
    ]
    assert results[0].data == results[1].data
    assert results[0].distortion == results[1].distortion
    assert results[1].rate > 0


def test_a_small_loss_of_ssim_saves_many_bytes():
    rgb = scene(120, 160)
    table = palette(64)
    judge = SsimReference(luma(rgb))
    prepared = prepare(rgb, judge.weights, table)
    exact = rd.encode(prepared, 1e7, rd.Search(chroma_feedback=0.0))
    near = rd.encode(prepared, 20.0, rd.Search(chroma_feedback=0.0))
    loss = judge.score(luma(shown(exact, table))) - judge.score(luma(shown(near, table)))
    assert 0 < loss < 0.05
    assert len(near.data) < 0.8 * len(exact.data)


def test_a_wider_beam_lowers_the_cost():
    prepared = problem(64)

    def cost(beam):
        result = rd.encode(prepared, 20.0, rd.Search(beam=beam, chroma_feedback=0.0))
        return result.bits + 20.0 * result.distortion

    assert cost(12) < cost(1)


def test_feedback_keeps_the_mean_of_an_area():
    rgb = np.full((64, 64, 3), 100, np.uint8)
    table = Palette(np.array([[96, 96, 96], [112, 112, 112]], np.uint8))
    prepared = prepare(rgb, np.full((64, 64), 0.01, np.float32), table)

    def drift(**options):
        return abs(shown(rd.encode(prepared, 5.0, rd.Search(**options)), table).mean() - 100)

    assert drift(feedback=0.0, chroma_feedback=0.0) == pytest.approx(4.0)
    assert drift(feedback=1.0, chroma_feedback=0.0, decay=1.0) < 2.0


def test_the_same_call_gives_the_same_bytes():
    prepared = problem(32, scene(seed=5))
    assert rd.encode(prepared, 20.0).data == rd.encode(prepared, 20.0).data


def test_bad_calls_are_refused():
    rgb = scene()
    plane = np.ones((60, 80), np.float32)
    with pytest.raises(ValueError, match="a picture must be"):
        prepare(rgb[..., 0], plane, palette(4))
    with pytest.raises(ValueError, match="prices must be"):
        prepare(rgb, plane[1:], palette(4))
    with pytest.raises(ValueError, match="screen must be"):
        prepare(rgb, plane, palette(4), rgb[1:])
    with pytest.raises(ValueError, match="chroma must be"):
        prepare(rgb, plane, palette(4), chroma=-1.0)
    with pytest.raises(ValueError, match="transparent index"):
        prepare(rgb, plane, palette(4), opaque=np.zeros((60, 80), bool))
    prepared = prepare(rgb, plane, palette(4))
    with pytest.raises(ValueError, match="lam must be"):
        rd.encode(prepared, 0.0)
    for options in ({"beam": 0}, {"span": 0.0}):
        with pytest.raises(ValueError, match="span must be"):
            rd.Search(**options)
    assert replace(prepared, transparent=-1).height == 60
