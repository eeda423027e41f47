#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests rknnyolo-coco-eval as a user calls it; speaks TAP.

    test-coco-eval.py PROGRAM STANDIN

Runs with a model and pictures of the test data (RKNNYOLO_TESTDATA).
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "common"))

from results import done, ok, skip_all  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
try:
    import coco_ap
except ImportError:
    coco_ap = None

PROGRAM, STANDIN = sys.argv[1:3]
TESTDATA = Path(os.environ.get("RKNNYOLO_TESTDATA", ""))
MODEL = TESTDATA / "models/yolov8n_rk9_640.onnx"
PICTURES = TESTDATA / "coco/val_a/images"
ANNOTATIONS = TESTDATA / "coco/val_a/instances_val_a.json"


def run(*arguments):
    environment = dict(os.environ, RKNN_STANDIN_THREADS="1")
    return subprocess.run([PROGRAM, "--runtime", STANDIN, *map(str, arguments)],
                          env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True, timeout=240)


def refused(description, status, reason, *arguments):
    done = run(*arguments)
    ok(description, done.returncode == status and reason in done.stderr,
       "exit code %d" % done.returncode, done.stderr)


def printed(text, name):
    match = re.search(r"^%s +([0-9.]+)$" % name, text, re.MULTILINE)
    return float(match[1]) if match else None


def test_measure(tmp):
    """Eight pictures: what is printed is what the results file says."""
    folder = tmp / "some"
    folder.mkdir()
    for path in sorted(PICTURES.glob("*.jpg"))[:8]:
        shutil.copy(path, folder)
    (folder / "notes.txt").write_text("no picture")
    results = tmp / "results.json"
    done = run("-m", MODEL, "-a", ANNOTATIONS, "-o", results, "--per-class", folder)
    ok("pictures with annotations", done.returncode == 0, done.stdout, done.stderr)
    detections = json.loads(results.read_text()) if results.exists() else []
    ids = {int(path.stem) for path in folder.glob("*.jpg")}
    ok("of which something is found in each", {d["image_id"] for d in detections} == ids)
    truth = json.loads(ANNOTATIONS.read_text())
    known = {category["id"] for category in truth["categories"]}
    # Wine glass (46) and above would be 40 and above if they were numbers.
    ok("with the ids of COCO's categories", {d["category_id"] for d in detections} <= known)
    ok("that are no part of all", "8 of the 103 pictures" in done.stdout, done.stdout)

    if coco_ap is None:
        ok("measures # SKIP numpy is missing", True)
    else:
        truth["images"] = [image for image in truth["images"] if image["id"] in ids]
        truth["annotations"] = [a for a in truth["annotations"] if a["image_id"] in ids]
        expected = coco_ap.evaluate(truth, detections)
        ok("measures as coco_ap.py does", all(
            abs((printed(done.stdout, name) or -1) - expected[name]) < 0.000051
            for name in ("AP", "AP50", "AP75", "AR100")), done.stdout, expected)

    again = tmp / "again.json"
    done = run("-m", MODEL, "-o", again, "--set", "cores=0", folder)
    ok("without annotations", done.returncode == 0, done.stderr)
    plain = json.loads(again.read_text())
    boxes = [[dict(d, category_id=0) for d in data] for data in (plain, detections)]
    ok("the boxes are the same", boxes[0] == boxes[1])
    done = run("-m", MODEL, "-a", ANNOTATIONS, "-o", again, "--class-index", "--limit", 3, folder)
    first = sorted(ids)[:3]
    ok("class numbers lead to the same ids", json.loads(again.read_text())
       == [d for d in detections if d["image_id"] in first], done.stderr)


def test_png(tmp):
    """The same pixels as PNG, and as NV12."""
    folder = tmp / "png"
    folder.mkdir()
    # 96 x 64, grey: nothing to be found
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GST_PLUGIN_PATH")}
    environment["GST_REGISTRY"] = environment["GST_REGISTRY_1_0"] = str(tmp / "registry.bin")
    made = subprocess.run(
        ["gst-launch-1.0", "-q", "videotestsrc", "num-buffers=1", "pattern=black", "!",
         "video/x-raw,width=96,height=64", "!", "pngenc", "!", "filesink",
         "location=%s" % (folder / "000000000139.png")], env=environment).returncode
    if made != 0:
        ok("PNG # SKIP GStreamer cannot make one here", True)
        return
    results = tmp / "png.json"
    done = run("-m", MODEL, "-o", results, "--confidence-threshold", 0.9, "--format", "NV12",
               folder)
    ok("a PNG, as NV12", done.returncode == 0 and json.loads(results.read_text()) == [],
       done.stderr)


def test_refusals(tmp):
    refused("no arguments", 2, "--help")
    refused("an unknown option", 2, "--frobnicate", "--frobnicate")
    refused("an unknown property", 2, "no such property",
            "-m", MODEL, "-a", ANNOTATIONS, "--set", "foo=1", PICTURES)
    refused("a property that skips pictures", 2, "has to be inferred",
            "-m", MODEL, "-a", ANNOTATIONS, "--set", "interval=2", PICTURES)
    refused("a property without value", 2, "PROPERTY=VALUE",
            "-m", MODEL, "-a", ANNOTATIONS, "--set", "classes", PICTURES)
    refused("a value that a property does not take", 2, "does not take",
            "-m", MODEL, "-a", ANNOTATIONS, "--set", "letterbox=diagonal", PICTURES)
    refused("an unknown format", 2, "no such format",
            "-m", MODEL, "-a", ANNOTATIONS, "--format", "NV13", PICTURES)
    refused("a threshold above 1", 2, "from 0 to 1",
            "-m", MODEL, "-a", ANNOTATIONS, "--iou-threshold", "1.5", PICTURES)
    refused("no such folder", 1, "nowhere", "-m", MODEL, "-a", ANNOTATIONS, tmp / "nowhere")
    refused("no such annotations", 1, "nothing.json",
            "-m", MODEL, "-a", tmp / "nothing.json", PICTURES)
    refused("no such model", 1, "nothing.onnx",
            "-m", tmp / "nothing.onnx", "-a", ANNOTATIONS, PICTURES)
    empty = tmp / "empty"
    empty.mkdir()
    refused("no pictures", 1, "no pictures", "-m", MODEL, "-a", ANNOTATIONS, empty)
    (empty / "bus.jpg").write_bytes(b"\xff\xd8\xff\xe0 and so on")
    refused("other pictures", 1, "none of the pictures", "-m", MODEL, "-a", ANNOTATIONS, empty)
    refused("names without a number", 1, "bus.jpg", "-m", MODEL, "-o", tmp / "x.json", empty)
    (empty / "bus.jpg").rename(empty / "1.jpg")
    refused("a damaged JPEG", 1, "1.jpg cannot be decoded",
            "-m", MODEL, "-o", tmp / "x.json", empty)
    whole = next(PICTURES.glob("*.jpg")).read_bytes()
    (empty / "1.jpg").write_bytes(whole[:len(whole) // 2])
    refused("half a JPEG", 1, "1.jpg cannot be decoded",
            "-m", MODEL, "-o", tmp / "x.json", empty)
    (empty / "1.jpg").write_bytes(b"GIF89a and so on")
    refused("another kind of picture", 1, "neither a JPEG nor a PNG",
            "-m", MODEL, "-o", tmp / "x.json", empty)
    ok("and nothing is written", not (tmp / "x.json").exists())
    (tmp / "labels.txt").write_text("".join("thing %d\n" % i for i in range(80)))
    refused("labels that are no categories", 1, "thing ", "-m", MODEL, "-a", ANNOTATIONS,
            "--labels", tmp / "labels.txt", "--limit", 1, PICTURES)
    refused("a results file that cannot be written", 1, "--output", "-m", MODEL,
            "-o", tmp / "no/such.json", "--limit", 1, PICTURES)


def main():
    if not MODEL.exists() or not ANNOTATIONS.exists():
        skip_all("no test data at RKNNYOLO_TESTDATA=%s" % TESTDATA)
    with tempfile.TemporaryDirectory() as folder:
        test_measure(Path(folder))
        test_png(Path(folder))
        test_refusals(Path(folder))
    done()


main()
