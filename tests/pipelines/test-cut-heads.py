#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests tools/cut-heads; speaks TAP.

    test-cut-heads.py CUT-HEADS [RKNNYOLO-COCO-EVAL STANDIN]

Small networks with random weights, built and named as Ultralytics exports
them, are cut, both graphs are computed here in numpy, and the maps decoded by
the formulas of Ultralytics' head must be what the uncut graph says.  Models of
the test data (RKNNYOLO_TESTDATA) go through the element, cut and uncut.
Needs onnx and numpy.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "common"))

from results import done, ok  # noqa: E402

try:
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper
except ImportError as missing:
    print("1..0 # SKIP %s; tools/install-dependencies tests installs it" % missing)
    sys.exit()

CUT_HEADS = sys.argv[1]
TESTDATA = Path(os.environ.get("RKNNYOLO_TESTDATA", ""))
SIZE, STRIDES, BINS, CLASSES = (64, 96), (8, 16, 32), 16, 3
CELLS = sum(SIZE[0] // s * (SIZE[1] // s) for s in STRIDES)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x, axis):
    x = np.exp(x - x.max(axis=axis, keepdims=True))
    return x / x.sum(axis=axis, keepdims=True)


# ---- networks as Ultralytics exports them

class Network:
    """A head on a backbone of three convolutions."""

    def __init__(self, task, one2one=False, end2end=False, angle="sigmoid", opset=12):
        self.random = np.random.RandomState(5)
        self.nodes, self.constants, self.opset = [], [], opset
        self.task, self.prefix = task, "one2one_" if one2one else ""
        self.bins = 1 if one2one else BINS
        head = self.head(self.backbone())
        outputs = getattr(self, task)(head, angle)
        if end2end:
            outputs[0] = "output0", [1, 300, 6], self.node("Identity", [outputs[0][2]])
        for name, _, tensor in outputs:
            next(node for node in self.nodes if tensor in node.output).output[0] = name
        shape = [1, 3] + list(SIZE)
        graph = helper.make_graph(
            self.nodes, "main_graph",
            [helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)
             for name, dims, _ in outputs], self.constants)
        self.model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
        self.model.ir_version = 7
        helper.set_model_props(self.model, {
            "task": task, "stride": "32", "imgsz": str(list(SIZE)),
            "names": "{0: 'a', 1: 'b', 2: 'c'}"})

    def constant(self, values, dtype=np.float32):
        name = "constant%d" % len(self.constants)
        self.constants.append(numpy_helper.from_array(np.array(values, dtype), name))
        return name

    def node(self, op, inputs, name=None, outputs=1, **attributes):
        name = name or "/%s%d" % (op, len(self.nodes))
        made = [name + "_output_%d" % i for i in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, made, name=name, **attributes))
        return made[0] if outputs == 1 else made

    def conv(self, source, channels_in, channels, size=1, name=None):
        weights = self.random.normal(0, 1.5 / np.sqrt(channels_in * size * size),
                                     (channels, channels_in, size, size))
        bias = self.random.normal(0, 0.2, channels)
        return self.node("Conv", [source, self.constant(weights), self.constant(bias)], name,
                         kernel_shape=[size, size], strides=[size, size])

    def backbone(self):
        maps, channels = [], 3
        source = "images"
        for size, wide in ((8, 16), (2, 24), (2, 32)):
            source = self.conv(source, channels, wide, size)
            channels = wide
            maps.append((source, wide))
        return maps

    def reshape(self, source, shape):
        return self.node("Reshape", [source, self.constant(shape, np.int64)])

    def branch(self, maps, branch, channels):
        """The convolution named as in a module list, one a stride, as one list of cells."""
        name = "/model.9/%s{0}.{1}/%s{0}.{1}.2/Conv".replace("%s", self.prefix, 2).format(
            branch, "%d")
        lists = [self.reshape(self.conv(source, wide, channels, 1, name % (i, i)),
                              [1, channels, -1]) for i, (source, wide) in enumerate(maps)]
        return self.node("Concat", lists, axis=2)

    def head(self, maps):
        self.maps = maps
        return self.branch(maps, "cv2", 4 * self.bins), self.branch(maps, "cv3", CLASSES)

    def anchors(self):
        grids = [(SIZE[0] // s, SIZE[1] // s, s) for s in STRIDES]
        points = np.concatenate([np.stack(np.meshgrid(np.arange(w) + 0.5, np.arange(h) + 0.5),
                                          0).reshape(2, -1) for h, w, _ in grids], 1)
        strides = np.concatenate([np.full(h * w, s) for h, w, s in grids])
        return self.constant(points[None]), self.constant(strides[None, None])

    def distances(self, box):
        if self.bins == 1:
            return box
        box = self.reshape(box, [1, 4, BINS, CELLS])
        box = self.node("Softmax", [box], axis=2)
        bins = self.constant(np.arange(BINS).reshape(1, 1, BINS, 1))
        box = self.node("Mul", [box, bins])
        if self.opset >= 13:
            return self.node("ReduceSum", [box, self.constant([2], np.int64)], keepdims=0)
        return self.node("ReduceSum", [box], axes=[2], keepdims=0)

    def boxes(self, box):
        points, strides = self.anchors()
        first, second = self.split(self.distances(box))
        low = self.node("Sub", [points, first])
        high = self.node("Add", [points, second])
        total = self.node("Add", [low, high])
        centre = self.node("Mul", [total, self.constant(0.5)])
        size = self.node("Sub", [high, low])
        both = self.node("Concat", [centre, size], axis=1)
        return self.node("Mul", [both, strides])

    def split(self, tensor):
        if self.opset >= 13:
            return self.node("Split", [tensor, self.constant([2, 2], np.int64)], outputs=2, axis=1)
        return self.node("Split", [tensor], outputs=2, axis=1, split=[2, 2])

    def detect(self, head, _, *more):
        parts = [self.boxes(head[0]), self.node("Sigmoid", [head[1]])] + list(more)
        extra = {"pose": 51, "segment": 32, "obb": 1}.get(self.task, 0)
        return [("output0", [1, 4 + CLASSES + extra, CELLS],
                 self.node("Concat", parts, axis=1))]

    def segment(self, head, angle):
        proto = self.node("ConvTranspose", [self.maps[0][0], self.constant(
            self.random.normal(0, 1, (16, 32, 2, 2)))], strides=[2, 2], kernel_shape=[2, 2])
        return self.detect(head, angle, self.branch(self.maps, "cv4", 32)) + [
            ("output1", [1, 32, SIZE[0] // 4, SIZE[1] // 4], proto)]

    def pose(self, head, angle):
        points, strides = self.anchors()
        raw = self.reshape(self.branch(self.maps, "cv4", 51), [1, 17, 3, CELLS])
        factor = self.constant(np.array([2, 2, 1]).reshape(1, 1, 3, 1))
        self.keypoints = self.reshape(self.node("Mul", [raw, factor]), [1, 51, CELLS])
        return self.detect(head, angle, self.keypoints)

    def obb(self, head, angle):
        """theta = (sigmoid - 0.25) * pi, or the angle itself; boxes as for detect here."""
        theta = self.branch(self.maps, "cv4", 1)
        if angle == "sigmoid":
            theta = self.node("Sub", [self.node("Sigmoid", [theta]), self.constant(0.25)])
            theta = self.node("Mul", [theta, self.constant(np.pi)])
        return self.detect(head, angle, theta)


# ---- and what they compute

def compute(model, picture):
    """Outputs of a graph by name, for the few operations that occur here."""
    values = {init.name: numpy_helper.to_array(init) for init in model.graph.initializer}
    values[""] = None
    values["images"] = picture
    for node in model.graph.node:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        inputs = [values[name] for name in node.input]
        results = OPERATIONS[node.op_type](inputs, attributes)
        for name, result in zip(node.output, results if isinstance(results, list) else [results]):
            values[name] = result
    return {output.name: values[output.name] for output in model.graph.output}


def conv(inputs, attributes):
    """Kernels as large as their steps, as all are here."""
    x, weights, bias = inputs
    k = weights.shape[2]
    _, c, h, w = x.shape
    blocks = x.reshape(1, c, h // k, k, w // k, k)
    return np.einsum("bchiwj,ocij->bohw", blocks, weights) + bias.reshape(1, -1, 1, 1)


def reduce_sum(inputs, attributes):
    axes = attributes.get("axes") or inputs[1].tolist()
    return inputs[0].sum(axis=tuple(axes), keepdims=bool(attributes["keepdims"]))


def split(inputs, attributes):
    sizes = attributes.get("split") or inputs[1].tolist()
    return np.split(inputs[0], np.cumsum(sizes)[:-1], axis=attributes["axis"])


def reshape(inputs, attributes):
    return inputs[0].reshape([inputs[0].shape[i] if n == 0 else n
                              for i, n in enumerate(inputs[1].tolist())])


OPERATIONS = {
    "Conv": conv,
    "ConvTranspose": lambda i, a: np.einsum("bchw,coij->bohiwj", i[0], i[1]).reshape(
        1, 32, 2 * i[0].shape[2], 2 * i[0].shape[3]),
    "Reshape": reshape,
    "Split": split,
    "ReduceSum": reduce_sum,
    "Identity": lambda i, a: i[0],
    "Concat": lambda i, a: np.concatenate(i, axis=a["axis"]),
    "Sigmoid": lambda i, a: sigmoid(i[0]),
    "Softmax": lambda i, a: softmax(i[0], a["axis"]),
    "Mul": lambda i, a: i[0] * i[1],
    "Add": lambda i, a: i[0] + i[1],
    "Sub": lambda i, a: i[0] - i[1],
    "Clip": lambda i, a: np.clip(i[0], i[1], i[2]),
}


def decode_boxes(box, stride):
    """Centre and size in pixels from the map of one stride: [4, cells]."""
    _, channels, h, w = box.shape
    bins = channels // 4
    sides = box.reshape(4, bins, h * w)
    distance = sides[:, 0] if bins == 1 else (
        softmax(sides, 1) * np.arange(bins)[None, :, None]).sum(1)
    gy, gx = np.divmod(np.arange(h * w), w)
    left, top, right, bottom = distance
    return np.stack([gx + 0.5 + (right - left) / 2, gy + 0.5 + (bottom - top) / 2,
                     left + right, top + bottom]) * stride


def decode(task, outputs, scores):
    """What the uncut graph says, from the maps."""
    parts = []
    for i, stride in enumerate(STRIDES):
        if task in ("pose", "obb"):
            det = outputs["det%d" % i]
            box, cls = det[:, :-CLASSES], sigmoid(det[:, -CLASSES:])
        else:
            box, cls = outputs["box%d" % i], outputs["cls%d" % i]
            cls = sigmoid(cls) if scores == "logits" else cls
        rows = [decode_boxes(box, stride), cls.reshape(CLASSES, -1)]
        if task == "segment":
            rows.append(outputs["coef%d" % i].reshape(32, -1))
        parts.append(np.concatenate(rows))
    whole = np.concatenate(parts, 1)
    if task == "pose":
        whole = np.concatenate([whole, outputs["kpts"].reshape(51, -1)])
    elif task == "obb":
        whole = np.concatenate([whole, (outputs["angle"].reshape(1, -1) - 0.25) * np.pi])
    return whole[None]


# ---- tests

def cut_heads(tmp, model, *arguments):
    """Runs the program; returns the finished process and the model or None."""
    if not isinstance(model, Path):
        (tmp / "whole.onnx").write_bytes(model.SerializeToString())
        model = tmp / "whole.onnx"
    target = tmp / "cut.onnx"
    if target.exists():
        target.unlink()
    done = subprocess.run([sys.executable, CUT_HEADS, str(model), str(target), *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True, timeout=240)
    return done, onnx.load(str(target)) if target.exists() else None


def test_network(tmp, name, network, *arguments, layout):
    done, cut = cut_heads(tmp, network.model, *arguments)
    ok(name, done.returncode == 0 and cut is not None, done.stderr)
    if cut is None:
        return
    shapes = [[dim.dim_value for dim in output.type.tensor_type.shape.dim]
              for output in cut.graph.output]
    ok("%s: the shapes" % name, [shape[1] for shape in shapes] == layout, shapes)
    ok("%s: metadata stays" % name,
       list(cut.metadata_props) == list(network.model.metadata_props))
    picture = np.random.RandomState(1).uniform(0, 1, (1, 3) + SIZE).astype(np.float32)
    outputs = compute(cut, picture)
    ok("%s: shapes are those declared" % name,
       [list(outputs[output.name].shape) for output in cut.graph.output] == shapes)
    whole = compute(network.model, picture)
    scores = arguments[1] if arguments else "sum"
    difference = np.abs(decode(network.task, outputs, scores) - whole["output0"]).max()
    ok("%s: the maps decode to the same" % name, difference < 1e-4, difference)
    if "proto" in outputs:
        ok("%s: the prototypes" % name, np.array_equal(outputs["proto"], whole["output1"]))
    if "sum0" in outputs:
        ok("%s: the sums" % name, np.allclose(
            outputs["sum0"][:, 0], outputs["cls0"].sum(1).clip(0, 1), atol=1e-6))
    named = all(("%s" % output.name) in done.stdout for output in cut.graph.output)
    ok("%s: what was done is told" % name, named and "/model.9/" in done.stdout, done.stdout)


def test_networks(tmp):
    box, nine = 4 * BINS, [4 * BINS, CLASSES, 1] * 3
    test_network(tmp, "detect", Network("detect"), layout=nine)
    test_network(tmp, "detect, opset 13", Network("detect", opset=13), layout=nine)
    test_network(tmp, "detect, no sums", Network("detect"), "--scores", "sigmoid",
                 layout=[box, CLASSES] * 3)
    test_network(tmp, "detect, logits", Network("detect"), "--scores", "logits",
                 layout=[box, CLASSES] * 3)
    test_network(tmp, "one-to-one", Network("detect", one2one=True), layout=[4, CLASSES, 1] * 3)
    test_network(tmp, "segment", Network("segment"),
                 layout=[box, CLASSES, 1, 32] * 3 + [32])
    test_network(tmp, "segment, no sums", Network("segment"), "--scores", "sigmoid",
                 layout=[box, CLASSES, 32] * 3 + [32])
    test_network(tmp, "pose", Network("pose"), layout=[box + CLASSES] * 3 + [17])
    test_network(tmp, "obb", Network("obb"), layout=[box + CLASSES] * 3 + [1])
    test_network(tmp, "obb, raw angles", Network("obb", angle="raw"),
                 layout=[box + CLASSES] * 3 + [1])


def refused(tmp, description, reason, model, *arguments):
    done, cut = cut_heads(tmp, model, *arguments)
    ok("refused: " + description, done.returncode == 1 and cut is None
       and reason in done.stderr and "Traceback" not in done.stderr, done.stderr)


def refused_itself(tmp):
    path = tmp / "itself.onnx"
    path.write_bytes(Network("detect").model.SerializeToString())
    before = path.read_bytes()
    done = subprocess.run([sys.executable, CUT_HEADS, str(path), str(path)],
                          stderr=subprocess.PIPE, universal_newlines=True, timeout=60)
    ok("refused: the input as output", done.returncode == 1 and "overwritten" in done.stderr
       and path.read_bytes() == before, done.stderr)


def no_part_is_left(tmp):
    """A file may have 4096 bytes, as on a full disk."""
    source, output = tmp / "source.onnx", tmp / "part.onnx"
    source.write_bytes(Network("detect").model.SerializeToString())
    done = subprocess.run(
        [sys.executable, CUT_HEADS, str(source), str(output)], stderr=subprocess.PIPE,
        universal_newlines=True, timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
    ok("refused: no room for the output, of which nothing is left", done.returncode == 1
       and "cannot be written" in done.stderr and not output.exists(), done.stderr)


def changed(network, change):
    change(network.model)
    return network.model


def test_refusals(tmp):
    refused(tmp, "no such file", "cannot be read", tmp / "nothing.onnx")
    (tmp / "text.onnx").write_text("This is no model.")
    refused(tmp, "a text", "text.onnx", tmp / "text.onnx")
    refused_itself(tmp)
    no_part_is_left(tmp)
    _, cut = cut_heads(tmp, Network("detect").model)
    refused(tmp, "a cut model", "maps already", cut)

    def rename(model):
        for node in model.graph.node:
            for i, name in enumerate(node.output):
                node.output[i] = name.replace("/model.9/", "/net/")
            for i, name in enumerate(node.input):
                node.input[i] = name.replace("/model.9/", "/net/")

    refused(tmp, "another network", "none of the convolutions", changed(
        Network("detect"), rename))

    def drop_stride(model):
        for node in model.graph.node:
            for i, name in enumerate(node.output):
                node.output[i] = name.replace("cv3.2", "cv9.2")
            for i, name in enumerate(node.input):
                node.input[i] = name.replace("cv3.2", "cv9.2")

    refused(tmp, "a head with other strides", "three strides", changed(
        Network("detect"), drop_stride))
    refused(tmp, "metadata of another task", "task is pose", changed(
        Network("detect"), lambda m: helper.set_model_props(m, {"task": "pose"})))

    def quantise(model):
        node = next(n for n in model.graph.node if n.op_type == "Conv")
        node.op_type = "QLinearConv"

    refused(tmp, "quantised weights", "QLinearConv", changed(Network("detect"), quantise))

    def halve(model):
        for init in model.graph.initializer:
            if init.data_type == TensorProto.FLOAT:
                values = numpy_helper.to_array(init).astype(np.float16)
                init.CopyFrom(numpy_helper.from_array(values, init.name))

    refused(tmp, "half precision", "half=True", changed(Network("detect"), halve))

    def free_size(model):
        for dim in model.graph.input[0].type.tensor_type.shape.dim[2:]:
            dim.dim_param = "size"

    refused(tmp, "a free input size", "--size", changed(Network("detect"), free_size))
    refused(tmp, "another size for pose", "imgsz", Network("pose").model, "--size", "64")
    refused(tmp, "a size that does not fit", "multiple of 32", Network("detect").model,
            "--size", "100")
    refused(tmp, "a pose model exported end to end", "end2end=False",
            Network("pose", end2end=True).model)


def load_program():
    """cut-heads as a module."""
    sys.dont_write_bytecode = True
    loader = SourceFileLoader("cut_heads", CUT_HEADS)
    module = module_from_spec(spec_from_loader("cut_heads", loader))
    loader.exec_module(module)
    return module


def detections(tmp, model):
    """What the element finds on the sample picture, best first."""
    folder = tmp / "bus"
    if not folder.exists():
        folder.mkdir()
        shutil.copy(TESTDATA / "images/bus.jpg", folder / "1.jpg")
    results = tmp / "results.json"
    # As they are computed: half precision differs by the scale of a tensor.
    environment = dict(os.environ, RKNN_STANDIN_FLOAT="fp32", RKNN_STANDIN_THREADS="1")
    subprocess.run([sys.argv[2], "--runtime", sys.argv[3], "--model", str(model), "--output",
                    str(results), "--confidence-threshold", "0.25", str(folder)],
                   env=environment, stdout=subprocess.DEVNULL, check=True, timeout=240)
    return sorted(json.loads(results.read_text()), key=lambda d: -d["score"])


def test_model(tmp, name, to_float, *arguments):
    """A model as it is, its weights as float, against the same model cut."""
    path = TESTDATA / "models" / (name + ".onnx")
    whole = onnx.load(str(path))
    to_float(whole.graph).run()
    (tmp / "float.onnx").write_bytes(whole.SerializeToString())
    done, cut = cut_heads(tmp, path, *arguments)
    ok(name, cut is not None, done.stderr)
    if cut is None:
        return
    expected = detections(tmp, tmp / "float.onnx")
    found = detections(tmp, tmp / "cut.onnx")
    same = len(found) == len(expected) > 0 and all(
        a["category_id"] == b["category_id"] and abs(a["score"] - b["score"]) < 1e-4
        and max(abs(x - y) for x, y in zip(a["bbox"], b["bbox"])) < 1e-2
        for a, b in zip(found, expected))
    ok("%s: the element finds the same" % " ".join((name,) + arguments), same,
       "cut:", *found, "uncut:", *expected)


def main():
    with tempfile.TemporaryDirectory() as folder:
        tmp = Path(folder)
        test_networks(tmp)
        test_refusals(tmp)
        if len(sys.argv) > 3 and (TESTDATA / "models/yolov5n_ultra_640.onnx").exists():
            to_float = load_program().FloatConverter
            test_model(tmp, "yolov5n_ultra_640", to_float)
            test_model(tmp, "yolov8n_ultra_int8_640", to_float)
            test_model(tmp, "yolov8n_ultra_int8_640", to_float, "--scores", "sigmoid")
            test_model(tmp, "yolo26n_e2e_int8_640", to_float)
            test_model(tmp, "yolo26n_e2e_int8_640", to_float, "--scores", "logits")
        else:
            ok("models # SKIP no test data at RKNNYOLO_TESTDATA, or no rknnyolo-coco-eval", True)
    done()


main()
