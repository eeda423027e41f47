#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests rknnyolo-bench on a played NPU: what it says, not how fast it is; speaks TAP.

    test-bench.py PROGRAM [STANDIN]

Uses a model and tensors of the test data (RKNNYOLO_TESTDATA).
"""

import json
import os
import sys
import tempfile
from pathlib import Path

import tap

PROGRAM = sys.argv[1]
STANDIN = sys.argv[2] if len(sys.argv) > 2 else None
TESTDATA = Path(os.environ.get("RKNNYOLO_TESTDATA", "") or "/nonexistent")
MODEL = TESTDATA / "models/yolov8n_rk9_640.onnx"
PLAYED = {"RKNN_STANDIN_TIME": "2", "RKNN_STANDIN_OUTPUTS": str(TESTDATA / "tensors/yolov8n_bus"),
          "RKNN_LOG_LEVEL": "0"}


def bench(*arguments, **environment):
    return tap.run(PROGRAM, *arguments, timeout=250, RKNNYOLO_RUNTIME=None, **dict(PLAYED, **environment))


def refused(description, status, pattern, *arguments, **environment):
    done = bench(*arguments, **environment)
    tap.ok(description, done.returncode == status and tap.has(done.stderr, pattern),
           "exit code %d" % done.returncode, done.stdout, done.stderr)


def test_arguments(tmp):
    refused("no model", 2, "one model is needed")
    refused("no time", 2, "--seconds above 0", "--seconds", "0", "model.onnx")
    refused("too many contexts", 2, "from 1 to 8", "--contexts-per-core", "9", "model.onnx")
    refused("a size that is none", 2, "such as 1920x1080", "--size", "1920", "model.onnx")
    refused("a format that is none", 2, "such as NV12", "--format", "NV99", "model.onnx")
    refused("a model that is missing", 1, "/nonexistent/model.onnx", "/nonexistent/model.onnx")
    (tmp / "text.rknn").write_text("no model")
    refused("a text", 1, "is a text file", tmp / "text.rknn")
    done = bench("--version")
    tap.ok("the version", done.returncode == 0 and done.stdout.startswith("rknnyolo-bench "), done.stdout)


def test_errors():
    refused("a property that is none", 1, "no NAME=VALUE of a property", "--set", "speed=9", MODEL)
    refused("an NPU that dies", 1, "rknn_run|inference", "--seconds", "0.5", "--cores", "1", "--runtime", STANDIN,
            MODEL, RKNN_STANDIN_FAIL="rknn_run:50+")
    refused("a runtime that is missing", 1, "/nonexistent/lib.so", "--runtime", "/nonexistent/lib.so", MODEL)


def test_json():
    done = bench("--json", "--seconds", "0.2", "--cores", "2", "--contexts-per-core", "2", "--size", "320x240",
                 "--format", "YUY2", "--set", "confidence-threshold=0.5", "--runtime", STANDIN, MODEL)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        found = {"lines": []}
    lines = found["lines"]
    tap.ok("lines for a frame alone, and cores by contexts", done.returncode == 0
           and [(line["cores"], line["contexts-per-core"], line["alone"]) for line in lines]
           == [(1, 1, True), (1, 1, False), (1, 2, False), (2, 1, False), (2, 2, False)], done.stdout, done.stderr)
    tap.ok("with numbers that can be", all(
        line["frames"] >= 10 and line["inferences-per-second"] > 0 and line["failed"] == 0
        # A core that takes 2 ms cannot do more.
        and line["inferences-per-second"] < 505 * line["cores"]
        and 2 <= line["latency-p50-ms"] <= line["latency-p95-ms"] <= line["latency-p99-ms"]
        and 1.9 <= line["run-median-ms"] <= line["total-median-ms"] for line in lines), done.stdout)
    tap.ok("and what they are of", found.get("frames") == "320x240 YUY2" and found.get("model") == MODEL.stem
           and "played by the stand-in" in found.get("npu", "") and found.get("runtime-version", "").startswith("2."),
           done.stdout)


def test_text():
    done = bench("--seconds", "0.1", "--cores", "1", "--contexts-per-core", "1", "--runtime", STANDIN, MODEL)
    lines = [line for line in done.stdout.splitlines() if line.startswith("|")]
    tap.ok("a Markdown table", done.returncode == 0 and len(lines) == 4
           and len({line.count("|") for line in lines}) == 1 and "* model: " + MODEL.stem in done.stdout
           and "* frames: 1920x1080 NV12" in done.stdout, done.stdout, done.stderr)
    done = bench("--seconds", "0.1", "--cores", "1", "--contexts-per-core", "1", "--runtime", STANDIN, MODEL,
                 RKNN_STANDIN_FAIL="rknn_run:/4")
    tap.ok("failures are told", done.returncode == 0 and tap.has(done.stdout, r"\d+ inferences failed"), done.stdout,
           done.stderr)


with tempfile.TemporaryDirectory() as folder:
    test_arguments(Path(folder))
if STANDIN and MODEL.exists():
    test_errors()
    test_json()
    test_text()
else:
    tap.skip("measurements", "there is no stand-in, or RKNNYOLO_TESTDATA has no models")
tap.done()
