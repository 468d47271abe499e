"""A recent gifski, which npm has as WebAssembly, for node: ``npm install gifski-wasm``.

GIFSKI_WASM names the package's folder where it is not in node_modules here or above.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from peers import Material, Step, call

PROGRAM = """
import fs from 'node:fs';
import encode from 'file://FOLDER/dist/node.js';
const [raw, width, height, delays, quality, out] = process.argv.slice(2);
const [w, h] = [Number(width), Number(height)];
const bytes = new Uint8Array(fs.readFileSync(raw));
const frames = [];
for (let i = 0; i < bytes.length; i += 4 * w * h) frames.push(bytes.slice(i, i + 4 * w * h));
const size = { width: w, height: h, resizeWidth: w, resizeHeight: h };
process.chdir('FOLDER/dist');
const options = { frameDurations: JSON.parse(delays), quality: Number(quality) };
fs.writeFileSync(out, await encode({ frames, ...size, ...options }));
"""


def package() -> Path | None:
    """Return the folder of the npm package, or None."""
    named = os.environ.get("GIFSKI_WASM")
    places = [Path(named)] if named else []
    places += [folder / "node_modules" / "gifski-wasm" for folder in Path(__file__).parents]
    found = [place for place in places if (place / "package.json").is_file()]
    return found[0].resolve() if found and shutil.which("node") else None


def steps(quality: int) -> list[Step]:
    """Return the one step, which may take frames at any rate, or none where it isn't installed."""
    folder = package()
    if folder is None:
        print("gifski-wasm is not installed and left out", file=sys.stderr)
        return []
    version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]

    def make(material: Material, before: Path, out: Path) -> None:
        script, raw = out.with_suffix(".mjs"), out.with_suffix(".rgba")
        script.write_text(PROGRAM.replace("FOLDER", str(folder)), encoding="utf-8")
        with raw.open("wb") as file:
            for slot in material.slots:
                with Image.open(material.pictures[slot.source]) as picture:
                    file.write(np.asarray(picture.convert("RGBA")).tobytes())
        size = material.clip.width, material.clip.height
        delays = json.dumps([10 * slot.delay for slot in material.slots])
        call("node", script, raw, *size, delays, quality, out)
        raw.unlink()

    return [Step(f"gifski-wasm {version}", f"quality={quality}", make)]
