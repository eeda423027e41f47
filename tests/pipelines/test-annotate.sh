#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests rknnyolo-annotate as a user calls it; speaks TAP.
#
#   test-annotate.sh PROGRAM STANDIN
#
# RKNNYOLO_DEMO_MODEL is a detection model for 80 classes.
set -u

program=$(realpath "$1")
standin=$(realpath "$2")
number=0

if [ ! -s "${RKNNYOLO_DEMO_MODEL-}" ]; then
  echo "1..0 # SKIP RKNNYOLO_DEMO_MODEL names no model; tools/fetch-demo-model gets one"
  exit 0
fi
# GStreamer's own programs do without the plugin: they could not load one that
# was built with a sanitizer.
gst ()
{
  local tool=$1

  shift
  env -u GST_PLUGIN_PATH -u GST_PLUGIN_PATH_1_0 \
    GST_REGISTRY_1_0="$tmp/registry.bin" "gst-$tool-1.0" "$@"
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
export RKNN_STANDIN_THREADS=1

for element in x264enc avdec_h264 mp4mux parsebin avenc_aac; do
  if ! gst inspect --exists $element; then
    echo "1..0 # SKIP GStreamer has no $element here; tools/install-dependencies demo installs it"
    exit 0
  fi
done

# ok DESCRIPTION COMMAND...
ok ()
{
  local description=$1

  shift
  number=$((number + 1))
  if "$@"; then
    echo "ok $number $description"
  else
    echo "not ok $number $description"
    sed 's/^/# /' log
  fi
}

annotate ()
{
  "$program" --model "$RKNNYOLO_DEMO_MODEL" --runtime "$standin" --cores 0 \
    "$@" > log 2>&1
}

# By a refusal, not by a crash.
fails ()
{
  "$@"
  [ $? = 1 ]
}

# Prints how many video frames a file has.
count_frames ()
{
  gst launch -v filesrc location="$1" ! qtdemux ! h264parse ! avdec_h264 ! \
    identity silent=false ! fakesink 2> /dev/null | grep -c 'chain.*******'
}

has_frames ()
{
  [ "$(count_frames "$1")" = "$2" ]
}

has_sound ()
{
  gst launch -q filesrc location="$1" ! qtdemux name=d d.audio_0 ! \
    avdec_aac ! fakesink > /dev/null 2>&1
}

log_has ()
{
  grep -q -e "$1" log
}

# The broken file of a failed run must not be left, nor its beginning.
nothing_written ()
{
  [ ! -e "$1" ] && [ ! -e "$1.part" ]
}

make_clips ()
{
  local video="videotestsrc num-buffers=40 pattern=ball !
    video/x-raw,format=I420,width=320,height=240,framerate=20/1 !
    x264enc speed-preset=ultrafast key-int-max=10"
  local sound="audiotestsrc num-buffers=86 ! audioconvert ! avenc_aac"

  # shellcheck disable=SC2086
  gst launch -q $video ! h264parse ! mp4mux name=m faststart=true ! \
    filesink location=clip.mp4 $sound ! m. &&
    gst launch -q $video ! h264parse ! mpegtsmux name=m ! \
      filesink location=clip.ts $sound ! m. &&
    gst launch -q $sound ! mp4mux ! filesink location=sound.mp4
}

echo "1..26"
make_clips > log 2>&1

ok "a clip" annotate --output out.mp4 clip.mp4
ok "keeps every frame" has_frames out.mp4 40
ok "keeps the sound" has_sound out.mp4
ok "closes with the speed" log_has '^Speed: .* frames/s'
ok "and with the times of the stages" log_has '^  run  '
ok "a transport stream" annotate --output ts.mp4 clip.ts
ok "keeps its frames" has_frames ts.mp4 40
ok "and its sound" has_sound ts.mp4

ok "a missing input fails" fails annotate --output missing.mp4 no-such.mp4
ok "and is named" log_has 'no-such.mp4'
echo text > text.mp4
ok "a text file fails" fails annotate --output text-out.mp4 text.mp4
ok "and leaves nothing" nothing_written text-out.mp4
ok "a file without video fails" fails annotate --output sound-out.mp4 sound.mp4
ok "and leaves nothing" nothing_written sound-out.mp4
ok "a missing model fails" fails annotate --model no-such.onnx \
  --output model-out.mp4 clip.mp4
ok "and leaves nothing" nothing_written model-out.mp4
ok "the input is not overwritten" fails annotate --output clip.mp4 clip.mp4
ok "nor is a device" fails annotate --output /dev/null clip.mp4

head -c $(($(stat -c %s clip.mp4) * 6 / 10)) clip.mp4 > cut.mp4
ok "a cut off input is annotated" annotate --output cut-out.mp4 cut.mp4
ok "which is said" log_has 'the input ends'
ok "and the output plays" test "$(count_frames cut-out.mp4)" -gt 10

(
  trap '' XFSZ
  ulimit -f 4
  annotate --output full.mp4 clip.mp4
)
full=$?
ok "a full disk fails" test $full = 1
ok "and leaves nothing" nothing_written full.mp4

# An endless input: what is tested is the end that the user makes.
gst launch -q videotestsrc num-buffers=4000 ! \
  video/x-raw,width=64,height=64,framerate=20/1 ! \
  x264enc speed-preset=ultrafast ! h264parse ! mp4mux ! \
  filesink location=long.mp4
"$program" --model "$RKNNYOLO_DEMO_MODEL" --runtime "$standin" --cores 0 \
  --output stopped.mp4 long.mp4 > log 2>&1 &
# Under a sanitizer the model alone may take long to load.
for _ in $(seq 1200); do
  [ ! -s stopped.mp4.part ] || break
  sleep 0.1
done
kill -INT $!
wait $!
ok "an interrupted run leaves a file that plays" \
  test "$(count_frames stopped.mp4)" -gt 0
# A frame takes so long that the interrupt comes before the first one is done. It
# comes as soon as the program catches it (SIGINT is the bit of the value 2).
RKNN_STANDIN_TIME=5000 "$program" --model "$RKNNYOLO_DEMO_MODEL" \
  --runtime "$standin" --cores 0 --output early.mp4 long.mp4 > log 2>&1 &
for _ in $(seq 50); do
  ! grep -q "^SigCgt:.*[2367abef]$" /proc/$!/status || break
  sleep 0.1
done
kill -INT $!
wait $!
ok "one that is interrupted before its first frame fails" test $? = 1
ok "and leaves nothing" nothing_written early.mp4
