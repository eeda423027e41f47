# SPDX-License-Identifier: LGPL-2.1-or-later
"""Folders that look like boards, after what real ones show."""

import os
import shutil
import struct
from pathlib import Path

USER, OTHER = 54321, 54322
# Only root can give a file to another group.
VIDEO = 44 if os.getuid() == 0 else os.getgid()
EM_ARM, EM_X86_64, EM_AARCH64 = 40, 62, 183


def library(text, machine=EM_AARCH64):
    """The beginning of an ELF file, and a text somewhere behind it."""
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 3, machine)
    return header + bytes(5000) + b"\0" + text.encode() + b"\0" + bytes(100)


def runtime(version, machine=EM_AARCH64):
    return library("librknnrt version: %s (429f97ae6b@2025-04-09T09:09:27)" % version, machine)


class Board:
    """A Rock 5B with everything as it should be."""

    def __init__(self, root, soc="rk3588", model="Radxa ROCK 5B"):
        self.root = Path(root)
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir()
        self.put("etc/group", "root:x:0:\nvideo:x:%d:\n" % VIDEO)
        self.put("proc/device-tree/compatible", "radxa,board\0rockchip,%s\0" % soc)
        self.put("proc/device-tree/model", model + "\0")
        self.put("proc/version", "Linux version 6.1.84-vendor-rk35xx (build@armbian) (gcc 12) #1 SMP")
        self.put("proc/meminfo", "MemTotal:       16311212 kB\nMemFree:  100 kB\n")
        for node in ("dri/card1", "dri/renderD129", "rga", "mpp_service", "video0", "dma_heap/system",
                     "dma_heap/system-dma32"):
            self.node("dev/" + node)
        self.link("sys/class/drm/card0/device/driver", "../../../bus/platform/drivers/rockchip-drm")
        self.link("sys/class/drm/card1/device/driver", "../../../bus/platform/drivers/RKNPU")
        self.put("sys/kernel/debug/rknpu/version", "RKNPU driver: v0.9.8\n")
        self.put("sys/kernel/debug/rknpu/load", "NPU load:  Core0: 19%, Core1:  8%, Core2:  8%,\n")
        self.put("sys/kernel/debug/rkrga/driver_version", "RGA multicore Device Driver: v1.3.7\n")
        self.put("usr/lib/librknnrt.so", runtime("2.3.2"))
        self.put("usr/lib/librga.so.2.1.0", library("rga_api version 1.10.3_[0]"))
        self.link("usr/lib/librga.so.2", "librga.so.2.1.0")
        self.policy("policy0", "0 1 2 3", 1800000)
        self.policy("policy4", "4 5", 2304000)
        self.devfreq("fdab0000.npu", 1000000000, "300000000 600000000 1000000000")
        self.devfreq("dmc", 2112000000, "528000000 1560000000 2112000000")
        self.zone(0, "soc-thermal", 41307)
        self.zone(6, "npu-thermal", 42000)

    def path(self, name):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def put(self, name, content):
        if self.path(name).is_symlink():
            self.path(name).unlink()
        self.path(name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def node(self, name, mode=0o660, group=VIDEO):
        self.put(name, b"")
        self.path(name).chmod(mode)
        if os.getuid() == 0:
            os.chown(self.path(name), 0, group)

    def link(self, name, target):
        self.path(name).symlink_to(target)

    def remove(self, name):
        path = self.root / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()

    def policy(self, name, cpus, most, governor="performance", now=None, limit=None):
        folder = "sys/devices/system/cpu/cpufreq/%s/" % name
        self.put(folder + "related_cpus", cpus + "\n")
        self.put(folder + "scaling_governor", governor + "\n")
        self.put(folder + "scaling_cur_freq", "%d\n" % (now or most))
        self.put(folder + "scaling_max_freq", "%d\n" % (limit or most))
        self.put(folder + "cpuinfo_max_freq", "%d\n" % most)

    def devfreq(self, name, most, all_of_them, governor="performance", now=None, limit=None):
        folder = "sys/class/devfreq/%s/" % name
        self.put(folder + "governor", governor + "\n")
        self.put(folder + "cur_freq", "%d\n" % (now or most))
        self.put(folder + "max_freq", "%d\n" % (limit or most))
        self.put(folder + "available_frequencies", all_of_them + "\n")

    def zone(self, index, kind, temperature):
        self.put("sys/class/thermal/thermal_zone%d/type" % index, kind + "\n")
        self.put("sys/class/thermal/thermal_zone%d/temp" % index, "%d\n" % temperature)

    def files(self):
        return sorted(p.relative_to(self.root) for p in self.root.rglob("*")
                      if p.is_file() or p.is_symlink())
