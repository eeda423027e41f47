#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Takes a camera, an RTSP address or a file, and serves it by RTSP with what is
found.

    restream.py [--port N] [--path NAME] SOURCE

Then rtsp://THIS-MACHINE:8554/rknnyolo plays in any number of players; all get
the same frames, which are inferred and encoded once. When the source is lost
the players stay connected, see the last picture, and go on when it is back.
Ends with Ctrl-C or SIGTERM.
"""

import argparse
import threading

from common import inputs, model
from common.arguments import number
from common.elements import encoder
from common.gstreamer import GLib, Gst, GstVideo, add_linked, fail, need_bindings, say
from common.program import Program, main

need_bindings("GstRtspServer", "gir1.2-gst-rtsp-server-1.0")
# pylint: disable=wrong-import-position
from gi.repository import GstRtspServer  # noqa: E402

# The server's end of the way from the encoder to the players.
MEDIA = ("( appsrc name=frames is-live=true format=time max-bytes=8388608 block=false ! "
         "rtph264pay name=pay0 pt=96 config-interval=-1 )")
COPY = Gst.BufferCopyFlags.FLAGS | Gst.BufferCopyFlags.META | Gst.BufferCopyFlags.MEMORY
QUEUE_LIMIT = 4 << 20       # bytes: a player's network is too slow beyond


def credentials(text):
    name, colon, password = text.partition(":")
    if not (name and colon and password):
        raise argparse.ArgumentTypeError("expected is a name, a colon and a password")
    return name, password


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=inputs.SOURCES,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("--port", metavar="N", type=number(0, 65535), default=8554,
                        help="(8554); 0: any that is free")
    parser.add_argument("--path", default="rknnyolo", help="(rknnyolo)")
    parser.add_argument("--address", default="0.0.0.0",
                        help="of the network interface (all); 127.0.0.1: this machine only")
    parser.add_argument("--user", metavar="NAME:PASSWORD", type=credentials,
                        help="ask players for these")
    inputs.add_arguments(parser)
    model.add_arguments(parser, hud=True)
    return parser.parse_args()


class Listeners:
    """Who gets the encoded frames: an appsrc for each medium of the server,
    which there is as long as somebody plays.

    Each has a pipeline with a clock and times of its own. Its first frame is a
    key frame, which it gets with the time it has then; later ones follow at
    their distance from the first."""

    def __init__(self):
        self._lock = threading.Lock()
        self._shifts = {}           # appsrc -> ns to add to times; None: not begun
        self.request_key_frame = None

    def add(self, _factory, media):
        """The server has made a medium."""
        frames = media.get_element().get_by_name_recurse_up("frames")
        with self._lock:
            self._shifts[frames] = None
        media.connect("unprepared", lambda _media: self._remove(frames))
        self.request_key_frame()

    def _remove(self, frames):
        with self._lock:
            self._shifts.pop(frames, None)

    def send(self, sample):
        """Streaming thread: one encoded frame for all of them."""
        buffer, caps = sample.get_buffer(), sample.get_caps()
        with self._lock:
            for frames in self._shifts:
                self._send(frames, buffer, caps)

    def _send(self, frames, buffer, caps):
        shift = self._shifts[frames]
        is_key = not buffer.has_flags(Gst.BufferFlags.DELTA_UNIT)
        if frames.get_property("current-level-bytes") > QUEUE_LIMIT:
            shift = self._shifts[frames] = None
        if shift is None:
            clock = frames.get_clock()
            if not is_key or clock is None:
                return
            shift = clock.get_time() - frames.get_base_time() - buffer.pts
            self._shifts[frames] = shift
        copy = buffer.copy_region(COPY, 0, buffer.get_size())
        copy.pts = max(0, buffer.pts + shift)
        copy.dts = Gst.CLOCK_TIME_NONE
        frames.set_property("caps", caps)
        frames.emit("push-buffer", copy)


class LastPicture:
    """Repeats the last picture twice a second while none comes, so that players
    do not take the connection for dead.

    Pictures come here some time after that which they are dated with. A copy is
    dated as late as the last one came, and half a second less: the next of the
    source must not be older, though it may come a little faster."""

    SILENCE = Gst.SECOND

    def __init__(self, pad):
        self.pad = pad
        self._clock = Gst.SystemClock.obtain()
        self._buffer = None         # the last one, and when it came
        self._came = 0
        self._repeating = False
        pad.add_probe(Gst.PadProbeType.BUFFER | Gst.PadProbeType.EVENT_DOWNSTREAM, self._passing)
        GLib.timeout_add(500, self._repeat)

    def _passing(self, _pad, info):
        """Streaming thread, or the main loop's while it repeats."""
        if info.type & Gst.PadProbeType.BUFFER:
            if not self._repeating:
                # In this order: a new picture must not meet an old time below.
                self._came = self._clock.get_time()
                self._buffer = info.get_buffer()
        elif info.get_event().type == Gst.EventType.SEGMENT:
            # Times of pictures mean something else from here on.
            self._buffer = None
        return Gst.PadProbeReturn.OK

    def _repeat(self):
        buffer = self._buffer
        silence = self._clock.get_time() - self._came
        if buffer is not None and silence > self.SILENCE:
            copy = buffer.copy_region(COPY, 0, buffer.get_size())
            copy.pts = buffer.pts + silence - self.SILENCE // 2
            copy.dts = Gst.CLOCK_TIME_NONE
            self._repeating = True
            self.pad.push(copy)
            self._repeating = False
        return GLib.SOURCE_CONTINUE


def build(args, source, listeners):
    pipeline = Gst.Pipeline.new(None)
    pipeline.use_clock(Gst.SystemClock.obtain())
    chain = model.finder(
        args, "queue max-size-buffers=4 ! %s ! video/x-h264,stream-format=byte-stream,"
        "alignment=au ! identity silent=true" % encoder(gop=2 * (args.rate or 25)),
        overload="skip")
    sink = Gst.ElementFactory.make("appsink")
    for name in ("async", "sync"):
        sink.set_property(name, False)
    sink.set_property("emit-signals", True)

    def encoded(_sink):
        sample = sink.emit("pull-sample")
        if sample is not None:
            listeners.send(sample)
        return Gst.FlowReturn.OK

    sink.connect("new-sample", encoded)
    listeners.request_key_frame = lambda: sink.get_static_pad("sink").push_event(
        GstVideo.video_event_new_upstream_force_key_unit(Gst.CLOCK_TIME_NONE, True, 0))
    add_linked(pipeline, source.bin, chain, sink)
    LastPicture(chain.get_by_name("overlay").get_static_pad("src"))
    return pipeline


def protect(server, factory, user):
    """Only who knows user's name and password may play."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "player")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(*user), token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    for permission in (GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS,
                       GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT):
        permissions.add_permission_for_role("player", permission, True)
    factory.set_permissions(permissions)


def serve(args, listeners):
    server = GstRtspServer.RTSPServer()
    server.set_address(args.address)
    server.set_service(str(args.port))
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(MEDIA)
    factory.set_shared(True)
    factory.connect("media-configure", listeners.add)
    if args.user:
        protect(server, factory, args.user)
    server.get_mount_points().add_factory("/" + args.path.lstrip("/"), factory)
    if server.attach(None) == 0:
        fail("port %d of %s cannot be had; is another server there, or is that no address of this "
             "machine? --port and --address take others"
             % (args.port, args.address))
    # Players that went away without a word.
    GLib.timeout_add_seconds(10, lambda: server.get_session_pool().cleanup() >= 0)
    return server


def restream():
    args = parse_arguments()
    model.resolve(args)
    source = inputs.Input(args.source, args, paced=True, loop=True)
    listeners = Listeners()
    program = Program(build(args, source, listeners), [source])
    server = serve(args, listeners)
    say("rtsp://%s:%d/%s" % (args.address if args.address != "0.0.0.0" else "THIS-MACHINE",
                             server.get_bound_port(), args.path.lstrip("/")))
    return program.run()


if __name__ == "__main__":
    main(restream)
