"""What `normlens runs export --format tensorboard` writes is read by TensorBoard itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from exporting.command_line import SCRIPT, exported

pytest.importorskip("torch")


def test_tensorboard_reads_the_numbers_of_the_run(script: Any, tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    recorded = script(SCRIPT, every=1)
    assert recorded.code == 0, recorded.errors
    folder = exported(recorded.run.folder, "tensorboard", tmp_path)
    read = accumulator.EventAccumulator(str(folder), size_guidance={"scalars": 0})
    read.Reload()
    shifts = {event.step: event.value for event in read.Scalars("mean_shift/1")}
    expected = {frame.step: float(frame.values["1"]["mean_shift"]) for frame in recorded.run.frames("norms")}
    assert shifts == pytest.approx(expected)
    assert len(shifts) >= 20
    rates = [event.value for event in read.Scalars("steps/learning_rate")]
    assert rates == pytest.approx([0.1] * len(rates))
