#!/usr/bin/env bash
# What the tests of the report and of the local page need: a browser, and axe-core for its audit.
set -euo pipefail
cd "$(dirname "$0")/../.."

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

as_root apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
command -v npm >/dev/null || as_root apt-get install -y -qq --no-install-recommends npm >/dev/null
npm install --silent --no-save --no-package-lock --prefix . axe-core@4
