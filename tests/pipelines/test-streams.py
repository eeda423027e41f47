#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Four streams of other sizes and rates in one process, which share one loaded
model: each gets what is in its own pictures; speaks TAP.

    test-streams.py

The pictures and what a network finds in them are of the test data
(RKNNYOLO_TESTDATA).
"""

import json
import os
import sys
import time

from tap import LIMIT, SCRIPTS, TESTDATA, begin, done, ok, skip_all

# Read by the stand-in: a model that is loaded a second time fails.
os.environ["RKNN_STANDIN_FAIL"] = "rknn_init:2+"
begin("jpegdec", "imagefreeze", "rknnyolo")
sys.path.insert(0, str(SCRIPTS))

# pylint: disable=wrong-import-position
from gi.repository import Gst  # noqa: E402

from apps.detections import detections  # noqa: E402

MODEL = TESTDATA / "models/yolov8n_rk9_640.onnx"
IMAGES = TESTDATA / "coco/val_a/images"
# Picture, size of the stream, frames a second; 3 seconds of each.
STREAMS = (
    (22892, 500, 334, 2),       # a cat and a dog
    (359937, 640, 480, 5),      # two buses
    (406129, 428, 640, 3),      # tennis
    (289393, 1280, 960, 4),     # a giraffe
)
STREAM = ("filesrc location=%(file)s ! jpegdec ! imagefreeze is-live=true num-buffers=%(frames)d ! "
          "videoconvert ! videoscale add-borders=false ! video/x-raw,format=%(format)s,"
          "width=%(width)d,height=%(height)d,framerate=%(rate)d/1,pixel-aspect-ratio=1/1 ! "
          "rknnyolo name=yolo%(number)d model=%(model)s model-instance-id=shared cores=0 ! "
          "appsink name=sink%(number)d sync=false async=false ")


def expectations():
    """Picture -> [(label, score, x1, y1, x2, y2)], relative to the picture."""
    annotations = json.loads((TESTDATA / "coco/val_a/instances_val_a.json").read_text())
    names = {c["id"]: c["name"] for c in annotations["categories"]}
    sizes = {i["id"]: (i["width"], i["height"]) for i in annotations["images"]}
    found = {}
    for entry in json.loads((TESTDATA / "refs/dets_yolov8n_val_a.json").read_text()):
        width, height = sizes[entry["image_id"]]
        x, y, w, h = entry["bbox"]
        found.setdefault(entry["image_id"], []).append(
            (names[entry["category_id"]], entry["score"],
             x / width, y / height, (x + w) / width, (y + h) / height))
    return found


def overlap(a, b):
    """Intersection over union of two (..., x1, y1, x2, y2)."""
    w = min(a[-2], b[-2]) - max(a[-4], b[-4])
    h = min(a[-1], b[-1]) - max(a[-3], b[-3])
    area = max(0, w) * max(0, h)
    return area / ((a[-2] - a[-4]) * (a[-1] - a[-3]) + (b[-2] - b[-4]) * (b[-1] - b[-3]) - area)


def has(boxes, box, score):
    return any(box[0] == other[0] and other[1] > score and overlap(box, other) > 0.7
               for other in boxes)


def agree(found, expected):
    """All that is certain on one side is on the other, at least less certain.
    Other sizes of the same picture change the scores a little."""
    return (all(has(found, box, 0.3) for box in expected if box[1] > 0.6)
            and all(has(expected, box, 0.3) for box in found if box[1] > 0.6)
            and any(box[1] > 0.6 for box in expected))


def read(sample, width, height):
    return [(d.label, d.confidence, d.x / width, d.y / height,
             (d.x + d.width) / width, (d.y + d.height) / height)
            for d in detections(sample.get_buffer())]


def run(pipeline):
    """The frames of each stream, and an error or None."""
    sinks = [pipeline.get_by_name("sink%d" % i) for i in range(len(STREAMS))]
    frames = [[] for _ in STREAMS]
    pipeline.set_state(Gst.State.PLAYING)
    stop = time.monotonic() + LIMIT
    message = None
    while message is None and time.monotonic() < stop \
            and not all(sink.get_property("eos") for sink in sinks):
        for sink, stream, (_picture, width, height, _rate) in zip(sinks, frames, STREAMS):
            sample = sink.emit("try-pull-sample", Gst.SECOND // 100)
            if sample is not None:
                stream.append(read(sample, width, height))
        message = pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)
    return frames, message and message.parse_error()[0].message


def main():
    if not MODEL.exists():
        skip_all("no test data at RKNNYOLO_TESTDATA (%s)" % TESTDATA)
    formats = ("NV12", "RGB", "I420", "BGRx")
    pipeline = Gst.parse_launch(" ".join(STREAM % {
        "file": IMAGES / ("%012d.jpg" % picture), "frames": 3 * rate, "format": formats[i],
        "width": width, "height": height, "rate": rate, "number": i, "model": MODEL}
        for i, (picture, width, height, rate) in enumerate(STREAMS)))
    frames, error = run(pipeline)
    ok("four streams run with one loaded model", error is None, error)

    truth = expectations()
    for i, (picture, width, height, rate) in enumerate(STREAMS):
        wrong = [frame for frame in frames[i] if not agree(frame, truth[picture])]
        ok("%dx%d at %d a second: all its frames" % (width, height, rate),
           len(frames[i]) == 3 * rate, len(frames[i]))
        ok("with what is in them: %s" % ", ".join(
            sorted({box[0] for box in truth[picture] if box[1] > 0.6})),
           not wrong and frames[i], *wrong)
        others = [other for other, *_size in STREAMS if other != picture]
        ok("and in no other stream", not any(
            agree(frame, truth[other]) for frame in frames[i] for other in others))
    done()


main()
