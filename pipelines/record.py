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
from common.arguments import check_output, number
from common.elements import encoder, hide_latency, make_playable
from common.gstreamer import Gst, add_linked, need_elements, say
from common.program import Program, main


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=inputs.SOURCES,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("--output", metavar="NAME", default="recording",
                        help="path and beginning of the names of the files (recording)")
    parser.add_argument("--seconds", metavar="N", type=number(0, 86400, float),
                        default=60,
                        help="length of a file; 0: all in one (60)")
    parser.add_argument("--keep", metavar="N", type=number(0), default=0,
                        help="keep only the newest N files")
    inputs.add_arguments(parser)
    model.add_arguments(parser, hud=True)
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
    chain = model.finder(args, "queue max-size-buffers=4 ! " + encoder(gop=args.rate or 25),
                         overload="skip" if source.endless else "wait")
    sink = Gst.ElementFactory.make("splitmuxsink")
    sink.set_property("max-size-time", int(args.seconds * Gst.SECOND))
    # Another file while the one before is still finished; and only with this the
    # muxers are new for each.
    sink.set_property("async-finalize", True)
    sink.set_property("send-keyframe-requests", True)
    sink.connect("format-location", files.next)
    sink.connect("muxer-added", lambda _sink, muxer: make_playable(muxer))
    sink.connect("sink-added", write_at_once)
    output = Gst.Bin.new("output")
    output.set_property("async-handling", True)
    output.add(sink)
    output.add_pad(Gst.GhostPad.new("sink", sink.request_pad_simple("video")))
    add_linked(pipeline, source.bin, chain, output)
    encoded = chain.get_static_pad("src")
    hide_latency(encoded)
    encoded.add_probe(Gst.PadProbeType.BUFFER, files.count)
    encoded.add_probe(Gst.PadProbeType.EVENT_DOWNSTREAM, Format(sink).event)
    return pipeline


def record():
    args = parse_arguments()
    check_output(args.output + "-00000.mp4")
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
