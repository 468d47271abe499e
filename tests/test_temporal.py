import numpy as np

from ssimgif.temporal import resting

SIZE = (64, 96)


def noise(seed, deviation):
    return np.random.default_rng(seed).normal(0, deviation, (*SIZE, 3))


def frame(background, seed, deviation=2.0):
    return np.clip(np.rint(background + noise(seed, deviation)), 0, 255).astype(np.uint8)


def background():
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    return np.repeat((80 + x / 2 + y / 3)[..., None], 3, 2)


def with_mover(at, contrast):
    picture = background()
    picture[20:36, at : at + 16] += contrast
    return picture


def test_what_moves_does_not_rest():
    before, after = frame(with_mover(8, 50), 1)[..., 0], frame(with_mover(40, 50), 2)[..., 0]
    rest = resting(before, after)
    assert rest[50, 80]
    assert not rest[28, 16]
    assert not rest[28, 48]
    assert resting(before, frame(with_mover(8, 50), 3)[..., 0]).mean() > 0.99


def test_resting_follows_its_definition():
    before, after = frame(background(), 1)[..., 1], frame(with_mover(30, 20), 2)[..., 1]

    def box(plane):
        inside = np.pad(np.ones(plane.shape), 2)
        padded = np.pad(plane, 2)
        views = np.lib.stride_tricks.sliding_window_view
        return views(padded, (5, 5)).sum((2, 3)) / views(inside, (5, 5)).sum((2, 3))

    change = box(np.abs(box(after.astype(float) - before)))
    np.testing.assert_array_equal(resting(before, after), change < 1.5)
