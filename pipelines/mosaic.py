#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shows many cameras, RTSP addresses and files in one picture, with what is
found; they share one loaded model and the NPU's cores.

    mosaic.py [--output FILE.mp4] SOURCE...

Sources may come, go and come back; the others play on, and one that is gone is
black. Ends with Ctrl-C, or when all sources are files and have ended.
"""

import argparse
import math
import os

from common import inputs, model
from common.arguments import check_output, number, size
from common.elements import encoder, hide_latency, make_playable, screen_bin
from common.gstreamer import GLib, Gst, add_linked, fail, make, need_elements
from common.program import Program, main

SMALLEST = 32               # pixels that a source takes across and down
GONE = 3 * Gst.SECOND       # for so long the last picture of a source stays


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=inputs.SOURCES,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", metavar="SOURCE", nargs="+")
    parser.add_argument("--output", metavar="FILE", help="MP4 file to write, not the screen")
    parser.add_argument("--canvas", metavar="WxH", type=size, default=(1280, 720),
                        help="size of the whole picture (1280x720)")
    parser.add_argument("--fps", metavar="N", type=number(1, 240), default=25,
                        help="frames a second of the whole picture (25)")
    parser.add_argument("--loop", action="store_true", help="begin files again at their end")
    inputs.add_arguments(parser)
    model.add_arguments(parser)
    return parser.parse_args()


def tiles(count, width, height):
    """Rectangles (x, y, w, h) of a grid, with even numbers as 4:2:0 needs."""
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    w, h = width // columns // 2 * 2, height // rows // 2 * 2
    if min(w, h) < SMALLEST:
        fail("%dx%d pixels leave %dx%d for each of %d sources; expected are %dx%d or more. Say a "
             "larger --canvas" % (width, height, w, h, count, SMALLEST, SMALLEST))
    return [(i % columns * w, i // columns * h, w, h) for i in range(count)]


class Mosaic:
    def __init__(self, args):
        self.args = args
        self.pipeline = Gst.Pipeline.new(None)
        self.compositor = None
        self.inputs = []
        self.late = []
        self.pads = {}          # of the inputs that have not ended
        self.ended = 0
        self.program = None

    def build(self):
        args = self.args
        # Something that always comes: without it the picture would stand still
        # when all sources are gone. All of the format is said, so that it does
        # not change with the sources.
        output = make(
            "videotestsrc name=beat is-live=true pattern=black ! "
            "video/x-raw,format=I420,width=16,height=16,framerate=%(fps)d/1 ! "
            "compositor name=compositor background=black ignore-inactive-pads=true "
            "sink_0::alpha=0 latency=200000000 ! "
            "video/x-raw,format=I420,width=%(w)d,height=%(h)d,framerate=%(fps)d/1,"
            "colorimetry=bt709,chroma-site=mpeg2,pixel-aspect-ratio=1/1 ! "
            "queue max-size-buffers=4 ! identity silent=true"
            % {"fps": args.fps, "w": args.canvas[0], "h": args.canvas[1]})
        self.compositor = output.get_by_name("compositor")
        self.pipeline.add(output)
        self._add_sink(output)
        for source, tile in zip(args.sources, tiles(len(args.sources), *args.canvas)):
            self._add_input(output, source, tile)

    def _add_sink(self, output):
        if self.args.output:
            sink = make("%s ! mp4mux name=mux ! filesink name=file async=false "
                        "buffer-mode=unbuffered" % encoder(gop=2 * self.args.fps))
            mux = sink.get_by_name("mux")
            make_playable(mux)
            hide_latency(mux.sinkpads[0].get_peer())
            sink.get_by_name("file").set_property("location", self.args.output)
        else:
            sink = screen_bin(None, sync=True)
            self.late.append(sink)
        self.pipeline.add(sink)
        output.link(sink)

    def _add_input(self, output, name, tile):
        source = inputs.Input(name, self.args, paced=True, loop=self.args.loop,
                              on_end=self._ended)
        chain = model.finder(self.args, "queue max-size-buffers=2", overload="skip",
                             model_instance_id="mosaic")
        pad = self.compositor.request_pad_simple("sink_%u")
        for key, value in zip(("xpos", "ypos", "width", "height"), tile):
            pad.set_property(key, value)
        pad.set_property("max-last-buffer-repeat", GONE)
        if pad.find_property("sizing-policy") is not None:
            Gst.util_set_object_arg(pad, "sizing-policy", "keep-aspect-ratio")
        ghost = Gst.GhostPad.new(pad.get_name(), pad)
        output.add_pad(ghost)
        add_linked(self.pipeline, source.bin, chain)
        chain.get_static_pad("src").link(ghost)
        self.inputs.append(source)
        self.pads[source] = pad

    def _ended(self, source):
        self.ended += 1
        self.pads.pop(source, None)
        if self.ended == len(self.inputs):
            self.program.end()
        return GLib.SOURCE_REMOVE

    def end(self):
        """The beat is what keeps the picture going. It may end last: until then
        the picture stays as it was."""
        for pad in self.pads.values():
            pad.set_property("repeat-after-eos", True)
        self.pipeline.send_event(Gst.Event.new_eos())


def mosaic():
    args = parse_arguments()
    model.resolve(args)
    need_elements("compositor")
    if args.output:
        check_output(args.output)
        if os.path.exists(args.output) and any(
                os.path.exists(name) and os.path.samefile(name, args.output)
                for name in args.sources):
            fail("%s is one of the sources" % args.output)
    picture = Mosaic(args)
    picture.build()
    picture.program = Program(picture.pipeline, picture.inputs, picture.late, on_end=picture.end)
    status = picture.program.run()
    if args.output and os.path.isfile(args.output) and os.path.getsize(args.output) == 0:
        os.unlink(args.output)
    return status


if __name__ == "__main__":
    main(mosaic)
