#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests the example applications, and pictures.py, which read detections in C
and in Python: against the reference detections of the test data; speaks TAP.

    test-apps.py WATCH WATCH-PY
"""

import json
import os
import re
import shutil
import sys

from tap import TESTDATA, begin, done, folder, ok, run, skip_all

begin("jpegdec", "jpegenc", "videoflip")
MODEL = TESTDATA / "models/yolov8n_rk9_640.onnx"
PICTURE = TESTDATA / "images/bus.jpg"


def reference():
    """[(label, score, x, y, width, height)] with the thresholds of the element."""
    found = json.loads((TESTDATA / "refs/yolov8n_rk9_640__bus.json").read_text())
    chosen = [r for r in found["runs"] if r["conf"] == 0.25 and r["iou"] == 0.45][0]
    return [(d["name"], d["score"], d["box"][0], d["box"][1], d["box"][2] - d["box"][0],
             d["box"][3] - d["box"][1]) for d in chosen["detections"]]


def same(found, expected, pixels):
    """Each box has its like: scores within 0.05, edges within some pixels,
    since JPEG decoders and scalers differ."""
    return len(found) == len(expected) and all(
        any(a[0] == b[0] and abs(a[1] - b[1]) < 0.05
            and all(abs(x - y) <= pixels for x, y in zip(a[2:], b[2:])) for b in found)
        for a in expected)


def parse(text, kind):
    """The lines of watch: [(label, number...)]"""
    if kind == "appsink":
        return [(label, *map(int, numbers)) for label, *numbers in re.findall(
            r"^appsink +[0-9.]+ +(.+) at (\d+),(\d+) size (\d+)x(\d+) brightness (\d+)$", text,
            re.MULTILINE)]
    line = re.search(r"^%s +[0-9.]+ +(.+)$" % kind, text, re.MULTILINE)
    return line and [(part.rsplit(" ", 1)[0], float(part.rsplit(" ", 1)[1]))
                     for part in line[1].split(", ")]


def test_watch(name, program):
    status, text = run(program, MODEL, PICTURE)
    expected = reference()
    probe, appsink = parse(text, "probe"), parse(text, "appsink")
    ok("%s: the probe sees what is in the picture" % name, status == 0 and probe and same(
        probe, [box[:2] for box in expected], 0), status, text)
    # Scores are not printed here.
    ok("%s: so does the appsink" % name, same(
        [(label, 0, *box[:4]) for label, *box in appsink],
        [(box[0], 0, *box[2:]) for box in expected], 8), text)
    analytics = parse(text, "analytics")
    if analytics:
        ok("%s: so does GstAnalytics" % name, same(analytics, probe, 0), text)
    status, text = run(program, MODEL, "no-such-file")
    ok("%s: a missing file is an error" % name, status == 1 and "not found" in text, status, text)
    return appsink


def test_pictures():
    pictures = folder / "pictures"
    pictures.mkdir()
    shutil.copy(PICTURE, pictures)
    shutil.copy(TESTDATA / "images/zidane.jpg", pictures)
    output = folder / "annotated"
    status, text = run("pictures.py", "--model", MODEL, pictures, output)
    ok("pictures.py: a folder", status == 0, status, text)
    found = json.loads((output / "detections.json").read_text())["pictures"]
    ok("its pictures are there in order, with their sizes",
       [(p["file"], p["width"], p["height"]) for p in found]
       == [("bus.jpg", 810, 1080), ("zidane.jpg", 1280, 720)], found)
    ok("with what is in them", same(
        [(d["label"], d["confidence"], *d["box"]) for d in found[0]["detections"]],
        reference(), 8), found[0])
    ok("and annotated copies", all(
        (output / name).stat().st_size > 50000
        and (output / name).read_bytes() != (pictures / name).read_bytes()
        for name in ("bus.jpg", "zidane.jpg")))
    (pictures / "broken.jpg").write_text("no picture")
    status, text = run("pictures.py", "--model", MODEL, pictures, output)
    ok("a broken picture is named, the others are done",
       status == 1 and "broken.jpg" in text and "2 pictures" in text, status, text)
    status, text = run("pictures.py", "--model", MODEL, pictures, pictures)
    ok("pictures are not overwritten", status == 1 and "overwritten" in text, status, text)
    status, text = run("pictures.py", "--model", MODEL, output / "none", output)
    ok("a missing folder is named", status == 1 and "none" in text, status, text)


if not MODEL.exists():
    skip_all("no test data at RKNNYOLO_TESTDATA (%s)" % TESTDATA)
in_c = test_watch("watch", os.path.abspath(sys.argv[1]))
in_python = test_watch("watch.py", os.path.abspath(sys.argv[2]))
ok("both see the same, and the same brightness", in_c and in_c == in_python, in_c, in_python)
test_pictures()
done()
