#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# On a Rockchip board: shows a network camera with what is found, decoded by
# the board's own decoder:
#
#   MODEL=yolo11n.rknn pipelines/board-rtsp.sh rtsp://HOST/PATH
#
# The decoder must not compress its frames (its properties arm-afbc or fbc stay
# off): nobody else can read them.
set -eu
[ $# = 1 ] || { sed -n '3,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
# shellcheck source=pipelines/environment.sh
. "$(dirname "$0")/environment.sh"
need_element mppvideodec "It is in gstreamer-rockchip, which the board's \
distribution has (gstreamer1.0-rockchip1)."

exec gst-launch-1.0 -e \
  rtspsrc location="$1" latency=200 protocols=tcp ! \
  rtph264depay ! h264parse ! mppvideodec ! \
  rknnyolo model="$MODEL" overload=skip ! \
  rknnyolooverlay hud=true keep-boxes=500 ! autovideosink
