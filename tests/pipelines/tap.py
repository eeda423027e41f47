# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the scripts share: results as TAP, processes that end with
the test, waiting with a limit, and reading what was written.

Files of frames are compared by the brightness of their pictures, which the
pattern "blink" of videotestsrc lets change with each frame: one that is lost or
doubled shows.
"""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "common"))

from results import done, ok, skip, skip_all  # noqa: E402,F401

try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstVideo", "1.0")
    from gi.repository import Gst
except (ImportError, ValueError):
    Gst = None

LIMIT = 120             # seconds that anything may take on a busy machine
SCRIPTS = Path(__file__).resolve().parents[2] / "pipelines"
TESTDATA = Path(os.environ.get("RKNNYOLO_TESTDATA", ""))
LONG = bool(os.environ.get("RKNNYOLO_LONG_TESTS"))
BLINK = ("gst:videotestsrc is-live=true pattern=blink ! "
         "video/x-raw,format=I420,width=320,height=240,framerate=25/1")

processes = []
folder = Path(tempfile.mkdtemp(prefix="rknnyolo-pipelines-"))
model = None


@atexit.register
def clean():
    for process in processes:
        if process.poll() is None:
            process.kill()
            process.wait()
    if model:
        os.unlink(model)
    shutil.rmtree(folder, ignore_errors=True)


def begin(*elements, write_model=None):
    """Skips the test where something is missing.  write_model: the program that
    writes a small model, which is returned."""
    global model
    if Gst is None:
        skip_all("python3-gi and GStreamer's bindings are missing; tools/install-dependencies "
                 "tests installs them")
    Gst.init(None)
    for element in elements:
        if Gst.ElementFactory.find(element) is None:
            skip_all("GStreamer has no %s here; tools/install-dependencies demo installs it"
                     % element)
    if write_model:
        written = subprocess.run([write_model], stdout=subprocess.PIPE, text=True, check=False)
        if written.returncode != 0:
            skip_all("the stand-in cannot run a model here; tools/fetch-onnxruntime")
        model = written.stdout.strip()
    return model


def start(name, *arguments, **options):
    """A script, or a program with a path; what it says is in process.log."""
    path = name if os.path.isabs(str(name)) else SCRIPTS / name
    log = open(folder / ("log%d" % len(processes)), "w+", encoding="utf-8")
    process = subprocess.Popen([str(path), *map(str, arguments)], stdout=log,
                               stderr=subprocess.STDOUT, cwd=folder, **options)
    process.log = log.name
    log.close()
    processes.append(process)
    return process


def end(process, number_of_signal=signal.SIGINT):
    """The exit code, after a signal."""
    if number_of_signal:
        process.send_signal(number_of_signal)
    try:
        return process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        return "none, it hangs"


def run(name, *arguments, **options):
    """(exit code, what it said)"""
    process = start(name, *arguments, **options)
    status = end(process, None)
    return status, said(process)


def said(process):
    return Path(process.log).read_text(encoding="utf-8", errors="replace")


def wait_for(condition, limit=LIMIT):
    """Whether it became true within the limit."""
    stop = time.monotonic() + limit
    while time.monotonic() < stop:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


def read_frames(path):
    """[(time in seconds, brightness 0..255, 16 x 16 bytes)] of a video, and what
    was wrong with it or None."""
    pipeline = Gst.parse_launch(
        "filesrc name=source ! decodebin ! videoconvert ! videoscale ! "
        "video/x-raw,format=GRAY8,width=16,height=16 ! appsink name=sink sync=false")
    sink = pipeline.get_by_name("sink")
    pipeline.get_by_name("source").set_property("location", str(path))
    pipeline.set_state(Gst.State.PLAYING)
    frames, message = [], None
    stop = time.monotonic() + LIMIT
    while message is None and not sink.get_property("eos") and time.monotonic() < stop:
        sample = sink.emit("try-pull-sample", Gst.SECOND // 10)
        if sample is not None:
            pixels = sample.get_buffer().extract_dup(0, 256)
            frames.append((sample.get_buffer().pts / Gst.SECOND, sum(pixels) / 256, pixels))
        message = pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)
    if message is not None:
        return frames, message.parse_error()[0].message
    return frames, None if time.monotonic() < stop else "it does not end"


def flaws(paths, rate=25):
    """What is wrong with the pictures of BLINK in these files, in turn."""
    found, before = [], None
    for path in paths:
        frames, error = read_frames(path)
        if error or not frames:
            found.append("%s: %s" % (path, error or "no frame in it"))
        for i, (pts, light, _pixels) in enumerate(frames):
            if before is not None and (light > 128) == (before > 128):
                found.append("%s: frame %d follows one like it" % (path, i))
            if i > 0 and abs(pts - frames[i - 1][0] - 1 / rate) > 0.002:
                found.append("%s: frame %d comes after %.4f s" % (path, i, pts - frames[i - 1][0]))
            before = light
    return found
