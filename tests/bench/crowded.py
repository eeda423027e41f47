#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the tensors of the most crowded picture for bench-decode.

    crowded.py RECORD-OUTPUTS FOLDER
    crowded.py RECORD-OUTPUTS BENCH-DECODE [ARGUMENT...]

Runs models of the test data (RKNNYOLO_TESTDATA) over the picture of
coco/val_a in which their reference found most above 0.25, with int8 outputs of
the zero points and scales that the test data have for bus.jpg. The first form
writes FOLDER/tensors/NAME_crowded and links those of bus.jpg beside them, so
that FOLDER can be the RKNNYOLO_TESTDATA of bench-decode; the second one does so
in a folder of its own and runs the benchmark on it. Exits with 77 if there are
no test data.
"""

import collections
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# Tensors of bus.jpg, and the model that they are from.
MODELS = {
    "yolov8n": "yolov8n_rk9_640",
    "yolov8n6": "yolov8n_rk6_640",
    "yolov5n": "yolov5n_rk3sig_640",
    "yolov8nseg": "yolov8n-seg_rk13_640",
    "yolo11npose": "yolo11n-pose_rk4_640",
}


def most_crowded(testdata):
    found = json.loads((testdata / "refs/dets_yolov8n_val_a.json").read_text())
    counts = collections.Counter(d["image_id"] for d in found if d["score"] > 0.25)
    # Of as many objects, those that are surer.
    scores = collections.Counter()
    for detection in found:
        scores[detection["image_id"]] += detection["score"]
    best = max(counts, key=lambda image: (counts[image], scores[image]))
    print("Picture %d: %d detections above 0.25" % (best, counts[best]), file=sys.stderr)
    return testdata / "coco/val_a/images" / ("%012d.jpg" % best)


def description(manifest):
    """The stand-in's, of outputs with the types, zero points and scales of a manifest."""
    lines = manifest.read_text().splitlines()
    text = ""
    for i, line in enumerate(lines[1:1 + int(lines[0])]):
        name, *_, zero_point, scale = line.split()
        if name.endswith(".i8"):
            text += "[output %d]\ntype=int8\nzp=%s\nscale=%s\n" % (i, zero_point, scale)
    return text


def make_tensors(program, testdata, folder):
    picture = most_crowded(testdata)
    (folder / "tensors").mkdir(parents=True, exist_ok=True)
    for bus in sorted((testdata / "tensors").glob("*_bus")):
        link = folder / "tensors" / bus.name
        if not link.exists():
            link.symlink_to(bus)
    for name, model in MODELS.items():
        output = folder / "tensors" / (name + "_crowded")
        output.mkdir(exist_ok=True)
        config = output / "description.ini"
        config.write_text(description(testdata / "tensors" / (name + "_bus") / "manifest.txt"))
        subprocess.run(
            [program, str(testdata / "models" / (model + ".onnx")), str(picture), str(output)],
            env=dict(os.environ, RKNN_STANDIN_CONFIG=str(config)), check=True)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    testdata = Path(os.environ.get("RKNNYOLO_TESTDATA", ""))
    if not (testdata / "refs/dets_yolov8n_val_a.json").exists():
        print("SKIPPED: no test data at RKNNYOLO_TESTDATA=%s" % testdata)
        return 77
    program, target, *arguments = sys.argv[1:]
    if not os.path.isfile(target):
        make_tensors(program, testdata.resolve(), Path(target))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        make_tensors(program, testdata.resolve(), Path(scratch))
        environment = dict(os.environ, RKNNYOLO_TESTDATA=scratch)
        return subprocess.run([target, *arguments], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
