#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Shows a video file with what is found in a window, every frame inferred:
#
#   pipelines/file.sh VIDEO
set -eu
[ $# = 1 ] || { sed -n '3,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
# shellcheck source=pipelines/environment.sh
. "$(dirname "$0")/environment.sh"

exec gst-launch-1.0 -e \
  filesrc location="$1" ! decodebin ! videoconvert ! \
  rknnyolo model="$MODEL" ! rknnyolooverlay hud=true ! \
  videoconvert ! autovideosink
