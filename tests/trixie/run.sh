#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs a command in the Debian 13 root that prepare.sh made:
#
#   tests/trixie/run.sh COMMAND [ARGUMENT...]
#
# Working directory and environment stay as they are. These folders are this
# system's own, seen by the command under the same names: /dev, /proc, /sys,
# /tmp, /var/tmp, the home folder, the working directory with its parent, and
# those that TRIXIE_BIND names, separated by colons. What the command
# changes there is changed; all else it writes goes into the root.
set -eu

root=${TRIXIE_ROOT:-/var/tmp/trixie}

usage ()
{
  sed -n '3,12s/^# \{0,1\}//p' "$0"
}

fail ()
{
  echo "trixie: $1" >&2
  exit 2
}

case ${1-} in
  -h | --help) usage; exit 0 ;;
  '') usage >&2; exit 2 ;;
esac
[ "$(id -u)" = 0 ] || fail "only root can enter a Debian root"
[ -d "$root/usr" ] ||
  fail "there is no Debian root at $root; $(dirname "$0")/prepare.sh makes it"
# The copy would shadow the resolver's settings of the time it was made.
[ ! -r /etc/resolv.conf ] || cp -L /etc/resolv.conf "$root/etc/resolv.conf"

# Meson and fontconfig must not share caches with this system's.
export XDG_CACHE_HOME=/var/cache
# The mounts are private to the command and end with it.
# shellcheck disable=SC2016
exec unshare --mount --propagation private sh -euc '
  root=$1 wd=$2 bind=$3
  shift 3
  mount_at ()
  {
    case $1 in / | "") return ;; esac
    [ -d "$1" ] || return 0
    mkdir -p "$root$1"
    mount --rbind "$1" "$root$1"
  }
  for dir in /dev /proc /sys /tmp /var/tmp "${HOME-}" "$(dirname "$wd")" \
      "$wd"; do
    mount_at "$dir"
  done
  IFS=:
  for dir in $bind; do
    mount_at "$dir"
  done
  unset IFS
  exec unshare --root="$root" --wd="$wd" -- "$@"
' sh "$root" "$PWD" "${TRIXIE_BIND-}" "$@"
