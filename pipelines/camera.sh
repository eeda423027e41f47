#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Shows a camera with what is found in a window:
#
#   pipelines/camera.sh [DEVICE]
#
# A frame that comes while all cores are busy is shown without inference, with
# the boxes of the frame before, so that the picture is never late.
set -eu
# shellcheck source=pipelines/environment.sh
. "$(dirname "$0")/environment.sh"

exec gst-launch-1.0 -e \
  v4l2src device="${1:-/dev/video0}" ! decodebin ! videoconvert ! \
  rknnyolo model="$MODEL" overload=skip ! \
  rknnyolooverlay hud=true keep-boxes=500 ! \
  videoconvert ! autovideosink
