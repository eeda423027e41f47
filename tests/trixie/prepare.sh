#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes a Debian 13 ("trixie") root with GStreamer 1.26 beside the system that
# runs here, to build and test with what Debian 12 does not have:
#
#   tests/trixie/prepare.sh          in $TRIXIE_ROOT, or /var/tmp/trixie
#
# A root that is there is kept; what it lacks is installed into it. Needs to be
# root, a network that reaches a Debian mirror, and about 2.2 GB.
#
#   TRIXIE_PACKAGES   further packages, separated by spaces
#   APT_SOURCES       the .sources file of this system that names the mirror
#                     (default: /etc/apt/sources.list.d/debian.sources)
set -eu

# shellcheck source=tests/debianroot.sh
. "$(dirname "$0")/../debianroot.sh"

root=${TRIXIE_ROOT:-/var/tmp/trixie}
sources=${APT_SOURCES:-/etc/apt/sources.list.d/debian.sources}

# GstAnalytics and objectdetectionoverlay come with plugins-bad.
packages="gcc g++ libc6-dev meson ninja-build pkgconf
  libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev
  libgstreamer-plugins-bad1.0-dev libdrm-dev libyuv-dev libpango1.0-dev
  libjson-glib-dev libjpeg-dev libonnxruntime1.21
  gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good
  gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav
  python3-gi gir1.2-gstreamer-1.0 gir1.2-gst-plugins-base-1.0
  gir1.2-gst-plugins-bad-1.0 gir1.2-gst-rtsp-server-1.0
  fonts-dejavu-core fonts-wqy-microhei
  ${TRIXIE_PACKAGES-}"

say ()
{
  echo "trixie: $1" >&2
}

fail ()
{
  say "$1"
  exit 1
}

# Sets missing to those packages that the root at $1 does not have.
find_missing ()
{
  missing=
  for package in $packages; do
    status=$(dpkg-query --admindir="$1/var/lib/dpkg" \
      -W -f='${db:Status-Status}' "$package" 2> /dev/null) || :
    [ "$status" = installed ] || missing="$missing $package"
  done
}

need_mmdebstrap ()
{
  command -v mmdebstrap > /dev/null && return
  say "installing mmdebstrap"
  apt-get -qq -o DPkg::Lock::Timeout=600 update ||
    say "apt-get update failed; going on with the package lists that are there"
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 \
    -o Dpkg::Use-Pty=0 install -y --no-install-recommends mmdebstrap \
    > /dev/null ||
    fail "mmdebstrap could not be installed; apt-get's words are above"
}

# Writes the sources of trixie to $1: the mirror of this system, whatever its
# release.
write_sources ()
{
  # shellcheck disable=SC1091
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
  if [ ! -r "$sources" ] || [ ! "$codename" ]; then
    fail "no mirror is known: APT_SOURCES must name a .sources file"
  fi
  sed "s/\b$codename\b/trixie/g" "$sources" > "$1"
}

# Under another name until it is complete, so that a root that is there can be
# trusted.
make_root ()
{
  need_mmdebstrap
  tmp=$(mktemp -d)
  trap 'rm -rf "$tmp" "$root.new"' EXIT
  trap 'exit 1' HUP INT TERM
  rm -rf "$root.new"
  write_sources "$tmp/trixie.sources"
  say "making a Debian 13 root at $root; this takes a minute or two"
  mmdebstrap --quiet --variant=apt --include="$packages" trixie \
    "$root.new" "$tmp/trixie.sources" > "$tmp/log" 2>&1 || {
    cat "$tmp/log" >&2
    fail "mmdebstrap failed (its words are above). It needs a mirror that has
trixie; the one it asked is that of $sources (another file: APT_SOURCES)"
  }
  mv "$root.new" "$root"
}

complete_root ()
{
  say "installing into $root:$missing"
  # shellcheck disable=SC2016,SC2086
  "$(dirname "$0")/run.sh" sh -euc '
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq -o DPkg::Lock::Timeout=600 update
    apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 \
      install -y --no-install-recommends "$@" > /dev/null' sh $missing ||
    fail "$root lacks$missing, and they could not be installed (apt-get's words
are above). Install them there, or remove $root to have it made anew"
}

case $#,${1-} in
  0,*) ;;
  1,-h | 1,--help) sed -n '3,14s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) fail "no arguments are expected; --help says which variables there are" ;;
esac
claim_root "$root" TRIXIE_ROOT
if [ ! -e "$root" ]; then
  make_root
else
  find_missing "$root"
  [ -z "$missing" ] || complete_root
fi
