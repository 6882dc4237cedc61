"""What `normlens runs export --format tensorboard` writes is read by TensorBoard itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

SCRIPT = """
import torch, torch.nn as nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
optimizer = torch.optim.SGD(model.parameters(), 0.1)
for step in range(30):
    loss = nn.functional.cross_entropy(model(torch.randn(16, 6)), torch.randint(0, 3, (16,)))
    optimizer.zero_grad(); loss.backward(); optimizer.step()
"""
CLI = Path(__file__).parents[3] / "dist" / "cli.js"


def test_tensorboard_reads_the_numbers_of_the_run(script: Any, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not CLI.exists():
        assert os.environ.get("CI") != "true", "Node and dist/cli.js are missing where everything has to run"
        pytest.skip("Node or dist/cli.js is missing")
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    recorded = script(SCRIPT, every=1)
    assert recorded.code == 0, recorded.errors
    command = [node, str(CLI), "runs", "export", str(recorded.run.folder), "--format", "tensorboard", "--to", "logs"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    read = accumulator.EventAccumulator(str(tmp_path / "logs"), size_guidance={"scalars": 0})
    read.Reload()
    shifts = {event.step: event.value for event in read.Scalars("mean_shift/1")}
    expected = {frame.step: float(frame.values["1"]["mean_shift"]) for frame in recorded.run.frames("norms")}
    assert shifts == pytest.approx(expected)
    assert len(shifts) >= 20
    rates = [event.value for event in read.Scalars("steps/learning_rate")]
    assert rates == pytest.approx([0.1] * len(rates))
