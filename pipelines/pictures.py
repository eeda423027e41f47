#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Finds objects in the pictures of a folder: writes a copy of each with boxes,
and detections.json with all that was found.

    pictures.py FOLDER OUTPUT-FOLDER

Pictures are what GStreamer decodes: JPEG, PNG and others; they are turned as
their camera says. detections.json has for each picture
    {"file": ..., "width": ..., "height": ..., "detections": [
      {"label": ..., "class_id": ..., "confidence": ..., "box": [x, y, w, h]}]}
with boxes in pixels of the picture. The exit code is 1 if a picture could not
be read, or there is none.
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

from common import model
from common.gstreamer import GLib, Gst, GstVideo, fail, need_elements, say
from apps.detections import detections

READ = ("filesrc name=source ! decodebin ! videoflip video-direction=auto ! videoconvert ! "
        "video/x-raw,format=RGB,pixel-aspect-ratio=1/1 ! appsink name=sink sync=false")
FIND = ("appsrc name=source format=time block=true max-buffers=4 ! "
        "rknnyolo name=yolo ! rknnyolooverlay ! videoconvert ! jpegenc quality=92 ! "
        "appsink name=sink sync=false max-buffers=4")
PICTURES = {".avif", ".bmp", ".gif", ".heic", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff",
            ".webp"}
READ_LIMIT = 30     # seconds


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    parser.add_argument("output", metavar="OUTPUT-FOLDER", type=Path)
    model.add_arguments(parser)
    return parser.parse_args()


def read(path):
    """The decoded picture as a Gst.Sample; ValueError when there is none."""
    pipeline = Gst.parse_launch(READ)
    sink = pipeline.get_by_name("sink")
    pipeline.get_by_name("source").set_property("location", str(path))
    pipeline.set_state(Gst.State.PLAYING)
    sample = error = None
    end = time.monotonic() + READ_LIMIT
    try:
        while sample is None and error is None and time.monotonic() < end \
                and not sink.get_property("eos"):
            sample = sink.emit("try-pull-sample", Gst.SECOND // 20)
            error = pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
    finally:
        pipeline.set_state(Gst.State.NULL)
    if sample is None:
        raise ValueError(error.parse_error()[0].message if error else "there is no picture in it")
    return sample


def write_whole(path, data):
    """Leaves no part of a file when that fails."""
    try:
        path.write_bytes(data)
    except OSError as error:
        if path.is_file():
            path.unlink()
        fail("%s cannot be written: %s. Make room, or name another folder" % (
            path, error.strerror))


class Finder:
    """A pipeline that pictures go through, each with caps of its own. Some are
    on their way at once, so that all cores have work."""

    def __init__(self, args):
        self.pipeline = Gst.parse_launch(FIND)
        self.source = self.pipeline.get_by_name("source")
        self.sink = self.pipeline.get_by_name("sink")
        self.output = args.output
        self.names = []             # of the pictures that went in; time n is names[n]
        self.results = []
        model.configure(self.pipeline.get_by_name("yolo"), args)
        # The detections are read where the picture still is one; as a JPEG it
        # carries none.
        self.pipeline.get_by_name("yolo").get_static_pad("src").add_probe(
            Gst.PadProbeType.BUFFER, self._found)
        self.pipeline.set_state(Gst.State.PLAYING)

    def _found(self, pad, info):
        """Streaming thread; in the order in which the pictures went in."""
        video = GstVideo.VideoInfo.new_from_caps(pad.get_current_caps())
        self.results.append({
            "file": self.names[len(self.results)], "width": video.width, "height": video.height,
            "detections": [
                {"label": d.label, "class_id": d.class_id,
                 "confidence": round(d.confidence, 5), "box": [d.x, d.y, d.width, d.height]}
                for d in detections(info.get_buffer())]})
        return Gst.PadProbeReturn.OK

    def check(self):
        """Ends the program when something went wrong."""
        message = self.pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
        if message is not None:
            fail(message.parse_error()[0].message)

    def put(self, name, sample):
        buffer = sample.get_buffer().copy_deep()
        buffer.pts = len(self.names) * Gst.SECOND
        buffer.duration = Gst.SECOND
        self.names.append(name)
        self.source.set_property("caps", sample.get_caps())
        self.source.emit("push-buffer", buffer)
        self.check()
        self.write(0)

    def write(self, wait):
        """Writes the pictures that are ready."""
        sample = self.sink.emit("try-pull-sample", wait)
        while sample is not None:
            buffer = sample.get_buffer()
            name = self.names[buffer.pts // Gst.SECOND]
            if Path(name).suffix.lower() not in (".jpg", ".jpeg"):
                name += ".jpg"
            mapped, data = buffer.map(Gst.MapFlags.READ)
            if mapped:
                write_whole(self.output / name, data.data)
                buffer.unmap(data)
            sample = self.sink.emit("try-pull-sample", 0)

    def finish(self):
        self.source.emit("end-of-stream")
        while not self.sink.get_property("eos"):
            self.write(Gst.SECOND // 10)
            self.check()


def look_for(args):
    if not args.folder.is_dir():
        fail("there is no folder %s" % args.folder)
    paths = sorted(path for path in args.folder.iterdir() if path.suffix.lower() in PICTURES)
    if not paths:
        fail("there are no pictures in %s; their names end in %s"
             % (args.folder, ", ".join(sorted(PICTURES))))
    try:
        args.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fail("the folder %s cannot be made (%s); name another" % (args.output, error.strerror))
    if args.output.samefile(args.folder):
        fail("the pictures of %s would be overwritten; name another folder" % args.folder)
    return paths


def find(finder, paths):
    """Returns how many pictures could not be read."""
    unread = 0
    for path in paths:
        try:
            sample = read(path)
        except ValueError as error:
            say("%s: %s" % (path, error))
            unread += 1
            continue
        finder.put(path.name, sample)
    finder.finish()
    return unread


def interrupted(number_of_signal, _frame):
    fail("interrupted; there is no detections.json of this run", 128 + number_of_signal)


def pictures():
    args = parse_arguments()
    for number_of_signal in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number_of_signal, interrupted)
    model.resolve(args)
    need_elements("jpegenc", "videoflip")
    paths = look_for(args)
    finder = Finder(args)
    try:
        unread = find(finder, paths)
    finally:
        finder.pipeline.set_state(Gst.State.NULL)
    if not finder.results:
        return 1
    found = json.dumps({"model": os.path.basename(args.model), "pictures": finder.results},
                       indent=1, ensure_ascii=False)
    write_whole(args.output / "detections.json", (found + "\n").encode("utf-8"))
    print("%d pictures, %d objects: %s" % (
        len(finder.results), sum(len(p["detections"]) for p in finder.results),
        args.output / "detections.json"))
    return 1 if unread else 0


if __name__ == "__main__":
    try:
        sys.exit(pictures())
    except (GLib.Error, OSError) as exception:
        fail(str(exception))
