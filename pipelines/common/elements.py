# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which elements decode, encode and show: a board's own where they are."""

import functools
import os

from common.gstreamer import PACKAGES, Gst, exists, fail, make, need_elements, say

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

FRAGMENT = 1000     # ms: what of a file a crash may cost


@functools.lru_cache(maxsize=None)
def works(name):
    """Whether an element is there and starts: one for hardware that this machine
    lacks, or may not open, does not."""
    if not exists(name):
        return False
    element = Gst.ElementFactory.make(name)
    started = element.set_state(Gst.State.PAUSED) != Gst.StateChangeReturn.FAILURE
    element.set_state(Gst.State.NULL)
    if not started:
        say("%s does not start here; is its device there, and may you open it? Taking another "
            "one" % name)
    return started


def encoder(gop):
    """The description of the H.264 encoder to use, with its parser."""
    need_elements("h264parse")
    for name, description in ENCODERS.items():
        if works(name):
            # Passes everything on untouched where the encoder takes it as it is.
            return "videoconvert ! %s ! h264parse config-interval=-1" % (
                description % {"gop": gop})
    fail("GStreamer has none of the H.264 encoders %s here; Debian has x264enc in %s"
         % (", ".join(ENCODERS), PACKAGES["x264enc"]))


def decoders(caps):
    """The names of the decoders for a stream of these caps, best first."""
    names = DECODERS.get(caps.get_structure(0).get_name(), ())
    return [name for name in names if works(name)
            and Gst.ElementFactory.find(name).can_sink_any_caps(caps)]


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


def make_playable(muxer):
    """Lets an mp4mux write an index after each fragment, so that the file plays
    whatever happens, and one of the whole file at its end."""
    muxer.set_property("fragment-duration", FRAGMENT)
    Gst.util_set_object_arg(muxer, "fragment-mode", "first-moov-then-finalise")


def hide_latency(pad):
    """Keeps what follows pad from knowing that the source is live.

    A live muxer gives up waiting for frames that come too late, and in
    GStreamer up to 1.24 sometimes begins with the first one before it knows
    its segment ("Buffer has no PTS"). With one stream there is nothing to
    give up for."""
    def drop(_pad, info):
        is_latency = info.get_query().type == Gst.QueryType.LATENCY
        return Gst.PadProbeReturn.DROP if is_latency else Gst.PadProbeReturn.OK

    pad.add_probe(Gst.PadProbeType.QUERY_UPSTREAM, drop)


def screen_bin(description, sync):
    """What shows pictures, as a bin that waits for no first frame.
    description: None: what there is.  sync: at the time they are for."""
    def found(_bin, _parent, element):
        if element.find_property("max-lateness") is not None:
            element.set_property("sync", sync)
            element.set_property("async", False)

    sink = make("videoconvert ! " + (description or screen()))
    sink.set_property("async-handling", True)
    # autovideosink chooses later.
    sink.connect("deep-element-added", found)
    for element in sink.children:
        found(sink, sink, element)
    return sink
