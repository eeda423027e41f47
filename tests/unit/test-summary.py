#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests what tests/summary.py makes of the logs of test programs."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SUMMARY = Path(__file__).resolve().parents[1] / "summary.py"
CHECK = "Running suite(s): x\n%d%%: Checks: %d, Failures: %d, Errors: %d\nx.c:1:F:a:b:0: no\n"


def run(entries, *arguments):
    """Last line and exit code for a log of (result, stdout) pairs."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "testlog.json")
        log.write_text("".join(
            json.dumps({"name": "p%d" % i, "result": result, "stdout": stdout}) + "\n"
            for i, (result, stdout) in enumerate(entries)), encoding="utf-8")
        done = subprocess.run([sys.executable, str(SUMMARY), str(log), *arguments],
                              stdout=subprocess.PIPE, encoding="utf-8")
    return done.stdout.splitlines()[-1], done.returncode


class SummaryTest(unittest.TestCase):
    def test_tap(self):
        tap = "1..4\nok 1 /a\n# ok, a remark\nnot ok 2 /b\nok 3 /c # SKIP no data\nok 4 - d\n"
        self.assertEqual(run([("FAIL", tap)]), ("2 passed, 1 failed, 1 skipped", 1))

    def test_tap_all_skipped(self):
        self.assertEqual(run([("SKIP", "1..0 # SKIP no model\n"), ("OK", "1..1\nok 1\n")]),
                         ("1 passed, 0 failed, 1 skipped", 0))

    def test_tap_expected_failure(self):
        self.assertEqual(run([("OK", "1..1\nnot ok 1 # TODO later\n")]), ("1 passed, 0 failed", 0))

    def test_check(self):
        self.assertEqual(run([("FAIL", CHECK % (75, 12, 2, 1))]), ("9 passed, 3 failed", 1))

    def test_check_twice_in_one_program(self):
        text = CHECK % (100, 3, 0, 0) + CHECK % (100, 4, 0, 0)
        self.assertEqual(run([("OK", text)]), ("7 passed, 0 failed", 0))

    def test_exit_code_only(self):
        self.assertEqual(run([("OK", ""), ("SKIP", "no data\n"), ("FAIL", "")]),
                         ("1 passed, 1 failed, 1 skipped", 1))

    def test_crash_after_good_cases(self):
        self.assertEqual(run([("ERROR", "1..3\nok 1 /a\nok 2 /b\n")]), ("2 passed, 1 failed", 1))

    def test_time_out_of_check(self):
        self.assertEqual(run([("TIMEOUT", "Running suite(s): x\n")]), ("0 passed, 1 failed", 1))

    def test_leak_after_all_passed(self):
        self.assertEqual(run([("FAIL", CHECK % (100, 5, 0, 0))]), ("5 passed, 1 failed", 1))

    def test_nothing_run(self):
        self.assertEqual(run([]), ("0 passed, 0 failed", 1))

    def test_cases_from_outside(self):
        self.assertEqual(run([], "--case", "a=passed", "--case", "b=failed"),
                         ("1 passed, 1 failed", 1))

    def test_missing_log(self):
        self.assertEqual(run([("OK", "")], "no-such.json"), ("1 passed, 1 failed", 1))


if __name__ == "__main__":
    unittest.main()
