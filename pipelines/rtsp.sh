#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Shows a network camera with what is found in a window:
#
#   pipelines/rtsp.sh rtsp://[USER:PASSWORD@]HOST/PATH
set -eu
[ $# = 1 ] || { sed -n '3,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
# shellcheck source=pipelines/environment.sh
. "$(dirname "$0")/environment.sh"

exec gst-launch-1.0 -e \
  rtspsrc location="$1" latency=200 protocols=tcp ! decodebin ! videoconvert ! \
  rknnyolo model="$MODEL" overload=skip ! \
  rknnyolooverlay hud=true keep-boxes=500 ! \
  videoconvert ! autovideosink
