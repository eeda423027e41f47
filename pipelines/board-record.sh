#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# On a Rockchip board: records a camera with what is found, encoded by the
# board's own encoder:
#
#   MODEL=yolo11n.rknn pipelines/board-record.sh [DEVICE [FILE]]
#
# End it with Ctrl-C; the file is finished then.
set -eu
# shellcheck source=pipelines/environment.sh
. "$(dirname "$0")/environment.sh"
need_element mpph264enc "It is in gstreamer-rockchip, which the board's \
distribution has (gstreamer1.0-rockchip1)."

exec gst-launch-1.0 -e \
  v4l2src device="${1:-/dev/video0}" io-mode=dmabuf ! \
  video/x-raw,format=NV12 ! \
  rknnyolo model="$MODEL" overload=skip ! \
  rknnyolooverlay hud=true keep-boxes=500 ! \
  mpph264enc ! h264parse ! mp4mux ! filesink location="${2:-camera.mp4}"
