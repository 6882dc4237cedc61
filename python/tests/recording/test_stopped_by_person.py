"""A person stops the recording in the editor: the run says so, and the training goes on."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

SCRIPT = """
import glob, os, time
import torch, torch.nn as nn
model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8))
optimizer = torch.optim.SGD(model.parameters(), 0.01)
began = time.monotonic()
for step in range(1000):
    optimizer.zero_grad(); model(torch.randn(16, 4)).square().mean().backward(); optimizer.step()
    if step == 3:
        [folder] = glob.glob(os.environ["NORMLENS_RUNS"] + "/2*")
        open(folder + "/request-stop", "w").close()
    time.sleep(0.05)
    if time.monotonic() - began > 7: break
print("trained on")
"""


def test_a_run_that_is_stopped_has_an_end(script: Any) -> None:
    recorded = script(SCRIPT, every=1)
    assert recorded.output.strip() == "trained on"
    assert "stopped recording: it was stopped in the editor" in recorded.errors
    [end] = recorded.run.of("end")
    assert end["status"] == "stopped"
    assert "The training continued." in end["reason"]
    assert recorded.run.records[-1] == end
