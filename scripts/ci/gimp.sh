#!/usr/bin/env bash
# Unpack GIMP 3 and Python 2.7, which Debian 12 does not have, into a folder, for tests/hosts; as root.
# usage: scripts/ci/gimp.sh [FOLDER [SUITE]]      (3.0 is trixie's, 3.2 forky's)
set -euo pipefail
root=$(realpath -m "${1:-/var/cache/ssimgif/gimp}")
suite=${2:-trixie}
packages=gimp,python3-gi,gir1.2-gimp-3.0,xvfb,xdotool,openbox,dbus,imagemagick,fonts-dejavu-core,adwaita-icon-theme

if [ -e "$root/ready" ]; then exit; fi
export DEBIAN_FRONTEND=noninteractive
apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends mmdebstrap >/dev/null

# The mirror and its components are those that apt itself uses.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' 'Created-By: Packages' |
  grep -m1 '/debian/\?$' || echo http://deb.debian.org/debian)

# An earlier run that was ended half-way may have left mounts.
{ grep -o " $root/[^ ]*" /proc/mounts || true; } | sort -r | xargs -r umount
rm -rf --one-file-system "$root"
mkdir -p "$(dirname "$root")"
# A mirror's copy of a suite may be some weeks old.
mmdebstrap --quiet --mode=root --variant=apt \
  --aptopt='Acquire::Check-Valid-Until "false"' \
  --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --include="$packages" "$suite" "$root" "$mirror"
chroot "$root" dbus-uuidgen >"$root/etc/machine-id"

# Python 2.7 is that of an older suite, and needs nothing but the C library of this one.
old=$root/python2.7
keys=/usr/share/keyrings/debian-archive-keyring.gpg
mkdir -p "$old"/apt/{etc/apt/{sources.list.d,preferences.d},lists/partial,archives/partial}
touch "$old/apt/status"
echo "deb [signed-by=$keys] $mirror bullseye main" >"$old/apt/etc/apt/sources.list"
options=(-o Dir::Etc="$old/apt/etc/apt" -o Dir::State::Lists="$old/apt/lists"
  -o Dir::State::status="$old/apt/status" -o Dir::Cache="$old/apt" -o APT::Sandbox::User=root)
apt-get "${options[@]}" -qq update
(cd "$old/apt" && apt-get "${options[@]}" -qq download \
  python2.7-minimal libpython2.7-minimal libpython2.7-stdlib)
for package in "$old"/apt/*.deb; do dpkg-deb -x "$package" "$old"; done
rm -r "$old/apt"

touch "$root/ready"
