# SPDX-License-Identifier: LGPL-2.1-or-later
"""A source of decoded video that comes back when it was lost.

    input = Input("rtsp://192.0.2.7/stream1", program)
    pipeline.add(input.bin)
    input.bin.link(...)
    input.start()                  # when the pipeline plays

What is in the bin is thrown away and made anew when the source reports an
error, ends although it has no end, or gives nothing for a while. The bin, its
pad and all that is behind it stay: downstream sees a pause, and then perhaps
other caps. Times go on, since each source stamps its frames with the running
time of the pipeline.

Everything here is called in the main loop's thread, but for the probes.
"""

import os
import re
import time

from common.arguments import number, size
from common.elements import HARDWARE, decoders
from common.gstreamer import GLib, Gst, add_linked, make, need_elements, say

STALL = 5.0                 # seconds without a frame after which a source is lost
FIRST_FRAME = 15.0          # the same before the first one: models load, cameras start
RETRY = (0.2, 0.5, 1.0, 2.0)    # seconds before the 1st, 2nd, ... attempt

# Devices whose frames the hardware of the board can read without a copy.
BOARD = os.path.exists("/dev/mpp_service") or os.path.exists("/dev/rga")

SOURCES = """\
a source is one of
  /dev/video0 or 0       a camera
  rtsp://HOST/PATH       a network camera; also http:// and others
  FILE                   a video
  gst:DESCRIPTION        what gst-launch-1.0 would take, for example
                         'gst:libcamerasrc ! video/x-raw,format=NV12'
  test                   a test picture"""

CAMERA_CAPS = "video/x-raw%(wanted)s;image/jpeg%(wanted)s;video/x-h264%(wanted)s"


def add_arguments(parser):
    group = parser.add_argument_group("sources")
    group.add_argument("--size", metavar="WxH", type=size, help="what cameras shall give")
    group.add_argument("--rate", metavar="N", type=number(1, 1000),
                       help="frames a second of cameras")
    group.add_argument("--latency", metavar="MS", type=number(0, 60000), default=200,
                       help="buffer of network cameras (200)")
    group.add_argument("--udp", action="store_true", help="take RTSP by UDP, not by TCP")


# A description may end with caps then.
AS_ELEMENT = " ! identity silent=true"


class Input:
    """paced: files come in their own time, as from a camera.
    loop: files begin again at their end; only with paced.
    on_end: called when a file has ended; None: its end goes downstream."""

    def __init__(self, source, args, paced=False, loop=False, on_end=None):
        self.source, self.args = source, args
        self.paced, self.loop, self.on_end = paced, loop, on_end
        self.kind = self._kind()
        self.endless = self.kind != "file"
        # In messages, which others may read: without the password.
        self.name = re.sub(r"//[^/@]*@", "//", source)
        self.bin = Gst.Bin.new(None)
        self.bin.set_property("async-handling", True)
        self.pad = Gst.GhostPad.new_no_target("src", Gst.PadDirection.SRC)
        self.bin.add_pad(self.pad)
        self.pad.add_probe(Gst.PadProbeType.BUFFER | Gst.PadProbeType.EVENT_DOWNSTREAM,
                           self._passing)
        self.frames = 0             # since the beginning; written by a streaming thread
        self.refused = set()        # decoders that exist and do not work
        self._running = False
        self._built = False
        self._attempts = 0          # without a frame
        self._fresh = False         # no frame since the last start
        self._last = 0.0            # when something was heard of the source
        self._timers = []
        self._check()

    # ---- what is in the bin ----

    def _kind(self):
        if self.source == "test":
            return "test"
        if re.match(r"(\d+|/dev/video.*)$", self.source):
            return "camera"
        if self.source.startswith("gst:"):
            return "gst"
        if self.source.startswith(("rtsp://", "rtsps://")):
            return "rtsp"
        return "uri" if "://" in self.source else "file"

    def _check(self):
        if self.kind == "rtsp":
            need_elements("rtspsrc")
        if self.kind == "file" and not os.path.exists(self.source):
            raise ValueError("there is no file %s" % self.source)
        if self.kind == "gst":
            try:
                make(self.source[4:] + AS_ELEMENT)
            except GLib.Error as error:
                raise ValueError("%s: %s" % (self.source, error.message)) from error

    def _build(self):
        if self.kind in ("test", "gst"):
            description = self.source[4:] if self.kind == "gst" else (
                "videotestsrc is-live=true ! video/x-raw,format=NV12,width=640,height=480,"
                "framerate=25/1")
            # Whatever it gives: decodebin lets raw video pass.
            last = add_linked(self.bin, make(description + AS_ELEMENT),
                              Gst.ElementFactory.make("decodebin"))
            last.connect("pad-added", self._decoded)
        elif self.kind == "camera":
            last = add_linked(self.bin, *self._camera(), Gst.ElementFactory.make("decodebin"))
            last.connect("pad-added", self._decoded)
        else:
            self._build_stream()

    def _camera(self):
        source = Gst.ElementFactory.make("v4l2src")
        device = self.source if self.source.startswith("/") else "/dev/video" + self.source
        source.set_property("device", device)
        if BOARD:
            Gst.util_set_object_arg(source, "io-mode", "dmabuf")
        wanted = ""
        if self.args.size:
            wanted += ",width=%d,height=%d" % self.args.size
        if self.args.rate:
            wanted += ",framerate=%d/1" % self.args.rate
        if not wanted:
            return (source,)
        caps = Gst.ElementFactory.make("capsfilter")
        caps.set_property("caps", Gst.Caps.from_string(CAMERA_CAPS % {"wanted": wanted}))
        return source, caps

    def _build_stream(self):
        """Encoded streams, of which the first video is taken."""
        if self.kind == "rtsp":
            source = Gst.ElementFactory.make("rtspsrc")
            source.set_property("location", self.source)
            source.set_property("latency", self.args.latency)
            if not self.args.udp:
                Gst.util_set_object_arg(source, "protocols", "tcp")
            source.connect("select-stream", lambda _source, _number, caps:
                           caps.get_structure(0).get_string("media") == "video")
        elif self.kind == "uri":
            source = Gst.ElementFactory.make("urisourcebin")
            source.set_property("uri", self.source)
        else:
            source = Gst.ElementFactory.make("filesrc")
            source.set_property("location", self.source)
        parse = Gst.ElementFactory.make("parsebin")
        add_linked(self.bin, source)
        add_linked(self.bin, parse)
        parse.connect("pad-added", self._stream_found)
        if not source.link(parse):
            source.connect("pad-added", _link_to, parse)

    def _stream_found(self, _parse, pad):
        """Streaming thread."""
        caps = pad.get_current_caps() or pad.query_caps(None)
        name = caps.get_structure(0).get_name() if caps.get_size() > 0 else ""
        if not name.startswith(("video/", "image/")) or self.pad.get_target() is not None \
                or self.bin.get_by_name("decoder") is not None:
            sink = Gst.ElementFactory.make("fakesink")
            sink.set_property("async", False)
            sink.set_property("sync", False)
            self.bin.add(sink)
            sink.sync_state_with_parent()
            pad.link(sink.get_static_pad("sink"))
            return
        names = [name for name in decoders(caps) if name not in self.refused]
        decoder = Gst.ElementFactory.make(names[0] if names else "decodebin", "decoder")
        # Frames that are compressed in memory nobody else could read.
        for fbc in ("arm-afbc", "fbc"):
            if decoder.find_property(fbc) is not None:
                decoder.set_property(fbc, False)
        queue = Gst.ElementFactory.make("queue")
        add_linked(self.bin, queue, decoder)
        source = decoder.get_static_pad("src")
        if source is None:
            decoder.connect("pad-added", self._decoded)
        else:
            self._decoded(decoder, source)
        decoder.sync_state_with_parent()
        queue.sync_state_with_parent()
        pad.link(queue.get_static_pad("sink"))

    def _decoded(self, _element, pad):
        """Streaming thread.  Converts only what rknnyolo does not take."""
        if self.pad.get_target() is not None:
            return
        chain = [Gst.ElementFactory.make("videoconvert")]
        if self.paced and self.kind == "file":
            chain.append(Gst.ElementFactory.make("clocksync"))
            chain[-1].set_property("ts-offset", self._running_time())
            self.pad.set_offset(self._running_time())
        last = add_linked(self.bin, *chain)
        self.pad.set_target(last.get_static_pad("src"))
        for element in reversed(chain):
            element.sync_state_with_parent()
        pad.link(chain[0].get_static_pad("sink"))

    def _running_time(self):
        clock = self.bin.get_clock()
        return max(0, clock.get_time() - self.bin.get_base_time()) if clock else 0

    # ---- its life ----

    def start(self):
        self._running = True
        self._timers = [GLib.timeout_add(500, self._watch)]
        self._start()

    def _start(self):
        if not self._running:
            return GLib.SOURCE_REMOVE
        self._built = self._fresh = True
        self._last = time.monotonic()
        self._build()
        self.bin.set_locked_state(False)
        if not self.bin.sync_state_with_parent():
            # After the message that tells why, if there is one.
            GLib.idle_add(self.lost, "it does not start")
        return GLib.SOURCE_REMOVE

    def _clear(self):
        self._built = False
        self.bin.set_locked_state(True)
        self.bin.set_state(Gst.State.NULL)
        self.pad.set_target(None)
        for element in list(self.bin.children):
            self.bin.remove(element)

    def stop(self):
        """Nothing comes after this; the pipeline may be stopped."""
        self._running = False
        for timer in self._timers:
            GLib.source_remove(timer)
        self._timers = []

    def finish(self):
        """Ends the stream behind the source.  Blocks as long as a frame is on
        its way there; call it in a thread."""
        self._running = False
        peer = self.pad.get_peer()
        if peer is not None:
            peer.send_event(Gst.Event.new_eos())

    def lost(self, reason):
        """The source is gone: another attempt, a little later each time."""
        if not self._running or not self._built:
            return GLib.SOURCE_REMOVE
        if self._attempts == 0:
            say("%s: %s; trying again until it is back" % (self.name, reason.rstrip(".")))
        delay = RETRY[min(self._attempts, len(RETRY) - 1)]
        self._attempts += 1
        self._clear()
        GLib.timeout_add(int(delay * 1000), self._start)
        return GLib.SOURCE_REMOVE

    def failed(self, message):
        """Takes an error message of something in the bin; returns None if it
        is dealt with, otherwise the text of what is wrong for good."""
        error, _debug = message.parse_error()
        factory = message.src.get_factory() if isinstance(message.src, Gst.Element) else None
        name = factory.get_name() if factory else ""
        if not self._running:
            return None
        if self._fresh and name.startswith(HARDWARE) and message.src.get_name() == "decoder":
            say("%s does not work here (%s); trying another decoder" % (name, error.message))
            self.refused.add(name)
            self._clear()
            self._start()
            return None
        if self.endless:
            self.lost(error.message)
            return None
        return "%s: %s" % (self.name, error.message)

    def _watch(self):
        silent = time.monotonic() - self._last
        if self.endless and silent > (FIRST_FRAME if self._fresh else STALL):
            self.lost("nothing came for %.0f seconds" % silent)
        return GLib.SOURCE_CONTINUE

    # ---- what passes ----

    def _passing(self, _pad, info):
        """Streaming thread."""
        if info.type & Gst.PadProbeType.BUFFER:
            self.frames += 1
            self._last = time.monotonic()
            if self._fresh:
                self._fresh = False
                GLib.idle_add(self._back)
            return Gst.PadProbeReturn.OK
        if info.get_event().type != Gst.EventType.EOS:
            return Gst.PadProbeReturn.OK
        if self.endless:
            GLib.idle_add(self.lost, "the source ended")
            return Gst.PadProbeReturn.DROP
        if self.loop:
            GLib.idle_add(self._again)
            return Gst.PadProbeReturn.DROP
        if self.on_end is not None:
            GLib.idle_add(self.on_end, self)
            return Gst.PadProbeReturn.DROP
        return Gst.PadProbeReturn.OK

    def _again(self):
        if self._running and self._built:
            self._clear()
            self._start()
        return GLib.SOURCE_REMOVE

    def _back(self):
        if self._attempts > 0:
            say("%s: it is back" % self.name)
        self._attempts = 0
        return GLib.SOURCE_REMOVE


def _link_to(_element, pad, parse):
    sink = parse.get_static_pad("sink")
    if not sink.is_linked():
        pad.link(sink)
