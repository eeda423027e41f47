# SPDX-License-Identifier: LGPL-2.1-or-later
"""Results of tests as TAP."""

import sys

number = 0


def ok(description, passed, *more):
    """One test; more is shown when it fails."""
    global number
    number += 1
    print("%sok %d %s" % ("" if passed else "not ", number, description), flush=True)
    for text in () if passed else more:
        print("".join("# %s\n" % line for line in str(text).splitlines()), end="", flush=True)


def skip(description, reason):
    ok("%s # SKIP %s" % (description, reason), True)


def skip_all(reason):
    print("1..0 # SKIP " + reason)
    sys.exit()


def done():
    print("1..%d" % number)
