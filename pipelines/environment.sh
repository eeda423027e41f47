# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Read by the pipelines beside it: where the plugin is, if it was built here
# and not installed, and which model runs. MODEL names another one.

top=$(cd "$(dirname "$0")/.." && pwd)
if [ -d "$top/build/gst" ]; then
  GST_PLUGIN_PATH=$top/build/gst${GST_PLUGIN_PATH:+:$GST_PLUGIN_PATH}
  export GST_PLUGIN_PATH
fi

if [ -z "${MODEL-}" ]; then
  "$top/tools/fetch-onnxruntime" || exit
  MODEL=$("$top/tools/fetch-demo-model") || exit
fi

# Ends with advice where GStreamer lacks element $1.
need_element ()
{
  gst-inspect-1.0 --exists "$1" || {
    echo "$(basename "$0"): GStreamer has no element $1 here. $2" >&2
    exit 1
  }
}
