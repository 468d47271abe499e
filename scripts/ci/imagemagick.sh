#!/usr/bin/env bash
# ImageMagick 6 of this Debian, and 7 of the next one, unpacked into a folder with its own libc.
# usage: imagemagick.sh [FOLDER]      (root, Debian 12; 7 becomes /usr/local/bin/magick)
set -euo pipefail
folder=$(mkdir -p "${1:-/opt/imagemagick-7}" && cd "${1:-/opt/imagemagick-7}" && pwd)
export DEBIAN_FRONTEND=noninteractive

apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 \
  imagemagick debian-archive-keyring >/dev/null

# An apt of its own, which knows the next Debian and no installed package.
apt=$folder/apt
mkdir -p "$apt"/etc/apt/{sources.list.d,preferences.d,trusted.gpg.d} \
  "$apt"/var/lib/apt/lists/partial "$apt"/var/cache/apt/archives/partial "$apt"/var/lib/dpkg
touch "$apt/var/lib/dpkg/status"
mirror=$(awk '/^URIs:/ {print $2; exit}' /etc/apt/sources.list.d/*.sources 2>/dev/null || true)
[ -n "$mirror" ] || mirror=$(awk '/^deb / {print $2; exit}' /etc/apt/sources.list 2>/dev/null || true)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} trixie main" \
  >"$apt/etc/apt/sources.list"
options=(-qq -o "Dir=$apt" -o "Dir::State::status=$apt/var/lib/dpkg/status"
  -o "APT::Architecture=$(dpkg --print-architecture)" -o APT::Sandbox::User=root)
apt-get "${options[@]}" update
apt-get "${options[@]}" install -y --no-install-recommends --download-only \
  imagemagick-7.q16 >/dev/null

root=$folder/root
rm -rf "$root" && mkdir -p "$root"
for package in "$apt"/var/cache/apt/archives/*.deb; do dpkg-deb -x "$package" "$root"; done
rm -rf "$apt"

libraries=$(dirname "$(find "$root/usr/lib" -name libc.so.6 -print -quit)")
loader=$(find "$root" -name 'ld-linux*' -print -quit)
modules=$(find "$libraries" -maxdepth 2 -name modules-Q16 -print -quit)
cat >"$folder/magick" <<WRAPPER
#!/bin/sh
export MAGICK_CODER_MODULE_PATH=$modules/coders MAGICK_FILTER_MODULE_PATH=$modules/filters
export MAGICK_CONFIGURE_PATH="\${MAGICK_CONFIGURE_PATH:+\$MAGICK_CONFIGURE_PATH:}$root/etc/ImageMagick-7"
exec $loader --library-path $libraries:$libraries/blas:$libraries/lapack \\
  $root/usr/bin/magick-im7.q16 "\$@"
WRAPPER
chmod +x "$folder/magick"
ln -sf "$folder/magick" /usr/local/bin/magick
magick -version | head -1
