"""A recorded run, and the command line that exports it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = """
import torch, torch.nn as nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
optimizer = torch.optim.SGD(model.parameters(), 0.1)
for step in range(30):
    loss = nn.functional.cross_entropy(model(torch.randn(16, 6)), torch.randint(0, 3, (16,)))
    optimizer.zero_grad(); loss.backward(); optimizer.step()
"""
_CLI = Path(__file__).parents[3] / "dist" / "cli.js"


def exported(run: Path, kind: str, where: Path) -> Path:
    """Exports a run in a format and returns the folder of the files."""
    node = shutil.which("node")
    if node is None or not _CLI.exists():
        assert os.environ.get("CI") != "true", "Node and dist/cli.js are missing where everything has to run"
        pytest.skip("Node or dist/cli.js is missing")
    command = [node, str(_CLI), "runs", "export", str(run), "--format", kind, "--to", kind]
    subprocess.run(command, cwd=where, check=True, capture_output=True)
    return where / kind
