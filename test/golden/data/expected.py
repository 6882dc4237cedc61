"""Files as NumPy writes them, and PNG images of every kind of pixel, put together byte by byte.

python3 test/golden/data/expected.py > test/golden/data/files.json
"""

import base64
import io
import json
import struct
import sys
import zlib

import numpy as np


def encoded(write):
    buffer = io.BytesIO()
    write(buffer)
    return base64.b64encode(buffer.getvalue()).decode()


def npy(array):
    return encoded(lambda buffer: np.save(buffer, array))


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, depth, colour, rows, palette=None):
    pixels = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 9)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [
        chunk(b"IHDR", header),
        chunk(b"PLTE", bytes(palette)) if palette else b"",
        chunk(b"IDAT", pixels),
        chunk(b"IEND", b""),
    ]
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts)).decode()


images = np.arange(2 * 6 * 5 * 3, dtype=np.uint8).reshape(2, 6, 5, 3)
files = {
    "numpy": np.__version__,
    "u1": npy(np.arange(24, dtype=np.uint8).reshape(2, 3, 4)),
    "f4": npy(np.array([[1.5, -2.25]], dtype=np.float32)),
    "f8 big-endian": npy(np.array([0.5, 2e5], dtype=">f8")),
    "i8": npy(np.array([3, -1, 7], dtype=np.int64)),
    "labels": npy(np.array([1, 0])),
    "fortran": npy(np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))),
    "text": npy(np.array(["a", "b"])),
    "compressed npz": encoded(
        lambda buffer: np.savez_compressed(
            buffer, x_train=images, y_train=np.array([1, 0]), x_test=images[:1], y_test=np.array([[2]])
        )
    ),
    "npz in one part": encoded(
        lambda buffer: np.savez(buffer, X=np.arange(10.0).reshape(5, 2), y=np.array([0, 1, 0, 1, 1]))
    ),
    "npz with several inputs": encoded(
        lambda buffer: np.savez(
            buffer,
            facts=np.arange(10.0).reshape(5, 2),
            picture=np.arange(60, dtype=np.uint8).reshape(5, 3, 4),
            y=np.array([0, 1, 0, 1, 1]),
        )
    ),
    "npz with several inputs and a test part": encoded(
        lambda buffer: np.savez(
            buffer,
            facts_train=np.arange(6.0).reshape(3, 2),
            picture_train=np.arange(36.0).reshape(3, 3, 4),
            y_train=np.array([0, 1, 2]),
            facts_test=np.array([[-1.0, -2.0]]),
            picture_test=np.arange(12.0).reshape(1, 3, 4),
            y_test=np.array([1]),
        )
    ),
    "npz with half a test part": encoded(
        lambda buffer: np.savez(
            buffer,
            facts_train=np.arange(6.0).reshape(3, 2),
            picture_train=np.arange(36.0).reshape(3, 3, 4),
            y_train=np.array([0, 1, 2]),
            facts_test=np.array([[-1.0, -2.0]]),
        )
    ),
    "npz without test labels": encoded(
        lambda buffer: np.savez(
            buffer, x_train=np.arange(6.0).reshape(3, 2), y_train=np.array([0, 1, 2]), x_test=np.array([[-1.0, -2.0]])
        )
    ),
    "gray 1": png(10, 2, 1, 0, [[0b10100000, 0b01000000], [0xFF, 0xC0]]),
    "gray 4": png(3, 1, 4, 0, [[0x0F, 0x80]]),
    "gray 8": png(2, 2, 8, 0, [[0, 255], [128, 7]]),
    "gray 16": png(2, 1, 16, 0, [[0x12, 0x34, 0xFF, 0x00]]),
    "rgb": png(2, 2, 8, 2, [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]]),
    "rgb and alpha": png(1, 1, 8, 6, [[9, 8, 7, 0]]),
    "palette of 2 bits": png(
        5, 1, 2, 3, [[0b00011011, 0b01000000]], [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120]
    ),
    "a bomb": png(60000, 60000, 8, 0, [[0]]),
}
json.dump(files, sys.stdout, indent=1)
print()
