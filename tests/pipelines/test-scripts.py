#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests what the scripts of pipelines/ say, and show.py and mosaic.py; speaks
TAP.

    test-scripts.py WRITE-MODEL BROKEN-MPP

BROKEN-MPP is a plugin with an mppvideodec and an mpph264enc that do not start.
"""

import os
import signal
import sys
import time
from pathlib import Path

from tap import (BLINK, SCRIPTS, begin, done, end, folder, free_port, ok, read_frames, run, said,
                 start, wait_for)

MODEL = begin("x264enc", "avdec_h264", "compositor", write_model=sys.argv[1])

SERVER = Path(__file__).resolve().parent / "rtsp-server.py"

# Each with what it wants besides a model.
NAMES = {
    "mosaic.py": ["test"],
    "pictures.py": [folder, folder / "out"],
    "record.py": ["test"],
    "restream.py": ["test"],
    "show.py": ["test"],
}


def refused(description, name, word, *arguments, **options):
    """By one line with a word in it, not by a crash."""
    status, text = run(name, *arguments, **options)
    ok("%s: %s" % (name, description), status == 1 and word in text and "Traceback" not in text
       and text.startswith(name + ": "), status, text)


def test_words():
    for name, arguments in NAMES.items():
        status, text = run(name, "--help")
        ok("%s: --help" % name, status == 0 and "usage: " + name in text and "--model" in text,
           text)
        refused("a missing model is named", name, "no-such.rknn", "--model", "no-such.rknn",
                *arguments)
        refused("so is a property that is none", name, "colour", "--model", MODEL, "--set",
                "colour=red", *arguments)
        refused("and a value that is none", name, "interval", "--model", MODEL, "--set",
                "interval=often", *arguments)
        # -S: without Debian's modules
        status, text = run("/usr/bin/python3", "-S", SCRIPTS / name, *arguments)
        ok("%s: missing bindings are named" % name, status == 1 and "python3-gi" in text, text)
    bare = dict(os.environ, GST_PLUGIN_SYSTEM_PATH_1_0="/nowhere",
                GST_REGISTRY_1_0=str(folder / "bare"))
    refused("a missing element is named with its package", "record.py", "gstreamer1.0-", "--model",
            MODEL, "test", env=bare)
    refused("and so is a plugin that is not found", "record.py", "no element rknnyolo", "--model",
            MODEL, "test", env=dict(bare, GST_PLUGIN_PATH_1_0="/nowhere"))
    for name in ("mosaic.py", "record.py", "restream.py", "show.py"):
        refused("a missing file is named", name, "no-such.mp4", "--model", MODEL, "no-such.mp4")
        refused("so is a description that is none", name, "nosuchsrc", "--model", MODEL,
                "gst:nosuchsrc")
    refused("a folder that is none is named", "record.py", "no-such", "--model", MODEL, "--output",
            "no-such/name", "test")
    for name, *arguments in (
            ("mosaic.py", "--canvas", "wide"), ("mosaic.py", "--fps", 0),
            ("record.py", "--seconds", -1), ("record.py", "--seconds", "inf"),
            ("record.py", "--keep", -3), ("record.py", "--size", "0x0"),
            ("restream.py", "--port", 65536), ("restream.py", "--user", "name"),
            ("show.py", "--rate", "fast"), ("show.py", "--latency", -1)):
        status, text = run(name, *arguments, "test")
        ok("%s: what is expected of %s is said" % (name, arguments[0]),
           status == 2 and "expected is" in text and "Traceback" not in text, status, text)
    refused("a canvas that is too small is told", "mosaic.py", "--canvas", "--model", MODEL,
            "--canvas", "64x64", *["test"] * 5)
    refused("a folder that is none is named", "mosaic.py", "no-such", "--model", MODEL,
            "--output", "no-such/x.mp4", "test")
    refused("a folder is no file", "mosaic.py", "is a folder", "--model", MODEL, "--output", folder,
            "test")
    (folder / "bad.onnx").write_text("no model")
    refused("a model that is none is named", "show.py", "bad.onnx", "--model", "bad.onnx",
            "--sink", "fakesink", "test")


def make_clip(frames):
    """A white video, recorded from a source that ends after so many frames and
    is taken for a camera that is lost then."""
    process = start("record.py", "--model", MODEL, "--no-hud", "--seconds", 0, "--output", "clip",
                    "gst:videotestsrc num-buffers=%d pattern=white ! "
                    "video/x-raw,width=160,height=120,framerate=25/1" % frames)
    wait_for(lambda: "the source ended" in said(process) or process.poll() is not None)
    end(process)
    return folder / "clip-00000.mp4"


def test_show(clip, frames):
    status, text = run("show.py", "--model", MODEL, "--sink", "fakesink", clip)
    ok("show.py: a file ends", status == 0, status, text)
    status, text = run("show.py", "--model", MODEL, "--every-frame", "--sink",
                       "x264enc speed-preset=ultrafast ! mp4mux ! filesink location=shown.mp4",
                       clip)
    shown = read_frames(folder / "shown.mp4")
    ok("show.py: --every-frame shows every frame", status == 0 and len(shown[0]) == frames,
       status, len(shown[0]), shown[1], text)
    process = start("show.py", "--model", MODEL, "--sink", "fakesink", "/dev/video99")
    ok("show.py: a camera that is not there is waited for, and the reason told",
       wait_for(lambda: "Cannot identify device" in said(process))
       and "trying again" in said(process), said(process))
    ok("show.py: an interrupt ends the waiting", end(process) == 0, said(process))
    process = start("show.py", "--model", MODEL, "--sink", "fakesink", BLINK)
    time.sleep(1)
    ok("show.py: SIGTERM ends it in order", end(process, signal.SIGTERM) == 0, said(process))
    # As timeout(1) does it: to the process, and at once to its group.
    process = start("show.py", "--model", MODEL, "--sink", "fakesink", BLINK,
                    start_new_session=True)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.02)
    ok("show.py: a signal that comes twice is one", end(process, signal.SIGTERM) == 0,
       said(process))


def test_broken_hardware(clip, frames):
    plugins = "%s:%s" % (os.environ["GST_PLUGIN_PATH_1_0"],
                         os.path.dirname(os.path.abspath(sys.argv[2])))
    status, text = run("record.py", "--model", MODEL, "--seconds", 0, "--output", "broken", clip,
                       env=dict(os.environ, GST_PLUGIN_PATH_1_0=plugins,
                                GST_REGISTRY_1_0=str(folder / "broken-registry")))
    for name in ("mppvideodec", "mpph264enc"):
        ok("record.py: %s is there and does not start, which is said" % name,
           name + " does not start" in text, text)
    shown = read_frames(folder / "broken-00000.mp4")
    ok("record.py: others do their work", status == 0 and len(shown[0]) == frames, status,
       len(shown[0]), shown[1], text)


def tile(pixels, number_of_tile):
    """Brightness in the middle of a quarter of 16 x 16 pixels."""
    x, y = number_of_tile % 2 * 8 + 4, number_of_tile // 2 * 8 + 4
    return pixels[16 * y + x]


def test_mosaic(clip):
    """Two live ones of other sizes and rates, a file that ends, and a camera that
    is lost and comes back."""
    port = free_port()
    server = start(SERVER, port)
    process = start(
        "mosaic.py", "--model", MODEL, "--canvas", "320x240", "--output", "mosaic.mp4",
        "gst:videotestsrc is-live=true pattern=white ! "
        "video/x-raw,format=NV12,width=320,height=240,framerate=10/1",
        "gst:videotestsrc is-live=true pattern=black ! "
        "video/x-raw,format=RGB,width=640,height=360,framerate=25/1",
        clip, "rtsp://127.0.0.1:%d/" % port)
    wait_for(lambda: os.path.exists(folder / "mosaic.mp4")
             and (folder / "mosaic.mp4").stat().st_size > 100000)
    server.kill()
    server.wait()
    wait_for(lambda: "trying again" in said(process) or process.poll() is not None)
    server = start(SERVER, port)
    ok("mosaic.py: a source that is lost comes back",
       wait_for(lambda: "is back" in said(process)), said(process))
    time.sleep(4)       # until the file that ended is gone
    status = end(process)
    refused("a source is not overwritten", "mosaic.py", "one of the sources", "--model", MODEL,
            "--output", clip, clip)
    ok("mosaic.py: an interrupt ends it in order", status == 0, status, said(process))
    frames, error = read_frames(folder / "mosaic.mp4")
    pixels = [frame[2] for frame in frames]
    ok("mosaic.py: the file plays", error is None and len(frames) > 25, error, len(frames))
    ok("mosaic.py: each source has its place", pixels and tile(pixels[-1], 0) > 200
       and tile(pixels[-1], 1) < 50 and all(tile(p, 1) < 50 for p in pixels),
       pixels and [tile(pixels[-1], i) for i in range(4)])
    ok("mosaic.py: a file is there until it has ended",
       any(tile(p, 2) > 200 for p in pixels) and pixels and tile(pixels[-1], 2) < 50,
       [tile(p, 2) for p in pixels])


def main():
    test_words()
    clip = make_clip(50)
    test_show(clip, 50)
    test_broken_hardware(clip, 50)
    test_mosaic(clip)
    done()


main()
