"""What `normlens runs export --format parquet` writes is read by Apache Arrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from exporting.command_line import SCRIPT, exported

pytest.importorskip("torch")


def test_arrow_reads_the_numbers_of_the_run(script: Any, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    recorded = script(SCRIPT, every=1)
    assert recorded.code == 0, recorded.errors
    folder = exported(recorded.run.folder, "parquet", tmp_path)
    norms = parquet.read_table(folder / "norms.parquet")
    assert [str(norms.schema.field(name).type) for name in ("step", "layer", "mean_shift")] == [
        "int32",
        "string",
        "double",
    ]
    shifts = dict(zip(norms["step"].to_pylist(), norms["mean_shift"].to_pylist()))
    expected = {frame.step: float(frame.values["1"]["mean_shift"]) for frame in recorded.run.frames("norms")}
    assert shifts == pytest.approx(expected)
    assert set(norms["layer"].to_pylist()) == {"1"}
    assert len(shifts) >= 20
