"""The documents as a site: `make docs`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from conftest import ROOT

DOCS = ROOT / "docs"
CONFIG = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
STUB = (ROOT / "core" / "ssimgif" / "__init__.pyi").read_text(encoding="utf-8")
PUBLIC = re.findall(r"^from \S+ import (\w+) as \1$", STUB, re.M)


def test_the_navigation_names_each_page_once() -> None:
    named = re.findall(r"[\w/-]+\.md", CONFIG.partition("\nnav:\n")[2])
    there = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")]
    assert sorted(named) == sorted(there)


def test_each_public_name_is_on_the_page_of_names_once() -> None:
    named = re.findall(r"^::: ssimgif\.(\w+)$", (DOCS / "api.md").read_text(encoding="utf-8"), re.M)
    assert len(PUBLIC) > 40
    assert Counter(named) == Counter(PUBLIC)


class Page(HTMLParser):
    """What a page loads by itself, and the ids in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids.add(values.get("id") or "")
        source = values.get("href" if tag == "link" else "src")
        if source and values.get("rel") != "canonical":
            self.loaded.append(source)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the site, built as `make docs` builds it."""
    for package in ("mkdocs", "material", "mkdocstrings"):
        pytest.importorskip(package, reason=f"{package} (mkdocs) is not installed")
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder)]
    quiet = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(build, cwd=ROOT, env=quiet, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder


def test_the_site_is_built_without_a_warning_and_has_all_pages(site: Path) -> None:
    for path in DOCS.rglob("*.md"):
        assert (site / path.relative_to(DOCS).with_suffix(".html")).is_file()


def test_each_public_name_has_its_signature_or_text(site: Path) -> None:
    text = (site / "api.html").read_text(encoding="utf-8")
    assert {f"ssimgif.{name}" for name in PUBLIC} <= Page(text).ids


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        loaded = Page(path.read_text(encoding="utf-8")).loaded
        assert len(loaded) > 2
        assert [source for source in loaded if re.match(r"(https?:)?//", source)] == [], path
