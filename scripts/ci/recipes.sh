#!/usr/bin/env bash
# What the recipes of docs/python.md need, in .venv: diffusers and moviepy.
set -euo pipefail
cd "$(dirname "$0")/../.."

.venv/bin/python -m pip install --quiet diffusers==0.42.1
# It asks for Pillow below 12, and writes GIFs with later ones as well.
.venv/bin/python -m pip install --quiet --no-deps moviepy==2.2.1
.venv/bin/python -m pip install --quiet proglog==0.1.12 python-dotenv==1.2.4 imageio-ffmpeg==0.8.1 decorator==5.3.1
