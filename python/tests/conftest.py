"""Runs scripts in a process of their own, recorded and not, and reads the run that was written."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import textwrap
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PACKAGE = Path(__file__).parents[1]
BOOTSTRAP = PACKAGE / "normlens" / "attaching" / "bootstrap"


#: What a process of gloo says that is aborted when it leaves: 2 to 4 of 14 trainings, without a recorder as well (torch
#: 2.13, a busy machine). Such a training is done again.
_ABORTED, _ATTEMPTS = "terminate called without an active exception", 4


@dataclass
class Frame:
    """One frame of a table."""

    step: int
    values: dict[str, dict[str, Any]]


@dataclass
class RecordedRun:
    """A run folder, read by this file's own few lines."""

    folder: Path
    records: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.records = [json.loads(line) for line in (self.folder / "run.jsonl").read_text().splitlines()]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Records of a type."""
        return [record for record in self.records if record["type"] == kind]

    @property
    def run(self) -> dict[str, Any]:
        """The run record."""
        return self.records[0]

    def layers(self) -> dict[str, dict[str, Any]]:
        """The last that was said of each layer."""
        found = {layer["id"]: layer for layer in self.run["layers"]}
        for record in self.of("layers"):
            found.update({layer["id"]: layer for layer in record["layers"]})
        return found

    def frames(self, table: str, rank: int = 0, torn: bool = False) -> list[Frame]:
        """Frames of all tables of this name; `torn` lets the last block be incomplete."""
        name = "numbers.bin" if rank == 0 else f"numbers-rank{rank}.bin"
        return _frames((self.folder / name).read_bytes(), table, torn)

    def channels(self, layer: str, rank: int = 0) -> dict[int, dict[str, Any]]:
        """Vectors of a layer's channels by step."""
        return {f.step: f.values[layer] for f in self.frames("channels", rank) if layer in f.values}

    def standing(self, layer: str) -> dict[str, Any]:
        """Where a layer stood last."""
        for record in reversed(self.of("standing")):
            for entry in record["layers"]:
                if entry["layer"] == layer:
                    return entry
        raise KeyError(layer)


def _frames(data: bytes, wanted: str, torn: bool) -> list[Frame]:
    if torn and len(data) < 8:
        return []
    assert data[:8] == b"NLNUM2\r\n"
    at, tables, result = 8, {}, []
    while at < len(data):
        if torn and _is_torn(data, at, tables):
            return result
        magic = data[at : at + 4]
        if magic == b"\x89NLD":
            number, length = struct.unpack_from("<II", data, at + 4)
            end = at + 12 + length
            tables[number] = json.loads(data[at + 12 : end])
        else:
            assert magic == b"\x89NLF"
            number, step = struct.unpack_from("<Id", data, at + 4)
            table = tables[number]
            layers = table["layers"] or [""]
            count = len(layers) * len(table["columns"]) * table["values"]
            end = at + 16 + 4 * count
            numbers = np.frombuffer(data, "<f4", count, at + 16).reshape(len(layers), len(table["columns"]), -1)
            if table["name"] == wanted:
                values = {
                    layer: {c: numbers[i, j].squeeze() for j, c in enumerate(table["columns"])}
                    for i, layer in enumerate(layers)
                }
                result.append(Frame(int(step), values))
        assert struct.unpack_from("<I", data, end)[0] == zlib.crc32(data[at:end])
        at = end + 4
    return result


def _is_torn(data: bytes, at: int, tables: dict[int, Any]) -> bool:
    """Whether the block there is not complete."""
    if len(data) - at < 12:
        return True
    number, length = struct.unpack_from("<II", data, at + 4)
    if data[at : at + 4] == b"\x89NLD":
        return len(data) - at < 16 + length
    table = tables[number]
    return len(data) - at < 20 + 4 * len(table["layers"] or [""]) * len(table["columns"]) * table["values"]


@dataclass
class Outcome:
    """What a script did."""

    code: int
    output: str
    errors: str
    runs: list[RecordedRun]

    @property
    def run(self) -> RecordedRun:
        """The only run."""
        assert len(self.runs) == 1, (len(self.runs), self.errors)
        return self.runs[0]


class Scripts:
    """Writes and runs scripts in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs = folder / "runs"

    def __call__(
        self, source: str, *, record: bool = True, every: int | None = None, ranks: int = 1, **environment: str
    ) -> Outcome:
        script = self.folder / "train.py"
        script.write_text(textwrap.dedent(source))
        env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": "", **environment}
        if record:
            env.update(PYTHONPATH=str(BOOTSTRAP), NORMLENS_RECORD="1", NORMLENS_RUNS=str(self.runs), NORMLENS_DEBUG="1")
        if every is not None:
            env["NORMLENS_EVERY"] = str(every)
        command = [sys.executable, str(script)]
        if ranks > 1:
            launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(ranks)]
            command = [sys.executable, *launcher, str(script)]
        for _ in range(_ATTEMPTS):
            before = set(self.runs.glob("*/run.jsonl"))
            done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, timeout=300)
            if done.returncode == 0 or _ABORTED not in done.stderr:
                break
        made = sorted(set(self.runs.glob("*/run.jsonl")) - before)
        return Outcome(done.returncode, done.stdout, done.stderr, [RecordedRun(path.parent) for path in made])

    def by_hand(self, source: str, **environment: str) -> Outcome:
        """Runs a script that nothing records but what it calls: it can import our package."""
        given = {"PYTHONPATH": str(PACKAGE), "NORMLENS_RUNS": str(self.runs), "NORMLENS_DEBUG": "1", **environment}
        return self(source, record=False, **given)


@pytest.fixture
def script(tmp_path: Path) -> Scripts:
    """Runs a script, recorded unless it is told otherwise."""
    return Scripts(tmp_path)
