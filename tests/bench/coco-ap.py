#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Average precision of whole pipelines, beside references made without them.

    coco-ap.py COCO-DETECTIONS-PROGRAM

Runs models of the test data (RKNNYOLO_TESTDATA) over its COCO pictures, with
the settings of validation, and prints AP, AP50, AP75 and how far AP is from
that of an independent decoder.  "int8" are the same models with their outputs
quantised by the stand-in, by the zero points and scales of the references.
Exit status 1 if AP is off by more than the tolerance.  Needs numpy.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import coco_ap  # noqa: E402

SETTINGS = "confidence-threshold=0.001 iou-threshold=0.7 max-detections=300 multi-label=true"
TOLERANCE = 0.010
MODELS = ("yolov8n_rk9_640", "yolo11n_rk9_640", "yolov5n_rk3sig_640", "yolov8n_ultra_int8_640")


def write_sidecar(path, quantization):
    """Describes a model's outputs as int8, in the form of the stand-in."""
    with open(path, "w", encoding="utf-8") as file:
        for i, (zero_point, scale) in enumerate(quantization):
            file.write("[output %d]\ntype=int8\nzp=%d\nscale=%.9g\n\n" % (i, zero_point, scale))


def measure(program, testdata, model, quantization=None):
    environment = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        if quantization:
            environment["RKNN_STANDIN_CONFIG"] = os.path.join(folder, "sidecar.ini")
            write_sidecar(environment["RKNN_STANDIN_CONFIG"], quantization)
        properties = "model=%s %s" % (testdata / "models" / (model + ".onnx"), SETTINGS)
        done = subprocess.run([program, str(testdata / "coco/val_a/images"), properties],
                              env=environment, stdout=subprocess.PIPE, check=True)
    with open(testdata / "coco/val_a/instances_val_a.json", encoding="utf-8") as file:
        annotations = json.load(file)
    detections = coco_ap.class_index_to_category_id(annotations, json.loads(done.stdout))
    return coco_ap.evaluate(annotations, detections)


def main():
    testdata = Path(os.environ.get("RKNNYOLO_TESTDATA", ""))
    if not (testdata / "refs/ap_val_a.json").exists():
        print("SKIPPED: no test data at RKNNYOLO_TESTDATA=%s" % testdata)
        sys.exit(77)
    with open(testdata / "refs/ap_val_a.json", encoding="utf-8") as file:
        references = json.load(file)

    worst = 0.0
    print("%-24s %-6s %6s %6s %6s   %s" % ("model", "", "AP", "AP50", "AP75", "AP - reference"))
    for model in MODELS:
        rows = {"float": None}
        if model in references["int8_zero_point_and_scale"]:
            rows["int8_outputs"] = references["int8_zero_point_and_scale"][model]
        for row, quantization in rows.items():
            result = measure(sys.argv[1], testdata, model, quantization)
            difference = result["AP"] - references["models"][model][row]["AP"]
            worst = max(worst, abs(difference))
            print("%-24s %-6s %.4f %.4f %.4f   %+.4f" % (
                model, row.split("_")[0], result["AP"], result["AP50"], result["AP75"],
                difference), flush=True)
    print("largest difference %.4f, allowed %.3f" % (worst, TOLERANCE))
    sys.exit(worst > TOLERANCE)


if __name__ == "__main__":
    main()
