# SPDX-License-Identifier: LGPL-2.1-or-later
"""GStreamer for the scripts: with advice where it is missing, and with the
plugin of the build tree where that is not installed.

    from common.gstreamer import GLib, Gst
"""

import os
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.argv[0]).name

# What is looked for first; a board's own come before what computes.
DECODERS = {
    "video/x-h264": ("mppvideodec", "v4l2slh264dec", "v4l2h264dec", "avdec_h264", "openh264dec"),
    "video/x-h265": ("mppvideodec", "v4l2slh265dec", "v4l2h265dec", "avdec_h265"),
}
HARDWARE = ("mpp", "v4l2")

# {gop}: frames from one key frame to the next. The software ones would take
# 4:4:4 and RGB as they are, which few players show.
YUV420 = "video/x-raw,format=(string){I420,NV12} ! "
ENCODERS = {
    "mpph264enc": "mpph264enc gop=%(gop)d",
    "v4l2h264enc": "v4l2h264enc extra-controls=controls,h264_i_frame_period=%(gop)d ! "
                   "video/x-h264,level=(string)4",
    "x264enc": YUV420 + "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=%(gop)d",
    "openh264enc": YUV420 + "openh264enc complexity=low gop-size=%(gop)d",
}

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
if (TOP / "build/gst").is_dir():
    os.environ["GST_PLUGIN_PATH"] = ":".join(
        filter(None, [str(TOP / "build/gst"), os.environ.get("GST_PLUGIN_PATH")]))

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


def encoder(gop):
    """The description of the H.264 encoder to use, with its parser."""
    need_elements("h264parse")
    for name, description in ENCODERS.items():
        if exists(name):
            # Passes everything on untouched where the encoder takes it as it is.
            return "videoconvert ! %s ! h264parse config-interval=-1" % (
                description % {"gop": gop})
    fail("GStreamer has none of the H.264 encoders %s here; Debian has x264enc in %s"
         % (", ".join(ENCODERS), PACKAGES["x264enc"]))


def decoders(caps):
    """The names of the decoders for a stream of these caps, best first."""
    return [name for name in DECODERS.get(caps.get_structure(0).get_name(), ()) if exists(name)]


def screen():
    """The description of a sink that shows pictures: under a desktop what the
    desktop has, else the display itself."""
    if os.environ.get("WAYLAND_DISPLAY") and exists("waylandsink"):
        return "waylandsink"
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return "glimagesink" if exists("glimagesink") else "autovideosink"
    if os.path.exists("/dev/dri/card0") and exists("kmssink"):
        return "kmssink"
    return "autovideosink"


def make(description):
    """A bin with the unlinked pads of what is described."""
    return Gst.parse_bin_from_description(description, True)
