"""What is asked of flat pictures."""

from __future__ import annotations

import numpy as np
import pytest

from ssimgif import Settings
from ssimgif.ratecontrol import demanded


def test_pictures_with_texture_are_asked_what_the_settings_say() -> None:
    assert demanded(Settings(), np.full(3, 0.4)) == Settings().target()


def test_flat_pictures_are_asked_for_more_looks_and_better_worst_places() -> None:
    usual = Settings().target()
    half, flat = (demanded(Settings(), np.full(3, share)) for share in (0.7, 0.95))
    assert usual.looks < half.looks < flat.looks == usual.looks + 8
    assert usual.local > half.local > flat.local == pytest.approx(0.6 * usual.local)
    assert flat.mean == usual.mean


def test_a_quality_that_is_named_is_what_is_asked() -> None:
    settings = Settings(quality=70)
    assert demanded(settings, np.ones(3)) == settings.target()
