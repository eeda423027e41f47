#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes an arm64 Debian 12 root to build for and to run under qemu:
#
#   tests/arm64/prepare.sh           in $ARM64_ROOT, or /var/tmp/arm64
#
# and beside it, ROOT.cross, the cross file that tells Meson of it. A root that
# is there is kept. Needs to be root, a network that reaches a Debian mirror,
# and about 1 GB. Packages are unpacked and not configured: that is enough to
# build against and to run, and saves a quarter of an hour under qemu.
#
#   ARM64_PACKAGES   further packages, separated by spaces
#   APT_SOURCES      the .sources file that names the mirror (default:
#                    /etc/apt/sources.list.d/debian.sources)
set -eu

# shellcheck source=tests/debianroot.sh
. "$(dirname "$0")/../debianroot.sh"

here=$(cd "$(dirname "$0")" && pwd)
root=${ARM64_ROOT:-/var/tmp/arm64}
sources=${APT_SOURCES:-/etc/apt/sources.list.d/debian.sources}
tools="mmdebstrap qemu-user-static gcc-aarch64-linux-gnu g++-aarch64-linux-gnu"
packages="libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev
  libjson-glib-dev libdrm-dev libyuv-dev libpango1.0-dev
  gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good
  fonts-dejavu-core ${ARM64_PACKAGES-}"

say ()
{
  echo "arm64: $1" >&2
}

fail ()
{
  say "$1"
  exit 1
}

# Links to absolute paths lead a linker that looks from outside out of the root.
make_links_relative ()
{
  find "$1/usr/lib" -type l -lname '/*' | while read -r link; do
    ln -snrf "$1$(readlink "$link")" "$link"
  done
}

# Under another name until it is complete, so that a root that is there can be
# trusted.
make_root ()
{
  log=$(mktemp)
  trap 'rm -rf "$log" "$root.new"' EXIT
  trap 'exit 1' HUP INT TERM
  rm -rf "$root.new"
  say "making an arm64 root at $root; this takes a minute"
  mmdebstrap --quiet --architectures=arm64 --variant=extract \
    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
    --include='?essential' --include="$packages" bookworm \
    "$root.new" "$sources" > "$log" 2>&1 || {
    cat "$log" >&2
    fail "mmdebstrap failed (its words are above). It needs a mirror of Debian
12; the one it asked is that of $sources (another file: APT_SOURCES)"
  }
  make_links_relative "$root.new"
  mv "$root.new" "$root"
}

write_cross_file ()
{
  cat > "$1" << END
[binaries]
c = 'aarch64-linux-gnu-gcc'
cpp = 'aarch64-linux-gnu-g++'
ar = 'aarch64-linux-gnu-ar'
strip = 'aarch64-linux-gnu-strip'
pkgconfig = 'pkg-config'
exe_wrapper = ['env', 'ARM64_ROOT=$root', '$here/run.sh']

[properties]
sys_root = '$root'
pkg_config_libdir = ['$root/usr/lib/aarch64-linux-gnu/pkgconfig', '$root/usr/share/pkgconfig']

[built-in options]
c_args = ['--sysroot=$root']
cpp_args = ['--sysroot=$root']
c_link_args = ['--sysroot=$root']
cpp_link_args = ['--sysroot=$root']

[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
END
}

case $#,${1-} in
  0,*) ;;
  1,-h | 1,--help) sed -n '3,15s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) fail "no arguments are expected; --help says which variables there are" ;;
esac
claim_root "$root" ARM64_ROOT
# shellcheck disable=SC2086
need_packages $tools ||
  fail "they could not be installed; apt-get's words are above"
[ -e "$root" ] || make_root
write_cross_file "$root.cross"
