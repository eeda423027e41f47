#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests rknnyolo-inspect as a user calls it; speaks TAP.

    test-inspect.py PROGRAM REFUSING-RUNTIME [STANDIN]

Files of .rknn's form are written here; real ones, and .onnx models for the
stand-in, are those of the test data (RKNNYOLO_TESTDATA).
"""

import json
import os
import random
import sys
import tempfile
from pathlib import Path

import tap
from rknn import GRIDS, container, description

PROGRAM, REFUSING = sys.argv[1:3]
STANDIN = sys.argv[3] if len(sys.argv) > 3 else None
TESTDATA = Path(os.environ.get("RKNNYOLO_TESTDATA", "") or "/nonexistent")


def inspect(path, *arguments, **environment):
    environment = dict({"RKNNYOLO_SOC": "none", "RKNNYOLO_RUNTIME": None}, **environment)
    return tap.run(PROGRAM, *arguments, path, **environment)


def look(path, *arguments, **environment):
    done = inspect(path, "--json", *arguments, **environment)
    try:
        return done, json.loads(done.stdout)
    except ValueError:
        return done, {}


def write(tmp, name, content):
    path = tmp / name
    path.write_bytes(content)
    return path


def said(description, path, status, pattern, where, *arguments, **environment):
    """where: "error" or "warnings"."""
    done, found = look(path, *arguments, **environment)
    value = found.get(where) or ""
    text = value if isinstance(value, str) else "\n".join(value)
    tap.ok(description, done.returncode == status and tap.has(text, pattern) and "\n" not in text.strip(),
           "exit code %d" % done.returncode, done.stdout, done.stderr)
    plain = inspect(path, *arguments, **environment)
    tap.ok("... as text, too", plain.returncode == status and tap.has(plain.stdout, pattern), plain.stdout,
           plain.stderr)


def test_real():
    folder = TESTDATA / "rknn"
    if not (folder / "expected.json").exists():
        tap.skip("real .rknn files", "RKNNYOLO_TESTDATA has none")
        return
    for name, wanted in json.loads((folder / "expected.json").read_text()).items():
        done, found = look(folder / name)
        for kind in ("inputs", "outputs"):
            tensors = [(t["name"], t["dims"], t["type"].lower()) for t in found.get(kind, ())]
            tap.ok("%s of %s" % (kind, name), tensors == [
                (t["name"], t["shape"], t["type"]) for t in wanted[kind]], done.stdout, done.stderr)
        tap.ok("the rest of its header", found.get("container-version") == wanted["format_version"]
               and found.get("toolkit-version") == wanted["toolkit_version"]
               and found.get("target-platform") == ",".join(wanted["target_platform"]), done.stdout)
    done, found = look(folder / "yolov5n_rk3588.rknn")
    tap.ok("a YOLOv5 is recognised", done.returncode == 0 and "YOLOv5" in found["head"]
           and found["task"] == "detect" and found["classes"] == 80 and found["labels"][79] == "toothbrush"
           and found["width"] == found["height"] == 640, done.stdout)
    done, found = look(folder / "yolov8n-obb_rk3562.rknn")
    tap.ok("and rotated boxes", done.returncode == 0 and found["task"] == "obb" and found["classes"] == 15,
           done.stdout)


def test_header(tmp):
    path = write(tmp, "nine.rknn", container(description()))
    done, found = look(path)
    tap.ok("nine outputs", done.returncode == 0 and "9 outputs" in found["head"] and found["classes"] == 80
           and found["warnings"] == [] and not found["ranges-known"], done.stdout, done.stderr)
    text = inspect(path)
    tap.ok("as text", text.returncode == 0 and "rknn-toolkit2 2.3.2" in text.stdout
           and "[1,64,80,80] NCHW INT8" in text.stdout and "person, bicycle" in text.stdout, text.stdout)
    labels = write(tmp, "labels.txt", b"".join(b"thing %d\n" % i for i in range(80)))
    done, found = look(path, "--labels", labels)
    tap.ok("labels of a file", found.get("labels", [""])[7] == "thing 7" and "--labels" in found["label-source"],
           done.stdout)
    said("labels that are missing", path, 1, "/nonexistent", "error", "--labels", "/nonexistent")
    done, found = look(path, RKNNYOLO_SOC="rk3588s")
    tap.ok("made for this board's SoC's brother", done.returncode == 0 and "error" not in found
           and found["soc"] == "rk3588s", done.stdout)
    said("made for another SoC", path, 1, "made for rk3588, and this board is an rk3566.*target_platform='rk3566'",
         "error", RKNNYOLO_SOC="rk3566")
    folder = tmp / "yolo11n_rknn_model"
    folder.mkdir()
    write(folder, "yolo11n-rk3588.rknn", container(description([[1, c, n, n] for n in (80, 40, 20)
                                                                for c in (64, 2, 1)])))
    write(folder, "metadata.yaml", b"task: detect\nimgsz:\n- 640\n- 640\nnames:\n  0: cat\n  1: dog\n")
    done, found = look(folder)
    tap.ok("a folder of Ultralytics'", done.returncode == 0 and found["labels"] == ["cat", "dog"]
           and found["classes"] == 2 and found["label-source"] == "the model's metadata"
           and "task detect" in found["hints"], done.stdout, done.stderr)
    single = write(tmp, "single.rknn", container(description([[1, 84, 8400]])))
    said("boxes and scores in one INT8 tensor", single, 0, "one INT8 tensor.*8.4.110", "warnings")
    path = write(tmp, "float.rknn", container(description([[1, 84, 8400]], kind="float16")))
    done, found = look(path)
    tap.ok("which is well in floats", done.returncode == 0 and found["warnings"] == [], done.stdout)
    path = write(tmp, "batch.rknn", container(description([[4] + grid[1:] for grid in GRIDS],
                                                          inputs=([4, 3, 640, 640],))))
    done, found = look(path)
    tap.ok("four pictures a run", done.returncode == 0 and "9 outputs" in found["head"] and found["batch"] == 4
           and tap.has(inspect(path).stdout, "4 a run"), done.stdout)
    odd = write(tmp, "odd.rknn", container(description([[1, 3, 7, 5]])))
    said("a head nobody knows", odd, 1, r"out0.*\[1,3,7,5\].*Known are", "error")


def test_broken(tmp):
    whole = container(description())
    said("a file that is cut off", write(tmp, "cut.rknn", whole[:200]), 1, "cut off or damaged.*200 bytes", "error")
    said("a file that is cut in the JSON", write(tmp, "tail.rknn", whole[:-40]), 0, "header at the end.*cut",
         "warnings")
    said("an encrypted file", write(tmp, "a.crypt.rknn", b"CYPTRKNN\x03\0\0\0" + bytes(100)), 0,
         "encrypted.*only the runtime", "warnings")
    said("a form from the future", write(tmp, "new.rknn", container(description(), version=9)), 0, "form 9.*newest[^\\n]*$",
         "warnings")
    said("a header of zeros", write(tmp, "zero.rknn", b"RKNN" + bytes(100)), 1, "not the header", "error")
    said("a text", write(tmp, "text.rknn", b"no model\n"), 1, "is a text file", "error")
    said("nothing", write(tmp, "empty.rknn", b""), 1, "is empty", "error")
    said("a file that is not there", tmp / "nothing.rknn", 1, "nothing.rknn", "error")
    said("an empty folder", tempfile.mkdtemp(dir=tmp), 1, r"no \.rknn and no \.onnx", "error")
    said("an ONNX model that is cut off", write(tmp, "cut.onnx", b"\x08\x08\x12\x07pytorch\x3a\xff\x7fxx"), 1,
         "cut off", "error")


def test_runtime(tmp):
    """A runtime 2.0.0 that only ever says -6."""
    new = write(tmp, "newer.rknn", container(description(toolkit="2.3.2")))
    old = write(tmp, "older.rknn", container(description(toolkit="1.6.0")))
    said("a toolkit that is newer than the runtime", new, 1, "-6 .*made by rknn-toolkit2 2.3.2.*older: 2.0.0",
         "error", "--runtime", REFUSING)
    said("a runtime that refuses for no reason", old, 1, "-6 .*damaged", "error", "--runtime", REFUSING)
    said("the SoC goes before the runtime", new, 1, "made for rk3588.*rk3576", "error", "--runtime", REFUSING,
         RKNNYOLO_SOC="rk3576")
    done, found = look(new, "--header", "--runtime", REFUSING)
    tap.ok("which is not asked with --header", done.returncode == 0 and "runtime-version" not in found
           and "9 outputs" in found["head"], done.stdout)
    done, found = look(new, "--runtime", "/nonexistent/librknnrt.so")
    tap.ok("no runtime is no fault of the model", done.returncode == 0
           and "/nonexistent/librknnrt.so" in found["runtime-not-asked"] and "9 outputs" in found["head"], done.stdout)


def test_garbage(tmp):
    """Damaged JSON of all kinds: an answer, and no crash."""
    broken = []
    rand = random.Random(4711)
    good = json.dumps(description()).encode()
    texts = [b"[]", b"null", b"7", b'"x"', b"{}", b"\xff\xfe", b"{" * 5000, b"[" * 5000,
             b'{"input_num":-1,"output_num":1e300,"norm_tensor":[1]}',
             b'{"input_num":1,"output_num":1,"norm_tensor":[null,null]}',
             b'{"input_num":1,"output_num":1,"norm_tensor":[{"size":{}},{"size":[null,"x",[],-1,1e99]}]}',
             b'{"input_num":{},"output_num":[],"norm_tensor":{}}',
             json.dumps(description([[1] * 40])).encode(),
             json.dumps(description([[1, 84, 2 ** 31]])).encode(),
             json.dumps(description([[0, 0, 0, 0]])).encode(),
             json.dumps(description(GRIDS * 8)).encode(),
             json.dumps(description(inputs=())).encode(),
             json.dumps(description(inputs=([1, 3, 2 ** 31 - 1, 2 ** 31 - 1],))).encode()]
    for _ in range(60):
        text = bytearray(good)
        for _ in range(rand.randrange(1, 6)):
            text[rand.randrange(len(text))] = rand.choice(b'{}[]",:0 -\xff\0e')
        texts.append(bytes(text))
    for text in texts:
        path = write(tmp, "garbage.rknn", container(text))
        done, found = look(path)
        if done.returncode not in (0, 1) or not found or done.stderr:
            broken.append((text[:200], done.returncode, done.stderr[:1000]))
    tap.ok("garbage in the header", not broken, broken)


def test_standin(tmp):
    model = TESTDATA / "models/yolov8n_rk6_640.onnx"
    if not STANDIN or not model.exists():
        tap.skip(".onnx models", "there is no stand-in, or RKNNYOLO_TESTDATA has no models")
        return
    settings = {"RKNN_STANDIN_THREADS": "1", "RKNN_LOG_LEVEL": "0"}
    done, found = look(model, "--runtime", STANDIN, **settings)
    tap.ok("six outputs", done.returncode == 0 and "6 outputs" in found["head"] and found["classes"] == 80
           and found["ranges-known"] and found["cores"] == 3 and len(found["outputs"]) == 6
           and found["inputs"][0]["dims"] == [1, 640, 640, 3]
           and found["outputs"][0]["native-format"] == "NC1HWC2", done.stdout, done.stderr)

    def with_scores(scale, zero_point=-128):
        config = tmp / "config.ini"
        config.write_text("[output 1]\ntype=int8\nzp=%d\nscale=%g\n" % (zero_point, scale))
        return dict(settings, RKNN_STANDIN_CONFIG=str(config))
    done, found = look(model, "--runtime", STANDIN, **with_scores(1 / 256))
    scores = found["outputs"][1]
    tap.ok("ranges of int8", scores["type"] == "INT8" and scores["zero-point"] == -128
           and abs(scores["low"]) < 1e-6 and abs(scores["high"] - 255 / 256) < 1e-4
           and found["warnings"] == [], done.stdout)
    said("scores that never pass", model, 0, "from 0 to 0.128.*nothing will be found", "warnings", "--runtime",
         STANDIN, **with_scores(0.0005))
    said("scores that always pass", model, 0, "finding nothing is impossible", "warnings", "--runtime", STANDIN,
         **with_scores(0.056))
    said("scores in big steps", model, 0, "logits in steps of 1:", "warnings", "--runtime", STANDIN, **with_scores(1, 0))
    single = TESTDATA / "models/yolov8n_ultra_int8_640.onnx"
    (tmp / "single.ini").write_text("[output 0]\ntype=int8\nzp=-128\nscale=2.5\n")
    settings["RKNN_STANDIN_CONFIG"] = str(tmp / "single.ini")
    done, found = look(single, "--runtime", STANDIN, **settings)
    tap.ok("a model that the engine refuses still shows its tensors", done.returncode == 1
           and "never detect anything" in found["error"] and found["outputs"][0]["dims"] == [1, 84, 8400]
           and found["outputs"][0]["scale"] == 2.5, done.stdout, done.stderr)
    said("an ONNX model and no ONNX Runtime", model, 1, "did not find it", "error", "--runtime", STANDIN,
         RKNN_STANDIN_ONNXRUNTIME="/nonexistent/libonnxruntime.so.1", RKNN_LOG_LEVEL="0")


def test_sizes(tmp):
    model = TESTDATA / "models/yolov8n_rk6_640.onnx"
    try:
        import onnx
    except ImportError as missing:
        tap.skip("several input sizes", missing)
        return
    if not STANDIN or not model.exists():
        tap.skip("several input sizes", "there is no stand-in, or RKNNYOLO_TESTDATA has no models")
        return
    graph = onnx.load(str(model))
    for value in [graph.graph.input[0], *graph.graph.output]:
        for k, dim in enumerate(value.type.tensor_type.shape.dim):
            if k > 1:
                dim.dim_param = "%s_%d" % (value.name, k)
    del graph.graph.value_info[:]
    onnx.save(graph, str(tmp / "open.onnx"))
    settings = {"RKNN_STANDIN_THREADS": "1", "RKNN_STANDIN_SHAPES": "640x384,384x640,640x640"}
    done, found = look(tmp / "open.onnx", "--runtime", STANDIN, **settings)
    tap.ok("several input sizes", done.returncode == 0 and found["batch"] == 1
           and found["input-sizes"] == ["640x640", "640x384", "384x640"] and found["width"] == found["height"] == 640,
           done.stdout, done.stderr)
    text = inspect(tmp / "open.onnx", "--runtime", STANDIN, **settings)
    tap.ok("... as text, too", tap.has(text.stdout, "input 640x640 or 640x384 384x640"), text.stdout)


def test_arguments():
    done = tap.run(PROGRAM)
    tap.ok("no model", done.returncode == 2 and "--help" in done.stderr, done.stderr)
    done = tap.run(PROGRAM, "a", "b")
    tap.ok("two models", done.returncode == 2, done.stderr)
    done = tap.run(PROGRAM, "--no-such-option", "a")
    tap.ok("a wrong option", done.returncode == 2, done.stderr)
    done = tap.run(PROGRAM, "--version")
    tap.ok("the version", done.returncode == 0 and done.stdout.startswith("rknnyolo-inspect "), done.stdout)


with tempfile.TemporaryDirectory() as folder:
    tmp = Path(folder)
    test_real()
    test_header(tmp)
    test_broken(tmp)
    test_runtime(tmp)
    test_garbage(tmp)
    test_standin(tmp)
    test_sizes(tmp)
    test_arguments()
tap.done()
