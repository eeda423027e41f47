#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs all tests of the project:
#
#   tests/run.sh [--quick]
#
# Installs what is missing from Debian, builds with warnings as errors, fetches
# ONNX Runtime and the demo's model, runs the tests, runs them once more under
# the address and undefined behaviour sanitizers, with Debian 13, for arm64 and
# with the camera of a virtual machine, and checks the style of the sources, the
# scripts and the demo. --quick leaves out the sanitizers, Debian 13, arm64, the
# virtual machine and the demo. The test data are those of RKNNYOLO_TESTDATA, or
# of shared/testdata beside this folder; tests that miss them skip.
#
# The last line is "N passed, N failed", with ", N skipped" where there are
# any; the exit code is 1 if anything failed.

# shellcheck disable=SC2317  # functions are called by name, through check()
set -u

source=$(cd "$(dirname "$0")/.." && pwd)
cd "$source" || exit 2
cases=()
logs=()

usage ()
{
  sed -n '3,16s/^# \{0,1\}//p' tests/run.sh
}

step ()
{
  echo "== $1"
}

# Runs a command and makes a test case of its success.
check ()
{
  local name=$1

  shift
  step "$name"
  if "$@"; then
    cases+=(--case "$name=passed")
  else
    cases+=(--case "$name=failed")
    return 1
  fi
}

finish ()
{
  python3 tests/summary.py "${cases[@]}" "${logs[@]}"
  exit
}

# Runs a command whose words matter only if it fails.
quietly ()
{
  local log status

  log=$(mktemp)
  "$@" > "$log" 2>&1
  status=$?
  [ "$status" = 0 ] || tail -n 200 "$log"
  rm -f "$log"
  return "$status"
}

# build FOLDER MESON-OPTION...
build ()
{
  local folder=$1 data=()

  shift
  [ -z "${RKNNYOLO_TESTDATA-}" ] || data=("-Dtestdata=$RKNNYOLO_TESTDATA")
  if [ -f "$folder/build.ninja" ]; then
    quietly meson configure "$folder" -Dtests=enabled "$@" "${data[@]}" || return
  else
    quietly meson setup "$folder" -Dtests=enabled "$@" "${data[@]}" || return
  fi
  quietly ninja -C "$folder"
}

# run_tests FOLDER ARGUMENT...
run_tests ()
{
  local folder=$1

  shift
  rm -f "$folder/meson-logs/testlog.json"
  # The summary tells what failed.
  meson test -C "$folder" --no-rebuild "$@" > /dev/null
  logs+=("$folder/meson-logs/testlog.json")
}

# Programs under the sanitizers. GStreamer's own scanner is none, and could not
# load the plugin. All tests of a program run in one process, because leaks are
# looked for at the end of each; only whole stacks tell whose they are.
run_sanitized ()
{
  GST_REGISTRY_FORK=no CK_FORK=no \
    ASAN_OPTIONS=fast_unwind_on_malloc=0:${ASAN_OPTIONS-} \
    LSAN_OPTIONS=suppressions=$source/tests/sanitizers.supp:print_suppressions=0 \
    UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
    run_tests "$@"
}

check_scripts ()
{
  local scripts

  scripts=$(git grep -lE '^#!/bin/(ba)?sh' -- . ':!*.py') || return 1
  # shellcheck disable=SC2086
  shellcheck -x $scripts
}

check_demo ()
{
  local folder

  folder=$(mktemp -d)
  (cd "$folder" && DEMO_BUILD=$source/build-demo \
    "$source/pipelines/demo.sh" --output demo.mp4 > table) &&
    cat "$folder/table" &&
    grep -q '^  person ' "$folder/table" &&
    gst-launch-1.0 -q filesrc location="$folder/demo.mp4" ! decodebin ! \
      fakesink
  local status=$?
  rm -rf "$folder"
  return "$status"
}

# test_elsewhere NAME SCRIPT BUILD-FOLDER
# The same once more in a Debian root of another kind, which only root can make.
test_elsewhere ()
{
  if [ "$(id -u)" != 0 ]; then
    cases+=(--case "$1: needs root=skipped")
  elif ! unshare --mount true 2> /dev/null; then
    cases+=(--case "$1: needs mount namespaces=skipped")
  elif check "$1: root" "$2" prepare &&
    check "$1: build without warnings" "$2" build; then
    step "Tests on $1"
    "$2" test
    logs+=("$3/meson-logs/testlog.json")
  fi
}

# test_in_vm NAME VERB BUILD-FOLDER
# With the drivers of a virtual machine.
test_in_vm ()
{
  tests/run-vm.sh prepare
  case $? in
    0) check "$1" tests/run-vm.sh "$2" "$3" ;;
    77) cases+=(--case "$1: there is no virtual machine=skipped") ;;
    *) cases+=(--case "$1: virtual machine=failed") ;;
  esac
}

quick=
case ${1-} in
  --quick) quick=1 ;;
  --help | -h) usage; exit 0 ;;
  "") ;;
  *) usage >&2; exit 2 ;;
esac

step "Installing what is missing"
if ! tools/install-dependencies build demo tests; then
  cases+=(--case "install-dependencies=failed")
fi
check "fetch ONNX Runtime" tools/fetch-onnxruntime
check "fetch the demo's model" quietly tools/fetch-demo-model &&
  RKNNYOLO_DEMO_MODEL=$(tools/fetch-demo-model) && export RKNNYOLO_DEMO_MODEL

if ! check "build without warnings" build build-tests -Dwerror=true; then
  check "build" build build-tests -Dwerror=false || finish
fi
step "Tests"
run_tests build-tests

if [ ! "$quick" ]; then
  if check "build with sanitizers" build build-asan -Dwerror=false \
      -Db_sanitize=address,undefined -Db_lundef=false; then
    step "Tests under the sanitizers"
    run_sanitized build-asan --timeout-multiplier 4
  fi
  check "demo" check_demo
  # GstAnalytics, a newer GStreamer, compiler and ONNX Runtime
  test_elsewhere "Debian 13" tests/run-debian13.sh build-debian13
  # the processors of the boards
  test_elsewhere arm64 tests/run-arm64.sh build-arm64
  # dma-bufs of a camera
  test_in_vm "camera" test build-tests
  [ ! -e build-debian13/tests/vm/camera ] ||
    test_in_vm "camera with Debian 13" test-debian13 build-debian13
fi
check "format" tools/format --check
check "shellcheck" check_scripts
finish
