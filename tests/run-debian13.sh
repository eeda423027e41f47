#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds and tests the project as Debian 13 has it: GStreamer 1.26 with
# GstAnalytics, gcc 14, and the packaged ONNX Runtime.
#
#   tests/run-debian13.sh          all of the following, and a summary
#   tests/run-debian13.sh prepare  makes the Debian 13 root if it is missing
#   tests/run-debian13.sh build    prepares and builds, warnings being errors
#   tests/run-debian13.sh test     runs the tests of what was built
#
# Runs as root, and on Debian 13 itself without a root of its own. The build
# folder is build-debian13, or $DEBIAN13_BUILD. The log of the tests is
# meson-logs/testlog.json therein, as tests/summary.py reads it; the exit code
# of "test" is that of "meson test". The root is in $TRIXIE_ROOT, or
# /var/tmp/trixie; tests/trixie/prepare.sh --help says more of it.
set -eu

cd "$(dirname "$0")/.."
# shellcheck source=tests/debianroot.sh
. tests/debianroot.sh

build=${DEBIAN13_BUILD:-build-debian13}
testdata=${RKNNYOLO_TESTDATA-}
# What the tests read besides the source must be seen inside.
bind=$testdata:${RKNNYOLO_DEMO_MODEL:+$(dirname "$RKNNYOLO_DEMO_MODEL")}

usage ()
{
  sed -n '3,16s/^# \{0,1\}//p' tests/run-debian13.sh
}

is_debian13 ()
{
  # shellcheck disable=SC1091
  [ "$(. /etc/os-release && echo "${VERSION_CODENAME-}")" = trixie ]
}

inside ()
{
  if is_debian13; then
    "$@"
  else
    TRIXIE_BIND="$bind:${TRIXIE_BIND-}" tests/trixie/run.sh "$@"
  fi
}

prepare ()
{
  if is_debian13; then
    quietly tools/install-dependencies build tests
  else
    tests/trixie/prepare.sh
  fi
}

build ()
{
  verb=setup
  [ ! -f "$build/build.ninja" ] || verb=configure
  quietly inside meson $verb "$build" -Dwerror=true -Dtests=enabled \
    -Danalytics=enabled -Doverlay=enabled -Dstandin=enabled \
    ${testdata:+"-Dtestdata=$testdata"} &&
    quietly inside ninja -C "$build"
}

# With the packaged ONNX Runtime, which the loader finds.
run_tests ()
{
  rm -f "$build/meson-logs/testlog.json"
  (
    unset RKNN_STANDIN_ONNXRUNTIME RKNNYOLO_RUNTIME
    inside meson test -C "$build" --no-rebuild > /dev/null
  )
}

do_stages "$@"
