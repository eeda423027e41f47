# SPDX-License-Identifier: LGPL-2.1-or-later
"""GStreamer for the scripts: with advice where it is missing, and with the
plugin of the build tree where that is not installed.

    from common.gstreamer import GLib, Gst
"""

import os
import signal
import sys
from pathlib import Path

# Until a pipeline runs there is nothing to be brought to an end.
for _number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(_number, lambda *_arguments: sys.exit(0))

TOP = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.argv[0]).name

# Where Debian has them; what is not here is in gstreamer1.0-plugins-good or in
# -base, which nobody lacks who has the tools.
PACKAGES = {
    "avdec_h264": "gstreamer1.0-libav",
    "compositor": "gstreamer1.0-plugins-base",
    "h264parse": "gstreamer1.0-plugins-bad",
    "rtspsrc": "gstreamer1.0-plugins-good",
    "splitmuxsink": "gstreamer1.0-plugins-good",
    "x264enc": "gstreamer1.0-plugins-ugly",
}


def fail(text, status=1):
    print("%s: %s" % (PROGRAM, text), file=sys.stderr)
    sys.exit(status)


def say(text):
    print("%s: %s" % (PROGRAM, text), file=sys.stderr, flush=True)


try:
    import gi
except ImportError:
    fail("the Python module gi is missing; Debian has it in python3-gi. If it is installed, "
         "%s is not Debian's Python: start the script with /usr/bin/python3" % sys.executable)


def need_bindings(name, package):
    """Makes gi.repository.NAME available, or ends the program with advice."""
    try:
        gi.require_version(name, "1.0")
    except ValueError:
        fail("Python cannot find GStreamer's %s; Debian has it in %s" % (name, package))


for _name, _package in (("Gst", "gir1.2-gstreamer-1.0"),
                        ("GstVideo", "gir1.2-gst-plugins-base-1.0")):
    need_bindings(_name, _package)

# Read when GStreamer starts.
if (TOP / "build/gst").is_dir() and not (
        {"GST_PLUGIN_PATH", "GST_PLUGIN_PATH_1_0"} & set(os.environ)):
    os.environ["GST_PLUGIN_PATH"] = str(TOP / "build/gst")

# pylint: disable=wrong-import-position
from gi.repository import GLib, Gst, GstVideo  # noqa: E402,F401

Gst.init(None)


def exists(name):
    return Gst.ElementFactory.find(name) is not None


def need_elements(*names):
    """Ends the program with advice unless GStreamer has all of them."""
    for name in ("rknnyolo", "rknnyolooverlay"):
        if not exists(name):
            fail("GStreamer has no element %s here. Build it (meson setup build && ninja -C "
                 "build), install it, or set GST_PLUGIN_PATH to the folder of "
                 "libgstrknnyolo.so; the overlay needs Pango's development files when it is "
                 "built" % name)
    for name in names:
        if not exists(name):
            fail("GStreamer has no element %s here; Debian has it in %s"
                 % (name, PACKAGES.get(name, "gstreamer1.0-plugins-good")))


def make(description):
    """A bin with the unlinked pads of what is described."""
    return Gst.parse_bin_from_description(description, True)
