"""Files that only grow, written block by block so that a killed process leaves whole blocks."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .blocks import HEADER, Table, declaration, frame, pairs


class AppendedFile:
    """A file that is appended to. Each call is one write of the operating system."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes = 0
        self._descriptor: int | None = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644
        )
        self._identity = os.fstat(self._descriptor).st_ino

    def append(self, data: bytes) -> None:
        """Appends all of it. Raises OSError where the disk refuses."""
        if self._descriptor is None:
            raise OSError("the file is closed")
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        self.bytes += len(data)

    def is_there(self) -> bool:
        """Whether the file that was opened is still the one at its path."""
        try:
            return os.stat(self.path).st_ino == self._identity
        except OSError:
            return False

    def close(self) -> None:
        """Closes it; later writes raise OSError."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class EventsFile(AppendedFile):
    """``run.jsonl``: one record a line."""

    def write(self, record: dict[str, Any]) -> None:
        """Appends a record; numbers that are not finite become null."""
        self.append(json.dumps(_finite(record), separators=(",", ":")).encode() + b"\n")


class NumbersFile(AppendedFile):
    """``numbers.bin`` or ``numbers-rank<N>.bin``."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._tables: dict[tuple[Any, ...], Table] = {}
        self.append(HEADER)

    def declare(self, name: str, columns: Sequence[str], layers: Sequence[str] = (), values: int = 1) -> Table:
        """Declares a table; its frames come later. One that was declared is that one."""
        key = (name, tuple(columns), tuple(layers), values)
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = Table(len(self._tables), name, tuple(columns), tuple(layers), values)
            self.append(declaration(table))
        return table

    def add(self, table: Table, step: int, numbers: np.ndarray[Any, Any]) -> None:
        """Appends a frame: ``[layers, columns, values]``."""
        self.append(frame(table, step, numbers))

    def add_each(self, tables: Sequence[Table], step: int, numbers: Sequence[np.ndarray[Any, Any]]) -> None:
        """Appends a frame to each of several tables, in one write."""
        self.append(b"".join([frame(table, step, part) for table, part in zip(tables, numbers)]))

    def add_all(self, table: Table, frames: Sequence[tuple[int, float, float]]) -> None:
        """Appends frames of two numbers, each after its step, in one write."""
        self.append(pairs(table, frames))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        # Seven digits are what float32 has; more would only make the file longer.
        return float(f"{value:.7g}") if math.isfinite(value) else None
    return value
