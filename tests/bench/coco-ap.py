#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Average precision of whole pipelines, beside references made without them.

    coco-ap.py [--model PART] RKNNYOLO-COCO-EVAL PICTURE-TO-PPM

Runs models of the test data (RKNNYOLO_TESTDATA) over its COCO pictures, with
the settings of validation, and prints AP and how far it is from that of an
independent decoder:

    pictures   the pictures go through the element as they are
    letterbox  they are fitted to the model before, as the references did it
               (cv2.INTER_LINEAR, written out in numpy here), and the element
               has nothing left to scale: what differs is decoding

"int8" are the same models with their outputs quantised by the stand-in, by the
zero points and scales of the references.  AP is computed by coco_ap.py, and
has to be what rknnyolo-coco-eval prints.  Exit status 1 if an AP is off by
more than the tolerance.  Needs numpy.
"""

import argparse
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import coco_ap  # noqa: E402

# Resizing in another way moves AP by some thousandths, and more cannot be told
# apart on a hundred pictures; with the same pictures only rounding is left.
TOLERANCES = {"pictures": 0.004, "letterbox": 0.001}
BORDER = 114


class Case(NamedTuple):
    """A model, and how it differs from the usual."""

    model: str
    rows: tuple = ("float", "int8_outputs")     # of the references
    size: int = 640
    arguments: tuple = ()
    top_left: bool = False
    description: str = ""                       # the stand-in's


CASES = (
    Case("yolov8n_rk9_640"),
    Case("yolo11n_rk9_640"),
    Case("yolo26n_rk6logits_640"),              # no NMS: its metadata says so
    Case("yolov5n_rk3sig_640"),
    Case("yolox_nano_rk3_416", size=416, top_left=True,
         arguments=("--set", "letterbox=top-left", "--set", "channel-order=bgr"),
         description="[model]\nmean_values=0\nstd_values=1\n"),
    Case("yolov8n_ultra_int8_640", rows=("float",)),
)


# ---- pictures as the references have them

def linear_weights(source, target):
    """cv2.INTER_LINEAR in one direction: left neighbour, and right weight of 2048."""
    position = (np.arange(target) + 0.5) * (source / target) - 0.5
    left = np.floor(position).astype(int)
    weight = position - left
    weight[(left < 0) | (left >= source - 1)] = 0
    return left.clip(0, source - 1), np.rint(weight * 2048).astype(np.int64)


def resize(picture, width, height):
    x, wx = linear_weights(picture.shape[1], width)
    y, wy = linear_weights(picture.shape[0], height)
    picture = picture.astype(np.int64)
    right = picture[:, np.minimum(x + 1, picture.shape[1] - 1)]
    rows = picture[:, x] * (2048 - wx)[:, None] + right * wx[:, None]
    below = rows[np.minimum(y + 1, rows.shape[0] - 1)]
    wy = wy[:, None, None]
    return (((rows[y] >> 4) * (2048 - wy) >> 16) + ((below >> 4) * wy >> 16) + 2 >> 2).astype(
        np.uint8)


class Letterbox(NamedTuple):
    ratio: float
    left: int
    top: int
    width: int      # of the original
    height: int

    def back(self, box):
        """Maps a box x, y, w, h to the original, limited to it."""
        x, y, w, h = box
        edges = np.array([x - self.left, y - self.top, x + w - self.left, y + h - self.top])
        limits = [self.width, self.height] * 2
        x0, y0, x1, y1 = (edges / self.ratio).clip(0, limits)
        return [round(v, 3) for v in (x0, y0, x1 - x0, y1 - y0)]


def letterbox(picture, size, top_left):
    height, width = picture.shape[:2]
    ratio = min(size / height, size / width)
    new_w, new_h = round(width * ratio), round(height * ratio)
    left, top = (0, 0) if top_left else (
        round((size - new_w) / 2 - 0.1), round((size - new_h) / 2 - 0.1))
    canvas = np.full((size, size, 3), BORDER, np.uint8)
    if (new_w, new_h) != (width, height):
        picture = resize(picture, new_w, new_h)
    canvas[top:top + new_h, left:left + new_w] = picture
    return canvas, Letterbox(ratio, left, top, width, height)


def read_ppm(data):
    _, size, _, pixels = data.split(b"\n", 3)
    width, height = map(int, size.split())
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)


def write_png(path, picture):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(
            ">I", zlib.crc32(name + data))

    height, width = picture.shape[:2]
    rows = np.insert(picture.reshape(height, -1), 0, 0, axis=1)
    path.write_bytes(b"\x89PNG\r\n\x1a\n"
                     + chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0))
                     + chunk(b"IDAT", zlib.compress(rows.tobytes(), 1)) + chunk(b"IEND", b""))


def make_letterboxes(decoder, images, folder, size, top_left):
    """Writes the fitted pictures; returns their geometry by id."""
    geometry = {}
    folder.mkdir()
    for path in sorted(images.glob("*.jpg")):
        data = subprocess.run([decoder, str(path)], stdout=subprocess.PIPE, check=True).stdout
        picture, geometry[int(path.stem)] = letterbox(read_ppm(data), size, top_left)
        write_png(folder / (path.stem + ".png"), picture)
    return geometry


# ---- runs

class Bench:
    def __init__(self, program, decoder, testdata, scratch):
        self.program, self.decoder, self.testdata = program, decoder, testdata
        self.scratch = scratch
        self.images = testdata / "coco/val_a/images"
        self.annotations = testdata / "coco/val_a/instances_val_a.json"
        self.truth = json.loads(self.annotations.read_text())
        self.references = json.loads((testdata / "refs/ap_val_a.json").read_text())
        self.letterboxes = {}

    def run(self, case, row, arguments):
        """Runs the tool; returns what it printed and the detections."""
        environment = dict(os.environ)
        description = case.description
        if row.startswith("int8"):
            scales = self.references["int8_zero_point_and_scale"][case.model]
            for i, (zero_point, scale) in enumerate(scales):
                description += "\n[output %d]\ntype=int8\nzp=%d\nscale=%.9g\n" % (
                    i, zero_point, scale)
        if description:
            environment["RKNN_STANDIN_CONFIG"] = str(self.scratch / "description.ini")
            (self.scratch / "description.ini").write_text(description)
        results = self.scratch / "results.json"
        model = self.testdata / "models" / (case.model + ".onnx")
        done = subprocess.run(
            [self.program, "--model", str(model), "--output", str(results),
             *case.arguments, *arguments],
            env=environment, stdout=subprocess.PIPE, universal_newlines=True, check=True)
        return done.stdout, json.loads(results.read_text())

    def pictures(self, case, row):
        text, detections = self.run(
            case, row, ["--annotations", str(self.annotations), str(self.images)])
        result = coco_ap.evaluate(self.truth, detections)
        for name in ("AP", "AP50", "AP75", "AR100"):
            printed = re.search(r"^%s +([0-9.]+)$" % name, text, re.MULTILINE)
            if not printed or abs(float(printed[1]) - result[name]) > 0.00005001:
                sys.exit("coco-ap: %s is %.5f, but the tool printed\n%s" % (
                    name, result[name], text))
        return result

    def fitted(self, case, row):
        key = (case.size, case.top_left)
        if key not in self.letterboxes:
            folder = self.scratch / ("letterbox-%d-%d" % key)
            self.letterboxes[key] = folder, make_letterboxes(
                self.decoder, self.images, folder, *key)
        folder, geometry = self.letterboxes[key]
        _, detections = self.run(case, row, [str(folder)])
        detections = coco_ap.class_index_to_category_id(self.truth, detections)
        for detection in detections:
            detection["bbox"] = geometry[detection["image_id"]].back(detection["bbox"])
        return coco_ap.evaluate(self.truth, detections)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("decoder")
    parser.add_argument("--model", default="", metavar="PART",
                        help="only models with this in their name")
    args = parser.parse_args()
    testdata = Path(os.environ.get("RKNNYOLO_TESTDATA", ""))
    if not (testdata / "refs/ap_val_a.json").exists():
        print("SKIPPED: no test data at RKNNYOLO_TESTDATA=%s" % testdata)
        sys.exit(77)

    worst = dict.fromkeys(TOLERANCES, 0.0)
    print("%-24s %-6s %-10s %6s %6s %6s   %s" % (
        "model", "", "", "AP", "AP50", "AP75", "AP - reference"))
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(args.program, args.decoder, testdata, Path(scratch))
        for case in CASES:
            for row in case.rows if args.model in case.model else ():
                reference = bench.references["models"][case.model][row]["AP"]
                for way, run in (("pictures", bench.pictures), ("letterbox", bench.fitted)):
                    result = run(case, row)
                    difference = result["AP"] - reference
                    worst[way] = max(worst[way], abs(difference))
                    print("%-24s %-6s %-10s %.4f %.4f %.4f   %+.4f" % (
                        case.model, row.split("_")[0], way, result["AP"], result["AP50"],
                        result["AP75"], difference), flush=True)
    for way, difference in worst.items():
        print("largest difference, %s: %.4f; allowed: %.3f" % (way, difference, TOLERANCES[way]))
    sys.exit(any(worst[way] > TOLERANCES[way] for way in worst))


if __name__ == "__main__":
    main()
