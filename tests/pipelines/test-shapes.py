#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests models with several input sizes on real weights; speaks TAP.

    test-shapes.py RKNNYOLO-COCO-EVAL STANDIN

A model of the test data (RKNNYOLO_TESTDATA) gets an open height and width, and
pictures of all shapes go through it in one stream.  What is found must be what
the same weights find with the one size that the documented rule chooses for
each picture.  Needs onnx.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

try:
    import onnx
except ImportError as missing:
    print("1..0 # SKIP %s; tools/install-dependencies tests installs it" % missing)
    sys.exit()

TESTDATA = Path(os.environ.get("RKNNYOLO_TESTDATA", ""))
MODEL = TESTDATA / "models" / "yolov8n_rk9_640.onnx"
COCO = TESTDATA / "coco" / "val_a"
SIZES = [(640, 640), (640, 480), (480, 640), (640, 384)]
PICTURES = 16


def choose(width, height):
    """The size with the smallest part of border, and most pixels among equals."""
    def key(size):
        scale = min(Fraction(size[0], width), Fraction(size[1], height))
        filled = width * scale * height * scale / (size[0] * size[1])
        return filled, size[0] * size[1]

    return max(SIZES, key=key)


def write_model(path, height, width, shapes=None):
    """height and width: numbers, or names of open dimensions."""
    model = onnx.load(str(MODEL))
    dims = model.graph.input[0].type.tensor_type.shape.dim
    for dim, side in (dims[2], height), (dims[3], width):
        if isinstance(side, str):
            dim.dim_param = side
        else:
            dim.dim_value = side
    for i, output in enumerate(model.graph.output):
        for k, dim in enumerate(output.type.tensor_type.shape.dim):
            if k > 1:
                dim.dim_param = "out%d_%d" % (i, k)
    del model.graph.value_info[:]
    if shapes:
        entry = model.metadata_props.add()
        entry.key, entry.value = "shapes", shapes
    onnx.save(model, str(path))


def detections(tmp, model, pictures):
    """What the element finds, by number of the picture, best first."""
    folder = Path(tempfile.mkdtemp(dir=str(tmp)))
    for number, (path, _, _) in pictures.items():
        shutil.copy(str(path), str(folder / ("%d.jpg" % number)))
    results = tmp / "results.json"
    environment = dict(os.environ, RKNN_STANDIN_FLOAT="fp32", RKNN_STANDIN_THREADS="1")
    subprocess.run([sys.argv[1], "--runtime", sys.argv[2], "--model", str(model), "--output",
                    str(results), "--confidence-threshold", "0.25", str(folder)],
                   env=environment, stdout=subprocess.DEVNULL, check=True, timeout=500)
    found = {number: [] for number in pictures}
    for detection in json.loads(results.read_text()):
        found[detection["image_id"]].append(detection)
    return {number: sorted(of, key=lambda d: -d["score"]) for number, of in found.items()}


def same(found, expected):
    return len(found) == len(expected) and all(
        a["category_id"] == b["category_id"] and abs(a["score"] - b["score"]) < 1e-4
        and max(abs(x - y) for x, y in zip(a["bbox"], b["bbox"])) < 0.1
        for a, b in zip(found, expected))


def find_pictures():
    images = json.loads((COCO / "instances_val_a.json").read_text())["images"]
    pictures = {i + 1: (COCO / "images" / image["file_name"], image["width"], image["height"])
                for i, image in enumerate(images[:PICTURES])}
    for name, width, height in ("bus.jpg", 810, 1080), ("zidane.jpg", 1280, 720):
        pictures[len(pictures) + 1] = TESTDATA / "images" / name, width, height
    return pictures


def main():
    if not MODEL.exists():
        print("1..0 # SKIP no test data at RKNNYOLO_TESTDATA")
        return
    with tempfile.TemporaryDirectory() as folder:
        tmp = Path(folder)
        pictures = find_pictures()
        write_model(tmp / "open.onnx", "height", "width",
                    ",".join("%dx%d" % size for size in SIZES))
        found = detections(tmp, tmp / "open.onnx", pictures)
        print("1..%d" % len(SIZES))
        for i, size in enumerate(SIZES, 1):
            chosen = {number: picture for number, picture in pictures.items()
                      if choose(*picture[1:]) == size}
            write_model(tmp / "fixed.onnx", size[1], size[0])
            expected = detections(tmp, tmp / "fixed.onnx", chosen) if chosen else {}
            wrong = [number for number in chosen if not same(found[number], expected[number])]
            print("%sok %d %dx%d: %d pictures, %d objects" % (
                "not " if wrong else "", i, *size, len(chosen),
                sum(map(len, expected.values()))))
            for number in wrong:
                print("# %s\n# found %s\n# expected %s" % (
                    pictures[number], found[number], expected[number]))


main()
