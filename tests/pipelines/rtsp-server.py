#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A network camera for tests: an H.264 test picture at rtsp://127.0.0.1:PORT/.

    rtsp-server.py PORT [WIDTH HEIGHT]

Every player gets a stream of its own, as from cameras without sharing.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
# pylint: disable=wrong-import-position
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1])
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=%s,height=%s,"
    "framerate=25/1 ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! "
    "rtph264pay name=pay0 pt=96 )" % tuple(sys.argv[2:4] or ("320", "240")))
server.get_mount_points().add_factory("/", factory)
if server.attach(None) == 0:
    sys.exit("rtsp-server.py: port %s cannot be had" % sys.argv[1])
print("serving", flush=True)
GLib.MainLoop().run()
