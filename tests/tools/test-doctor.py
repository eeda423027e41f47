#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests rknnyolo-doctor on boards that are folders; speaks TAP.

    test-doctor.py PROGRAM
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import tap
from board import EM_ARM, OTHER, USER, VIDEO, Board, library, runtime

PROGRAM = sys.argv[1]
MEMBER = "%d:%d" % (USER, VIDEO)
STRANGER = "%d:%d" % (USER, OTHER)


def doctor(board, *arguments, user=MEMBER):
    return tap.run(PROGRAM, "--root", board.root, "--user", user, *arguments, RKNNYOLO_SOC=None)


def findings(board, user=MEMBER):
    done = doctor(board, "--json", user=user)
    try:
        return done, json.loads(done.stdout)["findings"]
    except ValueError:
        return done, []


def check(description, board, wanted, status, user=MEMBER):
    """wanted: (id, level, pattern of the text, pattern of the remedy or None)"""
    done, found = findings(board, user)
    shown = "\n".join("%(id)s %(level)s %(text)s" % f for f in found)
    missing = []
    for name, level, text, remedy in wanted:
        if not any(f["id"] == name and f["level"] == level and tap.has(f["text"], text)
                   and (remedy is None or tap.has(f.get("remedy"), remedy)) for f in found):
            missing.append((name, level, text, remedy))
    problems = [f["id"] for f in found if f["level"] == "problem"]
    tap.ok(description, not missing and done.returncode == status and found
           and (status == 1) == bool(problems) and done.stderr == "",
           "missing: %s" % missing, "exit code %d" % done.returncode, done.stderr, shown)


def test_good(tmp):
    board = Board(tmp)
    done, found = findings(board)
    tap.ok("a board as it should be has nothing but ok",
           done.returncode == 0 and len(found) > 15 and all(f["level"] == "ok" for f in found),
           done.stderr, "\n".join("%(level)s %(text)s" % f for f in found if f["level"] != "ok"))
    check("and all of it is told", board, [
        ("soc", "ok", "Radxa ROCK 5B, SoC rk3588$", None),
        ("kernel", "ok", "6.1.84-vendor-rk35xx", None),
        ("npu-node", "ok", "/dev/dri/card1", None),
        ("npu-driver", "ok", "0.9.8", None),
        ("npu-load", "ok", "Core0: 19%", None),
        ("runtime", "ok", "^/usr/lib/librknnrt.so, version 2.3.2", None),
        ("runtime-fits", "ok", "fit", None),
        ("rga-node", "ok", "/dev/rga", None),
        ("librga", "ok", r"^/usr/lib/librga.so.2, version 1\.10\.3", None),
        ("rga-driver", "ok", "v1.3.7", None),
        ("heap", "ok", "/dev/dma_heap/system-dma32", None),
        ("heap-low", "ok", "below 4 GB", None),
        ("clock-cpu", "ok", "CPUs 4 5: governor performance, 2304 of 2304 MHz", None),
        ("clock-npu", "ok", "NPU: governor performance, 1000 of 1000 MHz", None),
        ("clock-memory", "ok", "Memory: governor performance, 2112 of 2112 MHz", None),
        ("temperature", "ok", "npu-thermal: 42 degrees", None),
        ("mpp-node", "ok", "/dev/mpp_service", None),
        ("video-nodes", "ok", "/dev/video0", None)], 0)
    text = doctor(board)
    tap.ok("as text, too", text.returncode == 0 and "0 problems" in text.stdout
           and "version 2.3.2" in text.stdout, text.stdout, text.stderr)
    board = Board(tmp, "rk3566", "Orange Pi 3B")
    board.remove("dev/dri/card1")
    board.remove("sys/class/drm/card1")
    board.node("dev/rknpu")
    check("an RK3566 with /dev/rknpu", board, [
        ("soc", "ok", "Orange Pi 3B, SoC rk3566", None), ("npu-node", "ok", "/dev/rknpu", None)], 0)


def test_rights(tmp):
    board = Board(tmp)
    check("a user who is in no group", board, [
        ("npu-node", "problem", "card1 is there, but", r"usermod -aG video .*log in again"),
        ("rga-node", "problem", "/dev/rga is there", "usermod -aG video"),
        ("heap", "problem", "dma_heap/system ", "usermod -aG video"),
        ("mpp-node", "problem", "mpp_service", "usermod -aG video"),
        ("video-nodes", "warning", "/dev/video0", "usermod -aG video")], 1, STRANGER)
    for name in ("dri/card1", "rga", "dma_heap/system"):
        board.node("dev/" + name, 0o600, 0)
    check("nodes that only root may use", board, [
        ("npu-node", "problem", "card1", 'KERNEL=="card1".*GROUP="video".*udevadm trigger'),
        ("rga-node", "problem", "/dev/rga", 'KERNEL=="rga"'),
        ("heap", "problem", "dma_heap/system ", 'SUBSYSTEM=="dma_heap"')],
        1, STRANGER)
    check("which root may use", board, [("npu-node", "ok", "card1", None)], 0, "0:0")
    board.node("dev/dri/card1", 0o666, 0)
    check("and all may use", board, [("npu-node", "ok", "card1", None)], 1, STRANGER)


def test_versions(tmp):
    board = Board(tmp)
    board.put("sys/kernel/debug/rknpu/version", "RKNPU driver: v0.6.4\n")
    check("a driver that is too old", board, [
        ("npu-driver", "problem", "0.6.4; librknnrt refuses", "newer kernel"),
        ("runtime-fits", "problem", "do not fit", None)], 1)
    board.put("sys/kernel/debug/rknpu/version", "RKNPU driver: v0.9.2\n")
    check("a driver that hangs now and then", board, [
        ("npu-driver", "warning", "0.9.2; before 0.9.6", "newer kernel"),
        ("runtime-fits", "warning", "0.9.6", None)], 0)
    board.put("sys/module/rknpu/version", "0.9.8\n")
    check("what /sys/module says goes first", board, [("npu-driver", "ok", "0.9.8", None)], 0)
    for version, level, words in (("1.3.0", "problem", "needed is 1.4"),
                                  ("1.4.0", "warning", "Invalid RKNN model version 6"),
                                  ("1.5.2", "warning", "newer toolkits may be refused"),
                                  ("1.6.0", "warning", "newer toolkits may be refused"),
                                  ("2.0.0b0", "ok", "2.0.0b0")):
        board.put("usr/lib/librknnrt.so", runtime(version))
        check("a runtime of version " + version, board,
              [("runtime", level, words, None if level == "ok" else "rknn-toolkit2.*ldconfig")],
              1 if level == "problem" else 0)
    board.put("usr/lib/librknnrt.so", runtime("2.3.2", EM_ARM))
    check("a runtime for 32 bits", board, [("runtime", "problem", "armhf.*aarch64", "aarch64")], 1)
    board.put("usr/lib/librknnrt.so", "version https://git-lfs.github.com/spec/v1\n")
    check("a runtime that is a text", board, [("runtime", "problem", "no shared library", None)], 1)
    board.put("usr/lib/librknnrt.so", library("nothing"))
    check("a runtime that tells no version", board, [("runtime", "warning", "does not tell", None)], 0)
    board.put("usr/lib/librknnrt.so", runtime("2.3.2"))
    board.put("usr/local/lib/librknnrt.so", runtime("1.5.2"))
    check("two runtimes", board, [
        ("runtime", "warning", "^/usr/local/lib/librknnrt.so has version 1.5.2", None),
        ("runtime-copies", "warning", "another librknnrt.*usr/lib/librknnrt.so, version 2.3.2", "Remove")], 0)
    board = Board(tmp)
    board.put("usr/lib/librga.so.2.1.0", library("rga_api version 1.3.2_[0]"))
    board.put("sys/kernel/debug/rkrga/driver_version", "RGA2 Device Driver: v2.1.0\n")
    check("an old RGA", board, [
        ("librga", "warning", r"1\.3\.2.*needed is 1\.9", "Install librga"),
        ("rga-driver", "warning", "RGA2 Device Driver", "newer kernel")], 0)


def test_missing(tmp):
    board = Board(tmp)
    board.remove("dev/dri/card1")
    check("a node that /dev lacks", board, [
        ("npu-node", "problem", "/dev/dri/card1 is missing", "--device /dev/dri")], 1)
    board = Board(tmp)
    board.remove("sys/class/drm")
    check("a kernel without the driver", board, [
        ("kernel", "problem", "shows no driver rknpu", "CONFIG_ROCKCHIP_RKNPU"),
        ("npu-node", "problem", "There is no NPU", "kernel above")], 1)
    board.put("proc/version", "Linux version 6.18.0-edge-rockchip64 (build@armbian)")
    board.link("sys/class/accel/accel0/device/driver", "../../../../bus/platform/drivers/rocket")
    check("a mainline kernel with rocket", board, [
        ("kernel", "problem", "6.18.0-edge.* mainline .*rocket.* rknpu", "vendor.*Teflon")], 1)
    board = Board(tmp)
    board.remove("usr")
    check("no libraries", board, [
        ("runtime", "problem", "no librknnrt.so", "rknpu2/runtime"),
        ("librga", "warning", "no librga.so", "Install librga")], 1)
    board = Board(tmp)
    board.remove("dev/dma_heap/system-dma32")
    check("no heap below 4 GB", board, [
        ("heap-low", "warning", "15928 MB", "system-dma32")], 0)
    board.put("proc/meminfo", "MemTotal:        3911212 kB\n")
    check("which a small board does not need", board, [("heap-low", "ok", "3819 MB", None)], 0)
    board.remove("dev/dma_heap")
    board.remove("dev/rga")
    board.remove("dev/mpp_service")
    check("no heaps, no RGA, no MPP", board, [
        ("heap", "warning", "/dev/dma_heap is missing or empty", "CONFIG_DMABUF_HEAPS"),
        ("rga-node", "warning", "/dev/rga is missing", "MULTI_RGA"),
        ("mpp-node", "warning", "/dev/mpp_service is missing", "container")], 0)


def test_container(tmp):
    board = Board(tmp)
    for name in ("proc/device-tree", "sys"):
        board.remove(name)
    board.node("dev/rknpu")
    board.put(".dockerenv", "")
    check("a container that hides the device tree", board, [
        ("soc", "problem", "device-tree/compatible cannot be read", "systempaths=unconfined"),
        ("container", "note", "passed in", None),
        ("npu-driver", "note", "cannot be told", "sudo"),
        ("npu-load", "note", "cannot be told", "sudo")], 1)
    board = Board(tmp)
    for name in ("sys", "dev", "proc/device-tree", "usr"):
        board.remove(name)
    check("no board at all", board, [
        ("soc", "note", "no Rockchip board", "stand-in"), ("npu-node", "note", "There is no NPU", None),
        ("runtime", "note", "no librknnrt.so", None)], 0)
    board = Board(tmp)
    for name in sorted(os.listdir(tmp)):
        board.remove(name)
    check("an empty folder", board, [("soc", "note", "no Rockchip board", None)], 0)
    board = Board(tmp, "rk3399")
    board.remove("sys/class/drm")
    check("another SoC of Rockchip's", board, [("soc", "note", "rk3399", "stand-in")], 0)


def test_clocks(tmp):
    board = Board(tmp)
    board.policy("policy4", "4 5", 2304000, "schedutil", 408000)
    board.policy("policy0", "0 1 2 3", 1800000, "powersave", 408000)
    board.devfreq("fdab0000.npu", 1000000000, "300000000 1000000000", "rknpu_ondemand", 300000000)
    board.devfreq("dmc", 2112000000, "528000000 2112000000", "dmc_ondemand", 528000000, 1560000000)
    check("governors that save power", board, [
        ("clock-cpu", "note", "CPUs 4 5: governor schedutil, 408 of 2304 MHz",
         "echo performance .* tee /sys/devices/system/cpu/cpufreq/policy4/scaling_governor"),
        ("clock-cpu", "warning", "powersave.*408 of 1800 MHz", "echo performance"),
        ("clock-npu", "note", "rknpu_ondemand, 300 of 1000 MHz", "tee /sys/class/devfreq/fdab0000.npu/governor"),
        ("clock-memory", "warning", "1560 of 2112 MHz only", "heat")], 0)
    board.remove("sys/class/devfreq/dmc")
    check("memory without devfreq", board, [("clock-memory", "note", "no dmc", None)], 0)
    board.zone(6, "npu-thermal", 91000)
    board.zone(0, "soc-thermal", 78000)
    board.zone(1, "broken-thermal", -273000)
    board.put("sys/class/thermal/cooling_device0/type", "thermal-devfreq-0\n")
    board.put("sys/class/thermal/cooling_device0/cur_state", "3\n")
    board.put("sys/class/thermal/cooling_device1/type", "pwm-fan\n")
    board.put("sys/class/thermal/cooling_device1/cur_state", "2\n")
    check("heat", board, [
        ("temperature", "warning", "npu-thermal: 91", "fan"),
        ("temperature", "note", "soc-thermal: 78", "fan"),
        ("throttled", "warning", "thermal-devfreq-0", "fan")], 0)
    _, found = findings(board)
    tap.ok("a fan is not throttling, and a dead sensor no temperature",
           not any("pwm-fan" in f["text"] or "broken" in f["text"] for f in found), found)


def test_garbage(tmp):
    """Whatever a file holds or is: an answer in time, and valid JSON."""
    garbage = [b"", b"\xff\xfe\0\x80" * 500, b"A" * 100000, b"%s%n%d" * 10, b"-1\n", b"9" * 400,
               b"\x1b[31m\n\n\r\t", b"v", b":", b"0.9.", None, "fifo", "loop"]
    broken = []
    names = Board(tmp).files()
    for content in garbage:
        board = Board(tmp)
        for name in names:
            path = board.root / name
            board.remove(name)
            if content is None:
                path.mkdir()
            elif content == "fifo":
                os.mkfifo(path)
            elif content == "loop":
                path.symlink_to(path.name)
            else:
                path.write_bytes(content)
        try:
            done, found = findings(board)
            if done.returncode not in (0, 1) or not found or done.stderr:
                broken.append((content, done.returncode, done.stderr[:500]))
            text = doctor(board).stdout
            if any(ord(c) < 32 and c != "\n" for c in text):
                broken.append((content, "control characters"))
        except subprocess.TimeoutExpired:
            broken.append((content, "hangs"))
    tap.ok("garbage in all files", not broken, broken)
    for name in names:
        board = Board(tmp)
        board.remove(name)
        (board.root / name).write_bytes(garbage[1])
        done, found = findings(board)
        if done.returncode not in (0, 1) or not found or done.stderr:
            broken.append((name, done.returncode, done.stderr[:500]))
    tap.ok("garbage in each file", not broken, broken)


def test_here():
    """This machine, whatever it is, with our plugin and without."""
    folder = os.environ["GST_PLUGIN_PATH"]
    done = tap.run(PROGRAM, "--json")
    found = {f["id"]: f for f in json.loads(done.stdout)["findings"]}
    tap.ok("GStreamer and the plugin are found", done.returncode in (0, 1)
           and found["gstreamer"]["level"] == "ok" and found["plugin"]["level"] == "ok"
           and folder in found["plugin"]["text"] and "decoders" in found and "encoders" in found,
           done.stdout, done.stderr)
    tap.ok("and the stand-in", "standin" in found, done.stdout)
    with tempfile.TemporaryDirectory() as empty:
        done = tap.run(PROGRAM, "--json", GST_PLUGIN_PATH=empty, GST_PLUGIN_PATH_1_0=empty,
                       GST_REGISTRY=empty + "/registry.bin", GST_REGISTRY_1_0=None)
        found = {f["id"]: f for f in json.loads(done.stdout)["findings"]}
        if found["plugin"]["level"] == "ok":
            tap.skip("a plugin that is not there", "one is installed")
        else:
            tap.ok("a plugin that is not there is a problem", done.returncode == 1
                   and tap.has(found["plugin"].get("remedy"), "GST_PLUGIN_PATH"), done.stdout)
        (Path(empty) / "libgstrknnyolo.so").write_bytes(library("broken"))
        done = tap.run(PROGRAM, "--json", GST_PLUGIN_PATH=empty, GST_PLUGIN_PATH_1_0=empty,
                       GST_REGISTRY=empty + "/second.bin", GST_REGISTRY_1_0=None)
        tap.ok("nor does one that cannot be loaded crash anything", done.returncode in (0, 1)
               and '"plugin"' in done.stdout, done.stdout, done.stderr)


def test_arguments(tmp):
    done = tap.run(PROGRAM, "--no-such-option")
    tap.ok("a wrong option", done.returncode == 2 and "no-such-option" in done.stderr, done.stderr)
    done = tap.run(PROGRAM, "model.rknn")
    tap.ok("an argument", done.returncode == 2 and "--help" in done.stderr, done.stderr)
    done = tap.run(PROGRAM, "--user", "nobody-has-this-name")
    tap.ok("an unknown user", done.returncode == 2 and "1000:44,105" in done.stderr, done.stderr)
    done = tap.run(PROGRAM, "--root", str(tmp) + "/nothing")
    tap.ok("a root that is not there", done.returncode == 0 and "no Rockchip board" in done.stdout,
           done.stdout, done.stderr)


with tempfile.TemporaryDirectory() as folder:
    tmp = Path(folder) / "board"
    test_good(tmp)
    test_rights(tmp)
    test_versions(tmp)
    test_missing(tmp)
    test_container(tmp)
    test_clocks(tmp)
    test_garbage(tmp)
    test_here()
    test_arguments(tmp)
tap.done()
