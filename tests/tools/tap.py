# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests of programs, as TAP."""

import os
import re
import subprocess
import sys

# Runs programs of another processor.
WRAPPER = os.environ.get("TEST_WRAPPER")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
number = 0


def skip_all(reason):
    print("1..0 # SKIP " + reason)
    sys.exit()


def skip(description, reason):
    global number
    number += 1
    print("ok %d %s # SKIP %s" % (number, description, reason))


def ok(description, passed, *more):
    """One test; more is shown when it fails."""
    global number
    number += 1
    print("%sok %d %s" % ("" if passed else "not ", number, description), flush=True)
    for text in () if passed else more:
        print("".join("# %s\n" % line for line in str(text).splitlines()), end="")


def run(program, *arguments, timeout=120, **environment):
    """Runs a program; variables that are None are taken out of its environment."""
    variables = dict(os.environ, LC_ALL="C", **{k: v for k, v in environment.items() if v is not None})
    if WRAPPER:
        # Meson puts folders with that processor's programs in front.
        variables["PATH"] = PATH
    for name, value in environment.items():
        if value is None:
            variables.pop(name, None)
    return subprocess.run([*([WRAPPER] if WRAPPER else []), program, *map(str, arguments)], env=variables, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                          errors="replace", timeout=timeout)


def has(text, pattern):
    """Whether pattern is in text, blanks and line ends alike."""
    return re.search(pattern, " ".join((text or "").split())) is not None


def done():
    print("1..%d" % number)
