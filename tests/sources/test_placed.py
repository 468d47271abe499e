"""Each place gets a GIF that it accepts."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from skimage import data

import ssimgif
from ssimgif.model import Clip
from ssimgif.places import PLACES, Place
from ssimgif.sources.placed import placed, sized

PHOTO = data.astronaut()


def passing(count: int, height: int = 60, width: int = 100) -> Clip:
    """Return a photograph that passes by, at 20 frames a second."""
    frames = np.stack([PHOTO[50 : 50 + height, i : i + width] for i in range(count)])
    return Clip.from_frames(frames, Fraction(1, 20), name="a.mp4")


@pytest.mark.parametrize(
    ("name", "count"), [("slack-emoji", 52), ("discord-sticker", 4), ("email", 4)]
)
def test_the_limits_of_each_place_are_kept(name: str, count: int) -> None:
    place = PLACES[name]
    settings = ssimgif.Settings(made_for=name, effort=1, no_cache=True, keep_fps=True)
    made = ssimgif.encode(passing(count, 18, 30), settings)
    assert len(made.data) <= place.max_bytes
    with Image.open(BytesIO(made.data)) as image:
        assert not place.square or image.width == image.height
        assert place.side is None or max(image.size) <= place.side
        assert not place.exact or image.width == place.side
        assert place.frames is None or image.n_frames <= place.frames
        length = 0
        for number in range(image.n_frames):
            image.seek(number)
            length += image.info["duration"]
    assert length == pytest.approx(50 * count, abs=10)
    assert place.seconds is None or length <= 1000 * place.seconds


def test_a_border_that_makes_it_square_is_transparent() -> None:
    settings = ssimgif.Settings(made_for="slack-emoji", effort=1, no_cache=True)
    made = ssimgif.encode(passing(3), settings)
    with Image.open(BytesIO(made.data)) as image:
        rgba = np.asarray(image.convert("RGBA"))
    assert rgba.shape[:2] == (100, 100)
    assert not rgba[:20, :, 3].any() and not rgba[80:, :, 3].any()
    assert (rgba[20:80, :, 3] == 255).all()


def test_what_is_smaller_stays_as_it_is_unless_the_size_is_exact() -> None:
    assert sized(100, 60, Place("", 1, side=128)) == (100, 60)
    assert sized(100, 60, Place("", 1, side=320, exact=True)) == (320, 192)
    assert sized(640, 320, Place("", 1, side=128)) == (128, 64)
    assert sized(640, 320, Place("", 1)) == (640, 320)


def test_frames_are_dropped_where_they_are_too_many() -> None:
    clip = placed(passing(70), Place("", 1, frames=50))
    frames = list(clip.frames())
    assert len(frames) == 50
    assert sum(frame.duration for frame in frames) == Fraction(70, 20)


def test_a_clip_that_is_too_long_is_refused_with_what_to_do() -> None:
    with pytest.raises(ssimgif.SourceError, match=r"a\.mp4 plays for 5\.5 s.*at most 5 s.*--end"):
        placed(passing(110), PLACES["discord-sticker"])


def test_a_smaller_limit_of_bytes_holds_and_a_larger_one_does_not() -> None:
    assert ssimgif.Settings(made_for="slack-emoji", max_bytes=5000).max_bytes == 5000
    assert ssimgif.Settings(made_for="slack-emoji", max_bytes=10**7).max_bytes == 128_000
    assert ssimgif.Settings.parse({"for": "email"}).max_bytes == 1_000_000
    with pytest.raises(ssimgif.SettingsError, match="for 'fax' is none of github-readme, "):
        ssimgif.Settings.parse({"for": "fax"})


def test_the_documents_have_each_place(docs: str) -> None:
    for name, place in PLACES.items():
        (row,) = [line for line in docs.splitlines() if line.startswith(f"| `{name}`")]
        number, unit = row.split("|")[2].split()
        assert int(number) * {"kB": 1000, "MB": 10**6}[unit] == place.max_bytes


@pytest.fixture
def docs(request: pytest.FixtureRequest) -> str:
    return (request.config.rootpath / "docs" / "places.md").read_text(encoding="utf-8")
