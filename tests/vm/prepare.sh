#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Fetches what run.sh needs to boot a virtual machine:
#
#   tests/vm/prepare.sh           into $VM_DIR, or /var/tmp/vm
#
# Installs qemu and a few small tools if they are missing, and unpacks Debian's
# kernel, which is not installed. A kernel that is there is kept. Needs to be
# root on a Debian x86-64 machine, a network that reaches a Debian mirror, and
# about 0.4 GB. Exits with 77 where that cannot be.
set -eu

# shellcheck source=tests/debianroot.sh
. "$(dirname "$0")/../debianroot.sh"

here=$(cd "$(dirname "$0")" && pwd)
dir=${VM_DIR:-/var/tmp/vm}
tools="qemu-system-x86 busybox-static kmod cpio"

say ()
{
  echo "vm: $1" >&2
}

# What cannot be here is no failure of the project's.
unable ()
{
  say "$1"
  exit 77
}

apt ()
{
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 \
    -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 "$@"
}

need_tools ()
{
  missing=
  for package in $tools; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2> /dev/null) || :
    [ "$status" = installed ] || missing="$missing $package"
  done
  [ "$missing" ] || return 0
  say "installing$missing"
  # shellcheck disable=SC2086
  quietly apt install -y --no-install-recommends $missing ||
    unable "they could not be installed; apt-get's words are above"
}

# Under another name until it is complete, so that a kernel that is there can be
# trusted.
unpack_kernel ()
{
  say "unpacking Debian's kernel into $dir"
  rm -rf "$dir/new"
  mkdir -p "$dir/new/deb"
  package=$(apt-cache depends linux-image-amd64 |
    awk '/Depends: linux-image-/ { print $2; exit }')
  [ "$package" ] || unable "apt knows no package linux-image-amd64"
  (cd "$dir/new/deb" && quietly apt download "$package") ||
    unable "$package could not be fetched; apt-get's words are above"
  dpkg-deb -x "$dir"/new/deb/*.deb "$dir/new/kernel"
  depmod -b "$dir/new/kernel" "${package#linux-image-}"
  mv "$dir/new/kernel" "$dir/kernel"
  rm -rf "$dir/new"
}

# What the guest needs until it sees this system's files.
make_initrd ()
{
  version=$(ls "$dir/kernel/lib/modules")
  initrd=$(mktemp -d)
  trap 'rm -rf "$initrd"' EXIT
  mkdir "$initrd/bin" "$initrd/modules"
  cp /bin/busybox "$initrd/bin"
  install -m 755 "$here/init" "$initrd/init"
  for module in virtio_pci 9pnet_virtio 9p overlay; do
    modprobe -d "$dir/kernel" -S "$version" --show-depends $module
  done | awk '/^insmod/ && !seen[$2]++ { print $2 }' | while read -r file; do
    cp "$file" "$initrd/modules"
    basename "$file" >> "$initrd/modules/order"
  done
  (cd "$initrd" && find . | cpio -o -H newc --quiet | gzip -1) \
    > "$dir/initrd.gz.new"
  mv "$dir/initrd.gz.new" "$dir/initrd.gz"
}

case $#,${1-} in
  0,*) ;;
  1,-h | 1,--help) sed -n '3,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) say "no arguments are expected; --help says which variables there are"
     exit 2 ;;
esac
[ "$(id -u)" = 0 ] || unable "only root can prepare the machine"
[ "$(uname -m)" = x86_64 ] || unable "the machine is one for x86-64 only"
command -v apt-get > /dev/null || unable "this is no Debian"
mkdir -p "$dir"
# One at a time: who comes second finds the work done.
exec 9> "$dir/lock"
flock 9
if [ ! -e "$dir/kernel" ] || ! command -v qemu-system-x86_64 > /dev/null; then
  apt update ||
    say "apt-get update failed; going on with the package lists that are there"
fi
need_tools
[ -e "$dir/kernel" ] || unpack_kernel
make_initrd
