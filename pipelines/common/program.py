# SPDX-License-Identifier: LGPL-2.1-or-later
"""The life of a script's pipeline: it plays, sources come and go, and an
interrupt or the end of the sources ends it in order.

Sources are started when the pipeline plays already, since one that is lost
later is started in a pipeline that plays, too. A sink that waits for its first
frame would keep the pipeline from playing until then, and the sources without a
clock: sinks have async=false, or are started later.
"""

import os
import signal
import sys
import threading
import time
import traceback

from common.gstreamer import GLib, Gst, fail, say

# Seconds.  timeout(1) and others send the signal to the process and then to its
# group: that is one interrupt.
TWICE = 0.5
END_LIMIT = 20      # from an interrupt on, for what is on its way


class Program:
    """late: bins with async-handling, started when the pipeline plays.
    on_end: ends what the inputs are not the only ones to feed."""

    def __init__(self, pipeline, inputs, late=(), on_end=None):
        self.pipeline, self.inputs, self.late = pipeline, inputs, late
        self.on_end = on_end
        self.failed = None          # why it failed, or None
        self.ending = False
        self._interrupt = None      # when the last one came
        self._loop = GLib.MainLoop()

    def run(self):
        """Returns the exit code."""
        sys.excepthook = self._exception
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message", self._message)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            GLib.unix_signal_add(GLib.PRIORITY_HIGH, number, self._interrupted)
        for element in self.late:
            element.set_locked_state(True)
        if self.pipeline.set_state(Gst.State.PLAYING) == Gst.StateChangeReturn.FAILURE:
            # The reason is on the bus.
            GLib.timeout_add(1000, self._fail, "the pipeline does not start")
        for element in self.late:
            element.set_locked_state(False)
            element.sync_state_with_parent()
        GLib.idle_add(self._start_inputs)
        self._loop.run()
        for source in self.inputs:
            source.stop()
        self._within_limit(lambda: self.pipeline.set_state(Gst.State.NULL))
        if self.failed:
            say(self.failed)
        return 1 if self.failed else 0

    def end(self):
        """Lets everything on its way arrive, and ends then."""
        if self.ending:
            return
        self.ending = True
        GLib.timeout_add_seconds(END_LIMIT, self._fail, "what was on its way did not arrive "
                                 "within %d seconds; the output may lack its end" % END_LIMIT)
        # The events wait for frames that may hang.
        for function in [source.finish for source in self.inputs] + [self.on_end]:
            if function is not None:
                threading.Thread(target=function, daemon=True).start()

    def quit(self):
        """Ends at once."""
        self._loop.quit()

    def _start_inputs(self):
        if self.failed is None and not self.ending:
            for source in self.inputs:
                source.start()
        return GLib.SOURCE_REMOVE

    def _interrupted(self):
        now = time.monotonic()
        if self._interrupt and now - self._interrupt < TWICE:
            return GLib.SOURCE_CONTINUE
        self._interrupt = now
        if self.ending:
            self._fail("interrupted again; the output may lack its end")
        elif not any(source.frames for source in self.inputs):
            self.quit()
        else:
            say("interrupted; ending")
            self.end()
        return GLib.SOURCE_CONTINUE

    def _fail(self, text):
        # Errors come in flocks; the first is the cause.
        self.failed = self.failed or text
        self._loop.quit()
        return GLib.SOURCE_REMOVE

    def _within_limit(self, function):
        """A disk or a driver that hangs must not keep the program from ending."""
        thread = threading.Thread(target=function, daemon=True)
        thread.start()
        thread.join(5 if self.failed else END_LIMIT)
        if thread.is_alive():
            say(self.failed or "the pipeline does not stop; something in it hangs")
            os._exit(1)

    def _exception(self, *exception):
        """Of a callback, in any thread; Python would print it and go on."""
        traceback.print_exception(*exception)
        GLib.idle_add(self._fail, "a fault of this script; see above")

    # ---- messages ----

    def _message(self, _bus, message):
        if message.type == Gst.MessageType.ERROR:
            self._error(message)
        elif message.type == Gst.MessageType.WARNING:
            say("%s warns: %s" % (message.src.get_name(), message.parse_warning()[0].message))
        elif message.type == Gst.MessageType.LATENCY:
            self.pipeline.recalculate_latency()
        elif message.type == Gst.MessageType.EOS:
            self.quit()

    def _error(self, message):
        if not message.src.has_as_ancestor(self.pipeline):
            return              # of a source that was thrown away since
        error, debug = message.parse_error()
        for source in self.inputs:
            if message.src.has_as_ancestor(source.bin):
                text = source.failed(message)
                if text is not None:
                    self._fail(text)
                return
        if error.matches(Gst.ResourceError.quark(), Gst.ResourceError.NO_SPACE_LEFT):
            self._fail("the disk is full. What was recorded up to here plays; make room, or "
                       "record to another one")
        self._fail("%s: %s" % (message.src.get_name(), error.message)
                   + ("\n" + debug if debug else ""))


def main(function):
    """Runs a script's main() and ends with what it returns."""
    try:
        raise SystemExit(function())
    except ValueError as error:
        fail(str(error))
    except GLib.Error as error:
        fail(error.message)
