#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs a command in the arm64 root that prepare.sh made, under qemu:
#
#   tests/arm64/run.sh COMMAND [ARGUMENT...]
#
# Working directory and environment stay as they are. These folders are this
# system's own, seen by the command under the same names: /dev, /proc, /sys,
# /tmp, /var/tmp, the home folder, the working directory with its parent, and
# those that ARM64_BIND names, separated by colons. LD_PRELOAD would reach this
# script as well: for that there is QEMU_SET_ENV=LD_PRELOAD=...
set -eu

# shellcheck source=tests/debianroot.sh
. "$(dirname "$0")/../debianroot.sh"

root=${ARM64_ROOT:-/var/tmp/arm64}
qemu=/usr/bin/qemu-aarch64-static
binfmt=/proc/sys/fs/binfmt_misc

fail ()
{
  echo "arm64: $1" >&2
  exit 2
}

case ${1-} in
  -h | --help) sed -n '3,12s/^# \{0,1\}//p' "$0"; exit 0 ;;
  '') sed -n '3,12s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
[ "$(id -u)" = 0 ] || fail "only root can enter a Debian root"
[ -d "$root/usr" ] ||
  fail "there is no Debian root at $root; $(dirname "$0")/prepare.sh makes it"

# Lets the kernel start arm64 programs, if it will.
[ -e $binfmt/register ] ||
  mount -t binfmt_misc binfmt_misc $binfmt 2> /dev/null || :
[ -e $binfmt/qemu-aarch64 ] ||
  cat /usr/lib/binfmt.d/qemu-aarch64.conf > $binfmt/register 2> /dev/null || :

# Otherwise one program can still be started, which then cannot start others.
if [ ! -e $binfmt/qemu-aarch64 ]; then
  export GST_REGISTRY_FORK=no
  program=$1
  shift
  case $program in
    */*) ;;
    *) program=/usr/bin/$program ;;
  esac
  set -- "$qemu" "$program" "$@"
fi

enter_root "$root" "${ARM64_BIND-}:$qemu" "$@"
