#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shows what a camera, an RTSP address or a file has, with what is found, on
the screen.

    show.py [--every-frame] SOURCE

A frame that comes while all NPU cores are busy is shown without inference,
with the boxes of the one before, so that the picture is never late. A camera
that is lost is waited for. Ends with Ctrl-C or the end of the file.
"""

import argparse

from common import inputs, model
from common.elements import screen_bin
from common.gstreamer import Gst, add_linked, need_elements
from common.program import Program, main


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=inputs.SOURCES,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("--every-frame", action="store_true",
                        help="infer every frame, at the speed that this allows")
    parser.add_argument("--sink", metavar="DESCRIPTION",
                        help="what shows the pictures (default: what is there: a window, or "
                        "the display itself by kmssink)")
    inputs.add_arguments(parser)
    model.add_arguments(parser, hud=True)
    return parser.parse_args()


def build(args, source):
    pipeline = Gst.Pipeline.new(None)
    chain = model.finder(args, "queue max-size-buffers=2",
                         overload="wait" if args.every_frame else "skip")
    sink = screen_bin(args.sink, sync=not args.every_frame)
    add_linked(pipeline, source.bin, chain, sink)
    return pipeline, sink


def show():
    args = parse_arguments()
    model.resolve(args)
    need_elements("autovideosink")
    source = inputs.Input(args.source, args, paced=not args.every_frame)
    pipeline, sink = build(args, source)
    return Program(pipeline, [source], [sink]).run()


if __name__ == "__main__":
    main(show)
