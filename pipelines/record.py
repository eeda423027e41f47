#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records what a camera, an RTSP address or a file shows, with what is found.

    record.py [--output NAME] [--seconds N] SOURCE

It writes NAME-00000.mp4, NAME-00001.mp4, ..., each N seconds long, behind
those that are there already, and ends with Ctrl-C, SIGTERM or the end of the
file. A file plays at any time: what was written before the power failed or
the disk was full is not lost, but for the last second. A camera that is lost
is waited for.
"""

import argparse
import glob
import os
import re

from common import inputs, model
from common.elements import encoder, hide_latency, make_playable
from common.gstreamer import Gst, fail, make, need_elements, say
from common.program import Program, main


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=inputs.SOURCES,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("--output", metavar="NAME", default="recording",
                        help="path and beginning of the names of the files (recording)")
    parser.add_argument("--seconds", metavar="N", type=float, default=60,
                        help="length of a file; 0: all in one (60)")
    parser.add_argument("--keep", metavar="N", type=int, default=0,
                        help="keep only the newest N files")
    parser.add_argument("--no-hud", action="store_true", help="draw boxes only")
    inputs.add_arguments(parser)
    model.add_arguments(parser)
    return parser.parse_args()


class Files:
    """The names of the files, and which are there."""

    def __init__(self, name, keep):
        self.name, self.keep = name, keep
        pattern = re.compile(re.escape(name) + r"-(\d+)\.mp4$")
        numbers = [int(match[1]) for match in
                   map(pattern.match, glob.glob(glob.escape(name) + "-*.mp4")) if match]
        self.first = max(numbers, default=-1) + 1
        self.written = []
        self.frames = 0

    def count(self, _pad, _info):
        """Streaming thread: a frame has been encoded."""
        self.frames += 1
        return Gst.PadProbeReturn.OK

    def next(self, _sink, number):
        """Streaming thread: a file begins."""
        path = "%s-%05d.mp4" % (self.name, self.first + number)
        self.written.append(path)
        if self.keep and len(self.written) > self.keep:
            # The one before may still be on its way to the disk.
            _remove(self.written[-self.keep - 1])
        return path


class Format:
    """A camera may come back with another size; an MP4 file has one."""

    def __init__(self, sink):
        self.sink, self.size = sink, None

    def event(self, _pad, info):
        """Streaming thread."""
        event = info.get_event()
        if event.type == Gst.EventType.CAPS:
            caps = event.parse_caps().get_structure(0)
            size = caps.get_value("width"), caps.get_value("height")
            if self.size not in (None, size):
                self.sink.emit("split-now")
            self.size = size
        return Gst.PadProbeReturn.OK


def _remove(path):
    try:
        os.unlink(path)
    except OSError as error:
        say("%s cannot be removed: %s" % (path, error.strerror))


def write_at_once(_sink, sink):
    Gst.util_set_object_arg(sink, "buffer-mode", "unbuffered")


def build(args, source, files):
    pipeline = Gst.Pipeline.new(None)
    live = source.endless
    rate = args.rate or 25
    chain = make("rknnyolo name=yolo ! rknnyolooverlay name=overlay ! queue max-size-buffers=4 ! "
                 + encoder(gop=rate))
    overlay, sink = chain.get_by_name("overlay"), Gst.ElementFactory.make("splitmuxsink")
    overlay.set_property("hud", not args.no_hud)
    model.configure(chain.get_by_name("yolo"), args, overload="skip" if live else "wait")
    sink.set_property("max-size-time", int(args.seconds * Gst.SECOND))
    # Another file while the one before is still finished; and only with this the
    # muxers are new for each.
    sink.set_property("async-finalize", True)
    sink.set_property("send-keyframe-requests", True)
    sink.connect("format-location", files.next)
    sink.connect("muxer-added", lambda _sink, muxer: make_playable(muxer))
    sink.connect("sink-added", write_at_once)
    pipeline.add(source.bin)
    pipeline.add(chain)
    output = Gst.Bin.new("output")
    output.set_property("async-handling", True)
    output.add(sink)
    output.add_pad(Gst.GhostPad.new("sink", sink.request_pad_simple("video")))
    pipeline.add(output)
    source.bin.link(chain)
    chain.link(output)
    encoded = chain.get_static_pad("src")
    hide_latency(encoded)
    encoded.add_probe(Gst.PadProbeType.BUFFER, files.count)
    encoded.add_probe(Gst.PadProbeType.EVENT_DOWNSTREAM, Format(sink).event)
    return pipeline


def record():
    args = parse_arguments()
    folder = os.path.dirname(args.output) or "."
    if not os.access(folder, os.W_OK):
        fail("nothing can be written in %s" % folder)
    model.resolve(args)
    need_elements("splitmuxsink", "mp4mux")
    source = inputs.Input(args.source, args)
    files = Files(args.output, args.keep)
    pipeline = build(args, source, files)
    status = Program(pipeline, [source], [pipeline.get_by_name("output")]).run()
    kept = [path for path in files.written if os.path.exists(path)]
    say("%d frames, %d files%s" % (files.frames, len(kept),
                                   ": %s to %s" % (kept[0], kept[-1]) if kept else ""))
    return status


if __name__ == "__main__":
    main(record)
