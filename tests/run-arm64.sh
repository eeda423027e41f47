#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds the project for arm64, as boards have it, and runs the tests under
# qemu:
#
#   tests/run-arm64.sh          all of the following, and a summary
#   tests/run-arm64.sh prepare  makes the arm64 root if it is missing
#   tests/run-arm64.sh build    prepares and builds, warnings being errors
#   tests/run-arm64.sh test     runs the tests of what was built
#
# Runs as root. The build folder is build-arm64, or $ARM64_BUILD. The log of the
# tests is meson-logs/testlog.json therein, as tests/summary.py reads it; the
# exit code of "test" is that of "meson test". The root is in $ARM64_ROOT, or
# /var/tmp/arm64; tests/arm64/prepare.sh --help says more of it.
set -eu

cd "$(dirname "$0")/.."
# shellcheck source=tests/debianroot.sh
. tests/debianroot.sh

build=${ARM64_BUILD:-build-arm64}
root=${ARM64_ROOT:-/var/tmp/arm64}
testdata=${RKNNYOLO_TESTDATA-}

# Newer ones end with SIGSEGV under the qemu of Debian 12.
onnxruntime=1.24.3

usage ()
{
  sed -n '3,15s/^# \{0,1\}//p' tests/run-arm64.sh
}

prepare ()
{
  tests/arm64/prepare.sh
  XDG_CACHE_HOME=$root/var/cache ONNXRUNTIME_MACHINE=aarch64 \
    ONNXRUNTIME_VERSION=$onnxruntime quietly tools/fetch-onnxruntime
}

build ()
{
  verb="setup --cross-file $root.cross"
  [ ! -f "$build/build.ninja" ] || verb=configure
  # shellcheck disable=SC2086
  quietly meson $verb "$build" -Dwerror=true -Dtests=enabled \
    -Danalytics=disabled -Doverlay=enabled -Dstandin=enabled \
    ${testdata:+"-Dtestdata=$testdata"} &&
    quietly ninja -C "$build"
}

# All but those that run whole networks, for minutes each.
list_tests ()
{
  meson test -C "$build" --no-rebuild --list 2> /dev/null | sed 's,.* / ,,' |
    grep -vxE 'reference|standin-models|annotate|rga-objects|shapes-real'
}

# Without the ONNX Runtime of this system, which is for another processor.
run_tests ()
{
  rm -f "$build/meson-logs/testlog.json"
  (
    unset RKNN_STANDIN_ONNXRUNTIME RKNNYOLO_RUNTIME RKNNYOLO_DEMO_MODEL
    # Test programs are started in the build folder.
    ARM64_BIND=$(dirname "$PWD"):$testdata:${ARM64_BIND-}
    export ARM64_BIND
    # shellcheck disable=SC2046
    meson test -C "$build" --no-rebuild --timeout-multiplier 10 \
      $(list_tests) > /dev/null
  )
}

do_stages "$@"
