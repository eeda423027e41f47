#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests restream.py with a server that dies and comes back, and with players
that stay; speaks TAP.

    test-restream.py WRITE-MODEL

With RKNNYOLO_LONG_TESTS=1 it runs for a minute, and a server stands still for
a while, too.
"""

import os
import signal
import sys
from pathlib import Path

from tap import (LONG, begin, done, end, folder, free_port, ok, run, said, skip_all, start,
                 wait_for)

MODEL = begin("x264enc", "avdec_h264", "rtspsrc", "rtph264pay", write_model=sys.argv[1])
SERVER = Path(__file__).resolve().parent / "rtsp-server.py"
PART = 500 if LONG else 75      # frames in each part of the test

# pylint: disable=wrong-import-position
import gi  # noqa: E402

try:
    gi.require_version("GstRtspServer", "1.0")
except ValueError:
    skip_all("gir1.2-gst-rtsp-server-1.0 is missing; tools/install-dependencies tests installs it")
from gi.repository import Gst  # noqa: E402


class Player:
    """Counts frames, those that have the box of the model's cat, and those that
    differ from the one before, since the ball of the source moves always."""

    def __init__(self, address, user=None):
        self.frames = self.annotated = self.moved = 0
        self.before = b""
        self.times = []
        self.pipeline = Gst.parse_launch(
            "rtspsrc name=source latency=100 protocols=tcp ! rtph264depay ! h264parse ! "
            "avdec_h264 ! videoconvert ! video/x-raw,format=RGB ! "
            "appsink name=sink sync=false emit-signals=true")
        self.pipeline.get_by_name("source").set_property("location", address)
        if user:
            self.pipeline.get_by_name("source").set_property("user-id", user[0])
            self.pipeline.get_by_name("source").set_property("user-pw", user[1])
        self.pipeline.get_by_name("sink").connect("new-sample", self._frame)
        self.pipeline.set_state(Gst.State.PLAYING)

    def _frame(self, sink):
        """Streaming thread.  The cat of the model is at 80,40 - 160,120 of 320x240
        and its box coloured; the test picture is white on black."""
        buffer = sink.emit("pull-sample").get_buffer()
        left = [buffer.extract_dup((y * 320 + 80) * 3, 3) for y in range(50, 110)]
        self.annotated += sum(max(pixel) - min(pixel) > 60 for pixel in left) > 40
        pixels = buffer.extract_dup(0, buffer.get_size())[::31]
        self.moved += sum(abs(a - b) > 100 for a, b in zip(pixels, self.before)) > 1
        self.before = pixels
        self.times.append(buffer.pts)
        self.frames += 1
        return Gst.FlowReturn.OK

    def gets(self, count):
        """Whether so many more frames come that are not the last one again."""
        wanted = self.moved + count
        return wait_for(lambda: self.moved >= wanted or self.failed()) and not self.failed()

    def gets_still(self, count):
        """Whether so many more frames come in turn that do not move."""
        begun = [self.frames, self.moved]

        def still():
            if self.moved != begun[1]:
                begun[:] = self.frames, self.moved
            return self.frames - begun[0] >= count

        return wait_for(lambda: still() or self.failed()) and not self.failed()

    def failed(self):
        message = self.pipeline.get_bus().peek()
        while message is not None:
            if message.type == Gst.MessageType.ERROR:
                return message.parse_error()[0].message
            self.pipeline.get_bus().pop()
            message = self.pipeline.get_bus().peek()
        return None

    def stop(self):
        self.pipeline.set_state(Gst.State.NULL)


def serve(port):
    server = start(SERVER, port)
    wait_for(lambda: "serving" in said(server) or server.poll() is not None)
    return server


def test_user(port):
    restream = start("restream.py", "--model", MODEL, "--address", "127.0.0.1", "--port", port,
                     "--path", "live/one", "--user", "me:secret", "test")
    wait_for(lambda: "rtsp://" in said(restream) or restream.poll() is not None)
    address = "rtsp://127.0.0.1:%d/live/one" % port
    stranger, player = Player(address), Player(address, ("me", "secret"))
    ok("who knows the password sees it", wait_for(lambda: player.frames > 5), player.failed(),
       said(restream))
    ok("who does not know it does not", wait_for(stranger.failed) and stranger.frames == 0,
       stranger.frames, said(restream))
    player.stop()
    stranger.stop()
    end(restream)


def main():
    source, port = free_port(), free_port()
    restream = start("restream.py", "--model", MODEL, "--no-hud", "--address", "127.0.0.1",
                     "--port", port, "rtsp://127.0.0.1:%d/" % source)
    wait_for(lambda: "trying again" in said(restream) or restream.poll() is not None)
    server = serve(source)
    ok("waits for a source that is not there yet",
       wait_for(lambda: "is back" in said(restream)), said(restream), said(server))

    player = Player("rtsp://127.0.0.1:%d/rknnyolo" % port)
    ok("a player sees video", player.gets(PART), player.frames, player.failed(), said(restream))

    server.kill()
    server.wait()
    ok("and the last picture when the source's server is killed", player.gets_still(4),
       player.frames, player.failed(), said(restream))
    server = serve(source)
    ok("and comes back with it, for the same player", player.gets(PART), player.frames,
       player.failed(), said(restream), said(server))

    if LONG:
        server.send_signal(signal.SIGSTOP)
        wait_for(lambda: said(restream).count("nothing came") > 0)
        server.send_signal(signal.SIGCONT)
        ok("a server that stood still is found again", player.gets(PART), player.frames,
           player.failed(), said(restream))

    second = Player("rtsp://127.0.0.1:%d/rknnyolo" % port)
    ok("a second player sees it, too", second.gets(25) and player.gets(25),
       second.frames, second.failed(), said(restream))
    second.stop()
    ok("and may leave", player.gets(25), player.failed(), said(restream))

    times = player.times
    ok("times go on", all(b > a for a, b in zip(times, times[1:])),
       [i for i, (a, b) in enumerate(zip(times, times[1:])) if b <= a])
    # After a loss the first frames come while the NPU has not answered yet.
    ok("frames are annotated (%d of %d)" % (player.annotated, player.frames),
       player.annotated > 0.8 * player.frames)
    player.stop()
    ok("an interrupt ends it in order", end(restream) == 0, said(restream))

    test_user(port)
    taken = start(SERVER, port)
    wait_for(lambda: "serving" in said(taken) or taken.poll() is not None)
    status, text = run("restream.py", "--model", MODEL, "--address", "127.0.0.1", "--port", port,
                       "test")
    ok("a port that is taken is named", status == 1 and str(port) in text, status, text)
    done()


os.environ["GST_DEBUG"] = "0"
folder.mkdir(exist_ok=True)
main()
