#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Fuzzes with libFuzzer under the address and undefined behaviour sanitizers:
#
#   tests/fuzz/run.sh [--seconds N] [--jobs N] [--folder FOLDER] [TARGET...]
#
# TARGET is decode for fuzz-decode.c, and so on; all of them if none is named.
# Each runs for N seconds (default 3600), --jobs of them at a time (default 2),
# at the lowest priority. FOLDER (default build-fuzz) keeps the build, the
# corpus of each target, from which the next run goes on, and what was found.
# clang and its libraries are installed from Debian when they are missing.
#
# Starts with the seeds in the targets and with files of the test data
# (RKNNYOLO_TESTDATA, or shared/testdata beside the source) if these are there.
#
# Prints a line a target: executions, edges of the code that were reached,
# inputs kept, findings. The exit code is 1 if anything was found; run
# FOLDER/tests/fuzz/fuzz-TARGET FILE to see it again.
set -u

source=$(cd "$(dirname "$0")/../.." && pwd)
seconds=3600
jobs=2
folder=$source/build-fuzz
targets=()

usage ()
{
  sed -n '3,20s/^# \{0,1\}//p' "$0"
}

fail ()
{
  echo "fuzz: $1" >&2
  exit 2
}

while [ $# != 0 ]; do
  case $1 in
    --seconds | --jobs | --folder)
      [ $# -ge 2 ] || fail "$1 needs a value"
      printf -v "${1#--}" %s "$2"
      shift ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) targets+=("$1") ;;
  esac
  shift
done
case $seconds$jobs in
  *[!0-9]*) fail "--seconds and --jobs take numbers" ;;
esac

if [ ${#targets[@]} = 0 ]; then
  for file in "$source"/tests/fuzz/fuzz-*.c; do
    grep -q '^LLVMFuzzerTestOneInput' "$file" || continue
    name=${file##*/fuzz-}
    targets+=("${name%.c}")
  done
fi
for target in "${targets[@]}"; do
  [ -f "$source/tests/fuzz/fuzz-$target.c" ] || fail "there is no $target"
done

build ()
{
  if [ ! -f "$folder/build.ninja" ]; then
    CC=clang meson setup "$folder" "$source" -Dlibfuzzer=true \
      -Db_sanitize=address,undefined -Db_lundef=false || return
  fi
  ninja -C "$folder" "${targets[@]/#/tests/fuzz/fuzz-}"
}

# Files of the test data without the megabytes that nobody looks at.
add_testdata ()
{
  python3 - "$1" "$2" "$3" << 'END'
import glob, os, struct, sys

target, data, corpus = sys.argv[1:]


def put(path, content):
    name = os.path.relpath(path, data).replace(os.sep, '-')
    with open(os.path.join(corpus, name), 'wb') as out:
        out.write(content)


if target == 'rknnfile':
    for path in glob.glob(data + '/rknn/*.rknn'):
        with open(path, 'rb') as file:
            content = file.read()
        payload, = struct.unpack_from('<Q', content, 16)
        put(path, content[:16] + struct.pack('<Q', 4) + content[24:68]
            + content[64 + payload:])
elif target == 'recording':
    for path in glob.glob(data + '/tensors/*/manifest.txt'):
        with open(path, 'rb') as file:
            put(path, file.read())
elif target == 'modelfile':
    import onnx
    for path in glob.glob(data + '/models/*.onnx'):
        model = onnx.load(path)
        model.graph.CopyFrom(onnx.GraphProto(name='graph'))
        put(path, model.SerializeToString())
END
}

run_target ()
{
  local corpus=$folder/corpus/$1 log=$folder/logs/$1.log

  mkdir -p "$corpus" "$folder/logs" "$folder/findings"
  [ ! -d "$testdata" ] || add_testdata "$1" "$testdata" "$corpus"
  # GLib's own free lists would hide what is used after it was freed.
  G_SLICE=always-malloc \
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
    nice -n 19 "$folder/tests/fuzz/fuzz-$1" \
    -max_total_time="$seconds" -timeout=60 -report_slow_units=60 \
    -rss_limit_mb=2048 \
    -use_value_profile=1 -print_final_stats=1 \
    -artifact_prefix="$folder/findings/$1-" "$corpus" > "$log" 2>&1
  echo $? > "$folder/logs/$1.status"
}

report ()
{
  local target status log bad=0 last

  printf '%-12s %12s %7s %7s  %s\n' target executions edges corpus findings
  for target in "${targets[@]}"; do
    log=$folder/logs/$target.log
    status=$(cat "$folder/logs/$target.status")
    last=$(grep -E '^#[0-9].* cov: ' "$log" | tail -n 1)
    printf '%-12s %12s %7s %7s  ' "$target" \
      "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
      "$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' <<< "$last")" \
      "$(sed -n 's/.* corp: \([0-9]*\).*/\1/p' <<< "$last")"
    if [ "$status" = 0 ]; then
      echo none
    else
      grep -hE '^SUMMARY|Test unit written to' "$log" | tr '\n' ' ' ||
        echo "exit code $status"
      echo
      bad=1
    fi
  done
  return $bad
}

"$source/tools/install-dependencies" build fuzz || exit 2
build >&2 || fail "the build failed"
testdata=${RKNNYOLO_TESTDATA:-$source/../shared/testdata}
running=0
for target in "${targets[@]}"; do
  if [ "$running" -ge "$jobs" ]; then
    wait -n
    running=$((running - 1))
  fi
  run_target "$target" &
  running=$((running + 1))
done
wait
report
