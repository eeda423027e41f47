# SPDX-License-Identifier: LGPL-2.1-or-later
"""The values of options: what argparse refuses, it refuses in these words."""

import os
import re
from argparse import ArgumentTypeError

from common.gstreamer import fail


def size(text):
    """WIDTHxHEIGHT as two numbers."""
    match = re.fullmatch(r"(\d+)x(\d+)", text)
    if match is None or "0" in (match[1], match[2]):
        raise ArgumentTypeError("%r is no size; expected is one such as 1280x720" % text)
    return int(match[1]), int(match[2])


def number(lowest, highest=None, kind=int):
    """A type for numbers from lowest to highest."""
    expected = "at least %d" % lowest if highest is None else "from %d to %d" % (lowest, highest)

    def convert(text):
        try:
            value = kind(text)
        except ValueError:
            value = float("nan")
        # False for NaN, too.
        if not lowest <= value <= (float("inf") if highest is None else highest):
            raise ArgumentTypeError("%r; expected is a %snumber, %s" % (
                text, "whole " if kind is int else "", expected))
        return value

    return convert


def check_output(path):
    """Ends the program unless a file of this path can be made."""
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        fail("there is no folder %s; make it (mkdir -p), or name another by --output" % folder)
    if os.path.isdir(path):
        fail("%s is a folder; --output expects the name of a file" % path)
    if not os.access(path if os.path.exists(path) else folder, os.W_OK):
        fail("%s may not be written in the folder %s by this user; --output names another place"
             % (os.path.basename(path), folder))
