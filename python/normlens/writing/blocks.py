"""The bytes of a numbers file: a header, then declarations of tables and their frames (docs/run-format.md)."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

HEADER = b"NLNUM2\r\n"
_DECLARATION = b"\x89NLD"
_FRAME = b"\x89NLF"


@dataclass(frozen=True)
class Table:
    """What a table contains.

    Attributes:
        number: Unique in its file.
        name: One of the format's names: ``steps``, ``norms``, ``channels``, …
        columns: Their names.
        layers: Ids of layers; empty for numbers of the whole run.
        values: Values per layer and column: 1, or the channels of a ``channels`` table.
    """

    number: int
    name: str
    columns: Sequence[str]
    layers: Sequence[str]
    values: int = 1

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame with its head and checksum."""
        return 20 + 4 * max(1, len(self.layers)) * len(self.columns) * self.values


def declaration(table: Table) -> bytes:
    """The block that says what a table contains; it comes before the table's first frame."""
    text = json.dumps(
        {
            "name": table.name,
            "columns": list(table.columns),
            "layers": list(table.layers),
            "values": table.values,
            "type": "float32",
        }
    ).encode()
    return _sealed(_DECLARATION + struct.pack("<II", table.number, len(text)) + text)


def frame(table: Table, step: int, numbers: np.ndarray[Any, Any]) -> bytes:
    """One sample of a table.

    Args:
        table: Its table.
        step: The optimizer step, from 0.
        numbers: ``[layers, columns, values]`` in any shape of that size.
    """
    body = np.ascontiguousarray(numbers, dtype="<f4").tobytes()
    return _sealed(_FRAME + struct.pack("<Id", table.number, step) + body)


def pairs(table: Table, frames: Sequence[tuple[int, float, float]]) -> bytes:
    """Samples of a table of two numbers, each after its step: what `frame` gives, at a tenth of its cost."""
    head = [struct.pack("<4sIdff", _FRAME, table.number, step, first, second) for step, first, second in frames]
    return b"".join([_sealed(block) for block in head])


def _sealed(block: bytes) -> bytes:
    return block + struct.pack("<I", zlib.crc32(block))
