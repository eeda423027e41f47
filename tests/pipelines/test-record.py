#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests record.py: files that are whole and without gaps, however it ends;
speaks TAP.

    test-record.py WRITE-MODEL

With RKNNYOLO_LONG_TESTS=1 it records for a minute, too.
"""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tap import (BLINK, LONG, SCRIPTS, begin, done, end, flaws, folder, free_port, ok, read_frames,
                 run, said, skip, start, wait_for)

MODEL = begin("x264enc", "avdec_h264", "splitmuxsink", "mp4mux", write_model=sys.argv[1])
SERVER = Path(__file__).resolve().parent / "rtsp-server.py"


def files(name):
    return sorted(folder.glob(name + "-*.mp4"))


def record(name, *arguments, source=BLINK, **options):
    return start("record.py", "--model", MODEL, "--no-hud", "--output", name, *arguments, source,
                 **options)


def is_in(path, word, times):
    return path.exists() and path.read_bytes().count(word) >= times


def test_interrupts():
    """At any moment: with no file, in the first one, between two."""
    for i, kind in enumerate((signal.SIGINT, signal.SIGTERM, signal.SIGINT)):
        name = "stop%d" % i
        process = record(name, "--seconds", 1)
        wait_for(lambda name=name, i=i: len(files(name)) >= i or process.poll() is not None)
        moment = random.uniform(0.3, 1.5)
        time.sleep(moment)
        status = end(process, kind)
        # At first there is no frame, and then no file; on a busy machine not even
        # the script, but Python alone.
        ok("%s %.2f s after file %d: the program ends in order" % (kind.name, moment, i),
           status == 0 or (status == -kind and not files(name)), status, said(process))
        found = flaws(files(name))
        ok("all its files play, and lack no frame (%d)" % len(files(name)),
           not found and len(files(name)) >= i, *found, said(process))


def test_long():
    """A minute in files of ten seconds."""
    process = record("minute", "--seconds", 10)
    time.sleep(60)
    status = end(process)
    found = flaws(files("minute"))
    frames = sum(len(read_frames(path)[0]) for path in files("minute"))
    ok("a minute: %d frames in %d files" % (frames, len(files("minute"))),
       status == 0 and not found and len(files("minute")) >= 6 and frames > 1300,
       status, *found, said(process))


def test_crash():
    """What was written before the program was killed plays."""
    process = record("crash", "--seconds", 0)
    path = folder / "crash-00000.mp4"
    wait_for(lambda: is_in(path, b"moof", 2) or process.poll() is not None)
    process.kill()
    process.wait()
    frames, error = read_frames(path)
    ok("a file that nobody finished plays", len(frames) >= 40, len(frames), error, said(process))


def test_limit():
    """A file that may not grow: any other trouble with writing."""
    process = record("limit", "--seconds", 0, preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_FSIZE, (150000, 150000)))
    status = end(process, None)
    frames, _error = read_frames(folder / "limit-00000.mp4")
    ok("a file that cannot be written ends it with an error", status == 1, status, said(process))
    ok("and what was written plays", len(frames) > 10, len(frames), said(process))


def test_full_disk():
    """On a file system of its own, which goes with the process."""
    disk = folder / "disk"
    disk.mkdir()
    copy = folder / "copy"
    script = ("mount -t tmpfs -o size=200k none %s && %s --model %s --output disk/full --no-hud "
              "--seconds 2 '%s'; status=$?; cp -r disk copy; exit $status"
              % (disk, SCRIPTS / "record.py", MODEL, BLINK))
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], check=False,
                                           stderr=subprocess.DEVNULL).returncode != 0:
        skip("a full disk", "only root can make a small one")
        return
    status, text = run(shutil.which("unshare"), "--mount", "sh", "-c", script)
    ok("a full disk is said", status == 1 and "is full" in text, status, text)
    frames = [read_frames(path)[0] for path in sorted(copy.glob("*.mp4"))]
    ok("and what was written plays", sum(map(len, frames)) > 10, *map(len, frames))


def test_file():
    """A file is not live: every frame, at any speed; behind what is there."""
    made = subprocess.run(
        ["gst-launch-1.0", "-q", *BLINK[4:].replace("is-live=true", "num-buffers=90").split(),
         "!", "x264enc", "speed-preset=ultrafast", "!", "mp4mux", "!", "filesink",
         "location=" + str(folder / "clip.mp4")], check=False,
        env={k: v for k, v in os.environ.items() if not k.startswith("GST_PLUGIN_PATH")}
        | {"GST_REGISTRY_1_0": str(folder / "registry")})
    for already in (0, 4):
        status, text = run("record.py", "--model", MODEL, "--no-hud", "--seconds", 1, "--output",
                           "clip", folder / "clip.mp4")
        found = files("clip")[already:]
        frames = sum(len(read_frames(path)[0]) for path in found)
        ok("a file: all frames, in files behind the %d that are there" % already,
           made.returncode == 0 and status == 0 and frames == 90 and len(found) == 4
           and not flaws(found), status, frames, found, text)
    status, text = run("record.py", "--model", MODEL, "--seconds", 1, "--keep", 2, "--output",
                       "keep", folder / "clip.mp4")
    names = [path.name for path in files("keep")]
    ok("--keep removes the oldest", names == ["keep-00002.mp4", "keep-00003.mp4"], names, text)


def test_lost_camera():
    """A network camera that dies, comes back with pictures of another size, and
    dies again; the interrupt comes while it is away."""
    port = free_port()
    server = start(SERVER, port)
    process = record("camera", "--seconds", 0, source="rtsp://127.0.0.1:%d/" % port)
    wait_for(lambda: is_in(folder / "camera-00000.mp4", b"moof", 1)
             or process.poll() is not None)
    for losses, size in ((1, (640, 480)), (2, None)):
        server.kill()
        server.wait()
        wait_for(lambda losses=losses: said(process).count("trying again") == losses)
        if size:
            server = start(SERVER, port, *size)
            ok("a camera that was lost is back", wait_for(lambda: "is back" in said(process)),
               said(process))
            wait_for(lambda: is_in(folder / "camera-00001.mp4", b"moof", 1)
                     or process.poll() is not None)
    status = end(process)
    read = [read_frames(path) for path in files("camera")]
    ok("an interrupt while it is away ends in order", status == 0, status, said(process))
    ok("pictures of another size are in another file, and all play",
       len(read) == 2 and not any(error for _frames, error in read)
       and "%d frames" % sum(len(frames) for frames, _error in read) in said(process),
       *[(len(frames), error) for frames, error in read], said(process))


test_interrupts()
test_lost_camera()
test_crash()
test_limit()
test_full_disk()
test_file()
if LONG:
    test_long()
done()
