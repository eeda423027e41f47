# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests of programs, as TAP."""

import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "common"))

from results import done, ok, skip, skip_all  # noqa: E402,F401

# Runs programs of another processor.
WRAPPER = os.environ.get("TEST_WRAPPER")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


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
