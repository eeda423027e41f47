#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests tools/lock-clocks on folders that look like a board's /sys."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

LOCK_CLOCKS = Path(__file__).resolve().parents[2] / "tools" / "lock-clocks"
CPU = "sys/devices/system/cpu/cpufreq/policy%d/"
DEVFREQ = "sys/class/devfreq/%s/"


class LockClocksTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n", encoding="utf-8")

    def read(self, path):
        return (self.root / path).read_text(encoding="utf-8").strip()

    def board(self):
        for policy, clock in ((0, "1800000"), (4, "2304000")):
            self.write(CPU % policy + "scaling_governor", "ondemand")
            self.write(CPU % policy + "scaling_cur_freq", clock)
        for name, governor, clock in (("fdab0000.npu", "rknpu_ondemand", "300000000"),
                                      ("dmc", "dmc_ondemand", "528000000"),
                                      ("fb000000.gpu", "simple_ondemand", "200000000")):
            self.write(DEVFREQ % name + "governor", governor)
            self.write(DEVFREQ % name + "cur_freq", clock)

    def governors(self):
        return [self.read(path) for path in (
            CPU % 0 + "scaling_governor", CPU % 4 + "scaling_governor",
            DEVFREQ % "fdab0000.npu" + "governor", DEVFREQ % "dmc" + "governor",
            DEVFREQ % "fb000000.gpu" + "governor")]

    def run_tool(self, *arguments):
        return subprocess.run([str(LOCK_CLOCKS), *arguments], encoding="utf-8",
                              env={**os.environ, "LOCK_CLOCKS_ROOT": str(self.root)},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)

    def test_locks_all_but_the_gpu(self):
        self.board()
        self.assertEqual(self.run_tool().returncode, 0)
        self.assertEqual(self.governors(), ["performance"] * 4 + ["simple_ondemand"])

    def test_restores_even_after_two_calls(self):
        self.board()
        before = self.governors()
        self.run_tool()
        self.run_tool()
        self.assertEqual(self.run_tool("--restore").returncode, 0)
        self.assertEqual(self.governors(), before)

    def test_nothing_to_restore(self):
        self.board()
        before = self.governors()
        done = self.run_tool("--restore")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not locked", done.stderr)
        self.assertEqual(self.governors(), before)

    def test_show_changes_nothing(self):
        self.board()
        before = self.governors()
        lines = self.run_tool("--show").stdout.splitlines()
        self.assertEqual([line.split() for line in lines],
                         [["CPU-0", "1800", "MHz", "ondemand"], ["CPU-4", "2304", "MHz", "ondemand"],
                          ["memory", "528", "MHz", "dmc_ondemand"],
                          ["NPU", "300", "MHz", "rknpu_ondemand"]])
        self.assertEqual(self.governors(), before)

    def test_garbage_for_a_clock(self):
        self.board()
        self.write(CPU % 0 + "scaling_cur_freq", "<unknown>")
        self.assertIn("CPU-0        ? MHz", self.run_tool("--show").stdout)

    def test_machine_without_governors(self):
        for arguments in ([], ["--show"], ["--restore"]):
            done = self.run_tool(*arguments)
            self.assertEqual(done.returncode, 1)
            self.assertIn("no clock governors", done.stderr)

    def test_one_that_cannot_be_written(self):
        self.board()
        # A folder in its place refuses root, too.
        governor = self.root / (DEVFREQ % "dmc") / "governor"
        governor.unlink()
        governor.mkdir()
        done = self.run_tool()
        self.assertEqual(done.returncode, 1)
        self.assertIn("root (sudo)", done.stderr)
        self.assertEqual(self.read(CPU % 4 + "scaling_governor"), "performance")

    def test_unknown_option(self):
        self.assertEqual(self.run_tool("--fast").returncode, 2)


if __name__ == "__main__":
    unittest.main()
