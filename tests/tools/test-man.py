#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Holds the manual pages against what the programs print for --help; speaks TAP.

    test-man.py FOLDER PROGRAM...
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import tap

FOLDER, PROGRAMS = Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*|(?<![\w-])-[a-zA-Z](?![\w-])")

HELP = {"-h", "--help"}


def options_of_help(program):
    """Options at the beginning of a line, as GOption and argparse print them, or
    behind the name of the program."""
    done = tap.run(program, "--help")
    if done.returncode != 0:
        return None
    found = set()
    for line in done.stdout.splitlines():
        match = re.match(r" +(?:[a-z-]*[a-z] )?(-\S+(?:[ =]\S+)?(?:, +--\S+)?)", line)
        if match:
            found.update(OPTION.findall(match[1]))
    return found - HELP


def options_of_page(text):
    """Those that have a paragraph of their own."""
    section = text.split("\n.SH OPTIONS\n")[1].split("\n.SH ")[0]
    found = set()
    for line in re.findall(r"^\.TP\n(.*)$", section, re.MULTILINE):
        plain = re.sub(r"\\f[BIR]", "", line).replace("\\-", "-")
        found.update(OPTION.findall(plain))
    return found - HELP


def test_page(program):
    name = program.name if program.name.startswith("rknnyolo-") else "rknnyolo-" + program.name
    page = FOLDER / (name + ".1")
    text = page.read_text() if page.exists() else ""
    tap.ok("there is a page of " + name, text.startswith('.\\"') and name.upper() in text)
    if not text:
        return
    wanted = options_of_help(program)
    if wanted is None:
        tap.skip("options of " + name, "it does not start; a Python package may be missing")
    else:
        has = options_of_page(text)
        tap.ok("which has all its options and no others", wanted and wanted == has,
               "only in --help: %s" % sorted(wanted - has), "only in the page: %s" % sorted(has - wanted))
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", page], stderr=subprocess.PIPE,
                              encoding="utf-8", timeout=60)
        tap.ok("and is good roff", done.returncode == 0 and done.stderr == "", done.stderr)
    else:
        tap.skip("the roff of " + name, "there is no groff here")


for one in PROGRAMS:
    test_page(one)
pages = {page.stem for page in FOLDER.glob("*.1")}
programs = {p.name if p.name.startswith("rknnyolo-") else "rknnyolo-" + p.name for p in PROGRAMS}
tap.ok("no page is of a program that is not there", not pages - programs, sorted(pages - programs))
tap.done()
