#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Counts the instructions of decoding one picture, on x86-64 and on arm64:
#
#   tests/bench/count-instructions.sh [PART-OF-A-CASE]
#
# Programs run under qemu's user emulation with a plugin that counts; N runs
# are taken from 2 N, which leaves decoding alone. Prints thousands of
# instructions a decode for the cases of bench-decode, in planes (NCHW) and in
# groups of 16 channels (NC1HWC2).
#
# Needs the test data (RKNNYOLO_TESTDATA, or shared/testdata beside the source)
# and the arm64 root of tests/arm64/prepare.sh, which needs root to be made.
# qemu-user and the compilers are installed from Debian when they are missing.
# The builds are in build-count and build-count-arm64.
set -eu

source=$(cd "$(dirname "$0")/../.." && pwd)
root=${ARM64_ROOT:-/var/tmp/arm64}
plugin=$source/build-count/libinstructioncounter.so
runs=20

usage ()
{
  sed -n '3,16s/^# \{0,1\}//p' "$0"
}

fail ()
{
  echo "count-instructions: $1" >&2
  exit 2
}

# build FOLDER MESON-OPTION...
build ()
{
  local folder=$1

  shift
  [ -f "$folder/build.ninja" ] ||
    meson setup "$folder" "$source" "$@" > /dev/null
  ninja -C "$folder" tests/bench/count-decode > /dev/null
}

build_plugin ()
{
  local version

  version=$(qemu-x86_64 --version | sed -n 's/.*version \([0-9]*\).*/\1/p')
  gcc -shared -fPIC -O2 -fvisibility=hidden \
    -DAPI_VERSION=$((version < 9 ? 1 : 2)) -o "$plugin" \
    "$source/tests/bench/instructioncounter.c"
}

# x86_64|aarch64 CASE LAYOUT RUNS; fails where there are no such tensors
instructions ()
{
  local machine=$1 program=$source/build-count/tests/bench/count-decode

  shift
  if [ "$machine" = aarch64 ]; then
    program=$source/build-count-arm64/tests/bench/count-decode
    set -- -L "$root" -plugin "$plugin" "$program" "$@"
  else
    set -- -plugin "$plugin" "$program" "$@"
  fi
  "qemu-$machine" "$@" 2>&1 > /dev/null |
    sed -n 's/^instructions: //p'
  return "${PIPESTATUS[0]}"
}

# Thousands of one decode
count ()
{
  local once twice

  once=$(instructions "$1" "$2" "$3" $runs) || return
  twice=$(instructions "$1" "$2" "$3" $((2 * runs))) || return
  awk "BEGIN { printf \"%.1f\", ($twice - $once) / $runs / 1000 }"
}

case ${1-} in
  -h | --help) usage; exit 0 ;;
  -*) usage >&2; exit 2 ;;
esac
"$source/tools/install-dependencies" build count || exit 2
"$source/tests/arm64/prepare.sh" || exit 2
RKNNYOLO_TESTDATA=${RKNNYOLO_TESTDATA:-$source/../shared/testdata}
export RKNNYOLO_TESTDATA
[ -d "$RKNNYOLO_TESTDATA/tensors" ] ||
  fail "there are no test data at $RKNNYOLO_TESTDATA"

build "$source/build-count"
build "$source/build-count-arm64" --cross-file "$root.cross"
build_plugin
printf '%-38s %10s %10s %10s %10s\n' 'thousands of instructions' x86-64 arm64 \
  x86-64 arm64 '' NCHW NCHW NC1HWC2 NC1HWC2
mapfile -t cases < <("$source/build-count/tests/bench/count-decode")
for number in "${!cases[@]}"; do
  [[ ${cases[number]} == *"${1-}"* ]] || continue
  counts=()
  for layout in NCHW NC1HWC2; do
    for machine in x86_64 aarch64; do
      counts+=("$(count $machine "$number" $layout)") || continue 3
    done
  done
  printf '%-38s %10s %10s %10s %10s\n' "${cases[number]}" "${counts[@]}"
done
