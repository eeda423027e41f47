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

# shellcheck source=tests/debianroot.sh
. "$(dirname "$0")/../debianroot.sh"

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

enter_root "$root" "${TRIXIE_BIND-}" "$@"
