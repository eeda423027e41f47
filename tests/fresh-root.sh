#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs a command in a clone of this repository on a Debian that has nothing
# installed but the minimum:
#
#   tests/fresh-root.sh [-s SUITE] [-k] [COMMAND [ARGUMENT...]]
#
#   -s SUITE   bookworm (default) or trixie
#   -k         keep the root and print where it is
#
# COMMAND (default: .ci/run) runs in the clone of HEAD; test data (of
# RKNNYOLO_TESTDATA, or shared/testdata beside this folder) lie where it looks
# for them. Needs root and mmdebstrap, 5 GB below TMPDIR or /var/tmp, and this
# machine's package sources. Nothing on the machine itself changes.
set -eu

source=$(cd "$(dirname "$0")/.." && pwd)
suite=bookworm
keep=

fail ()
{
  echo "fresh-root.sh: $1" >&2
  exit 2
}

while getopts s:kh option; do
  case $option in
    s) suite=$OPTARG ;;
    k) keep=1 ;;
    *) sed -n '3,15s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# != 0 ] || set -- .ci/run

[ "$(id -u)" = 0 ] || fail "it must run as root, to make another one"
command -v mmdebstrap > /dev/null ||
  fail "mmdebstrap is missing; Debian has it in the package of that name"
sources=/etc/apt/sources.list.d/debian.sources
[ -e $sources ] || sources=/etc/apt/sources.list
testdata=${RKNNYOLO_TESTDATA-$source/../shared/testdata}

top=$(mktemp -d "${TMPDIR:-/var/tmp}/fresh.XXXXXX")
root=$top/root
clean_up ()
{
  if [ "$keep" ]; then
    echo "fresh-root.sh: the root is $root" >&2
  else
    rm -rf --one-file-system "$top"
  fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# This machine's mirror, for the suite asked for.
# shellcheck disable=SC1091
own=$(. /etc/os-release && echo "$VERSION_CODENAME")
sed "s/$own/$suite/g" "$sources" > "$top/${sources##*/}"
mmdebstrap --quiet --variant=minbase "$suite" "$root" "$top/${sources##*/}" \
  > /dev/null || fail "mmdebstrap could not make a $suite root"

# What leads out of the machine: names, and certificates that are not Debian's.
cp /etc/resolv.conf /etc/hosts "$root/etc/"
for path in /usr/local/share/ca-certificates "${SSL_CERT_FILE-}" \
    "${NODE_EXTRA_CA_CERTS-}"; do
  [ -e "$path" ] || continue
  mkdir -p "$root$(dirname "$path")"
  cp -aL "$path" "$root$(dirname "$path")/"
done

mkdir -p "$root/src/shared/testdata"
git clone --quiet "$source" "$root/src/project"

# shellcheck disable=SC2016
HOME=/root XDG_CACHE_HOME='' unshare --mount --pid --fork \
  --propagation private sh -euc '
  root=$1 testdata=$2
  shift 2
  mount --rbind /dev "$root/dev"
  mount -t proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  mount -t tmpfs tmpfs "$root/tmp"
  if [ -d "$testdata" ]; then
    mount --bind "$testdata" "$root/src/shared/testdata"
    mount -o remount,bind,ro "$root/src/shared/testdata"
  fi
  unset XDG_CACHE_HOME RKNNYOLO_TESTDATA PYENV_ROOT
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  export PATH
  exec unshare --root="$root" --wd=/src/project -- "$@" < /dev/null
' sh "$root" "$testdata" "$@"
