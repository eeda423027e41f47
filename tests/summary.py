#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts test cases in the logs of "meson test" and closes with one line.

    tests/summary.py [--case NAME=RESULT]... [TESTLOG.json]...

Programs that speak TAP and programs written with libcheck count case by case,
all others as one case each.  A program that crashed, ran out of time or ended
otherwise than it announced counts as at least one failure.  The output of
programs that failed is printed.  RESULT is passed, failed or skipped.

The last line is "N passed, N failed" with ", N skipped" where there are any;
the exit code is 1 if anything failed, and when there was nothing to count.
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

RESULTS = ("passed", "failed", "skipped")
TAP_LINE = re.compile(r"^(?P<no>not )?ok\b[^#\n]*(?:#\s*(?P<directive>skip|todo)\b)?",
                      re.IGNORECASE | re.MULTILINE)
TAP_PLAN = re.compile(r"^1\.\.(?P<count>\d+)(?P<skip>\s*#\s*skip)?", re.IGNORECASE | re.MULTILINE)
CHECK_LINE = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)", re.MULTILINE)
LINES_SHOWN = 150


class Count(NamedTuple):
    """Numbers of test cases by result."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Count(*(a + b for a, b in zip(self, other)))

    def __str__(self):
        text = "%d passed, %d failed" % self[:2]
        return text + (", %d skipped" % self.skipped if self.skipped else "")


def count_tap(text):
    count = Count()
    for match in TAP_LINE.finditer(text):
        directive = (match["directive"] or "").lower()
        if directive == "skip":
            count += Count(skipped=1)
        elif match["no"] and directive != "todo":
            count += Count(failed=1)
        else:
            count += Count(passed=1)
    return count


def count_check(text):
    count = Count()
    for checks, failures, errors in CHECK_LINE.findall(text):
        wrong = int(failures) + int(errors)
        count += Count(passed=int(checks) - wrong, failed=wrong)
    return count


def count_program(entry):
    """Test cases of one program, an entry of Meson's testlog.json."""
    output = entry.get("stdout", "")
    plan = TAP_PLAN.search(output)
    count = count_tap(output) if plan else count_check(output)

    result = entry["result"]
    if result in ("OK", "EXPECTEDFAIL"):
        if plan and plan["skip"]:
            return Count(skipped=1)
        return count if sum(count) else Count(passed=1)
    if result == "SKIP":
        return count if sum(count) else Count(skipped=1)
    # A crash may come before or after any line that tells of a failure.
    return count if count.failed else count + Count(failed=1)


def print_output(entry):
    for stream in ("stdout", "stderr"):
        lines = entry.get(stream, "").splitlines()
        if len(lines) > LINES_SHOWN:
            print("  ... %d lines of %s left out" % (len(lines) - LINES_SHOWN, stream))
        for line in lines[-LINES_SHOWN:]:
            print("  | " + line)


def count_log(path):
    """Count, and print program by program, what one run of Meson did."""
    total = Count()
    with open(path, encoding="utf-8", errors="replace") as log:
        entries = [json.loads(line) for line in log if line.strip()]
    for entry in entries:
        count = count_program(entry)
        total += count
        print("%-9s %-40s %s" % (entry["result"], entry["name"], count))
        if count.failed:
            print_output(entry)
    return total


def parse_case(text):
    name, _, result = text.rpartition("=")
    if not name or result not in RESULTS:
        raise argparse.ArgumentTypeError("NAME=%s is expected, not %r" % ("|".join(RESULTS), text))
    return name, result


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("logs", nargs="*", type=Path, metavar="TESTLOG.json")
    parser.add_argument("--case", action="append", default=[], type=parse_case,
                        metavar="NAME=RESULT", help="a test case from outside of Meson")
    args = parser.parse_args()

    total = Count()
    for path in args.logs:
        print("== %s" % path)
        try:
            total += count_log(path)
        except (OSError, ValueError, KeyError) as error:
            print("FAIL      %s cannot be read: %s" % (path, error))
            total += Count(failed=1)
    for name, result in args.case:
        print("%-9s %s" % (result.upper(), name))
        total += Count(**{result: 1})
    if not sum(total):
        print("There was no test to run.")
    print(total)
    sys.exit(1 if total.failed or not sum(total) else 0)


if __name__ == "__main__":
    main()
