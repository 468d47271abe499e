"""One HTML file with everything in it."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

STYLES = ("uPlot.min.css", "viewer.css")
SCRIPTS = (
    "uPlot.iife.min.js",
    "dom.js",
    "gif.js",
    "pictures.js",
    "maps.js",
    "charts.js",
    "palettes.js",
    "decisions.js",
    "fit.js",
    "answers.js",
    "viewer.js",
    "report.js",
)


@cache
def page_asset(name: str) -> str:
    """Return the text of one of the files that make the page: `STYLES`, `SCRIPTS`.

    Raises
    ------
    KeyError
        When there is no such file.
    """
    if name not in (*STYLES, *SCRIPTS, "page.html"):
        raise KeyError(name)
    return files(__package__).joinpath("assets", name).read_text(encoding="utf-8")


def page_html(data: dict[str, Any]) -> str:
    """Return the page that shows `page_data` or `comparison_data`; it asks for nothing."""
    first = data["gifs"][0] if "gifs" in data else data
    return Template(page_asset("page.html")).substitute(
        title=escape(first["report"]["source"]["name"]),
        styles="\n".join(page_asset(name) for name in STYLES),
        scripts="\n".join(page_asset(name) for name in SCRIPTS),
        data=_script_safe(json.dumps(data, separators=(",", ":"))),
    )


def _script_safe(text: str) -> str:
    """Keep JSON from ending the script element that it is in."""
    return text.replace("<", "\\u003c")
