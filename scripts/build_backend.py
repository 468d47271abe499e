"""hatchling, and for ``pip install . -C warm=true`` the compiled kernels in the wheel."""

from __future__ import annotations

import os
from typing import Any

from hatchling import build as hatchling
from hatchling.build import (  # noqa: F401
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
)

Settings = dict[str, Any] | None
# What hatchling looks for to run scripts/kernels_in_wheel.py, which is left out otherwise.
ENABLED = "HATCH_BUILD_HOOK_ENABLE_CUSTOM"


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """Return the packages that a build needs."""
    _choose(config_settings)
    return list(hatchling.get_requires_for_build_wheel(config_settings))


def build_wheel(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """Build a wheel and return its name."""
    _choose(config_settings)
    return str(hatchling.build_wheel(wheel_directory, config_settings, metadata_directory))


def _choose(config_settings: Settings) -> None:
    if str((config_settings or {}).get("warm", "")).lower() in {"true", "1", "yes"}:
        os.environ[ENABLED] = "true"
