#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs the tests that need drivers, in a virtual machine: frames of a V4L2
# camera that are real dma-bufs.
#
#   tests/run-vm.sh prepare              fetches the kernel if it is missing
#   tests/run-vm.sh test FOLDER          the tests of what was built there
#   tests/run-vm.sh test-debian13 FOLDER the same in the Debian 13 root
#
# The exit code is 77 where no machine can be had. tests/vm/README.md says more
# of it, tests/trixie/README.md of the Debian 13 root.
set -eu

cd "$(dirname "$0")/.."
# shellcheck source=tests/debianroot.sh
. tests/debianroot.sh

# Seconds, with the boot, on a machine as busy as can be. On one that is not it
# takes a minute.
limit=1200

usage ()
{
  sed -n '3,12s/^# \{0,1\}//p' tests/run-vm.sh
}

# run_tests FOLDER [WRAPPER]
run_tests ()
{
  folder=$(realpath "$1")
  shift
  tmp=$(mktemp -d)
  trap 'rm -rf "$tmp"' EXIT
  # ONNX Runtime does not survive a fork.
  export CK_FORK=no GST_REGISTRY_FORK=no GST_REGISTRY="$tmp/registry.bin" \
    GST_PLUGIN_PATH="$folder/gst" \
    RKNNYOLO_STANDIN="$folder/src/standin/librknnrt-standin.so" \
    RKNNYOLO_RGA="$folder/src/rga-standin/librga-standin.so"
  # Looks for plugins here, where that is faster.
  quietly "$@" gst-inspect-1.0 rknnyolo
  # Two cameras; formats of the second have a memory for each plane.
  VM_APPEND="vivid.n_devs=2 vivid.multiplanar=1,2 vivid.node_types=0x1,0x1" \
    quietly tests/vm/run.sh -t "$limit" \
    "$@" "$folder/tests/vm/camera" /dev/video0 /dev/video1
}

case $#,${1-} in
  1,prepare) exec tests/vm/prepare.sh ;;
  2,test) run_tests "$2" ;;
  2,test-debian13)
    # With the packaged ONNX Runtime, which the loader finds.
    unset RKNN_STANDIN_ONNXRUNTIME RKNNYOLO_RUNTIME
    run_tests "$2" tests/trixie/run.sh
    ;;
  1,-h | 1,--help) usage ;;
  *) usage >&2; exit 2 ;;
esac
