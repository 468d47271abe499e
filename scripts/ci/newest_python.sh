#!/usr/bin/env bash
# Run tests with the newest packages on the Python of the next Debian, in GIMP's folder; as root.
# usage: scripts/ci/newest_python.sh TEST...      (after scripts/ci/gimp.sh and make .venv/made)
set -euo pipefail
cd "$(dirname "$0")/../.."
root=${SSIMGIF_GIMP_ROOT:-/var/cache/ssimgif/gimp}
version=$(chroot "$root" python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')

# This Debian's pip installs for that Python: only the program runs in the other system.
packages=$(mktemp -d /var/tmp/ssimgif-python-XXXXXX)
trap 'rm -rf "$packages"' EXIT
mapfile -t needed < <(.venv/bin/python - <<'LIST'
import tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
print(*project["dependencies"], *project["optional-dependencies"]["test"], sep="\n")
LIST
)
.venv/bin/python -m pip install --quiet --target "$packages" --python-version "$version" \
  --only-binary=:all: "${needed[@]}"

enter='set -e
root=$1 here=$2 packages=$3; shift 3
mkdir -p "$root/$here" "$root/$packages"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$here" "$root/$here"
mount --bind "$packages" "$root/$packages"
exec chroot "$root" sh -c "cd $here && exec \"\$@\"" run "$@"'
plugins=$(printf ':%s' "$PWD"/plugins/*)
unshare --mount --propagation private sh -c "$enter" enter "$root" "$PWD" "$packages" \
  env CI= PYTHONPATH="$packages:$PWD/core$plugins" NUMBA_CACHE_DIR="$packages/kernels" \
  PYTHONDONTWRITEBYTECODE=1 python3 -m pytest -q -p no:cacheprovider "$@"
