# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes files in the container of an .rknn, with nothing for an NPU in it."""

import json
import struct

# 80, 40 and 20 cells a side: three grids of boxes and classes.
GRIDS = [[1, channels, n, n] for n in (80, 40, 20) for channels in (64, 80, 1)]


def description(outputs=GRIDS, target="rk3588", toolkit="2.3.2", kind="int8", inputs=([1, 3, 640, 640],)):
    def tensor(name, size):
        return {"url": name, "size": size, "dim_num": len(size),
                "dtype": {"qnt_method": "layer", "qnt_type": kind, "vx_type": kind}}
    return {"input_num": len(inputs), "output_num": len(outputs),
            "norm_tensor": [tensor("images%d" % i, size) for i, size in enumerate(inputs)]
            + [tensor("out%d" % i, size) for i, size in enumerate(outputs)],
            "target_platform": [target], "version": toolkit}


def container(text, version=6, payload=200):
    text = text if isinstance(text, bytes) else json.dumps(text).encode()
    header = b"RKNN\0\0\0\0" + struct.pack("<QQ", version, payload)
    begin = 24 if version == 1 else 64
    return header.ljust(begin, b"\0") + bytes(payload) + struct.pack("<Q", len(text)) + text
