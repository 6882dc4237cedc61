"""Compiled modules, compiled steps and whole compiled functions: recorded, and never broken."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

PROLOGUE = """
import hashlib, torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0); torch.set_num_threads(1)
model = nn.Sequential(nn.Linear(6, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 3))
optimizer = torch.optim.SGD(model.parameters(), 0.05)
data = [(torch.randn(32, 6), torch.randint(0, 3, (32,))) for _ in range(8)]
def step(x, y):
    optimizer.zero_grad(); loss = F.cross_entropy(model(x), y); loss.backward(); optimizer.step(); return loss
def done():
    print(hashlib.sha256(b"".join(v.numpy().tobytes() for v in model.state_dict().values())).hexdigest())
"""

CASES = {
    "a compiled module": """
net = torch.compile(model, backend="aot_eager")
for x, y in data:
    optimizer.zero_grad(); F.cross_entropy(net(x), y).backward(); optimizer.step()
done()
""",
    "a compiled optimizer step": """
compiled = torch.compile(optimizer.step, backend="aot_eager")
for x, y in data:
    optimizer.zero_grad(); F.cross_entropy(model(x), y).backward(); compiled()
done()
""",
    "a compiled step function": """
compiled = torch.compile(step, backend="aot_eager")
for x, y in data: compiled(x, y)
done()
""",
    "a compiled step function by decorator": """
@torch.compile(backend="aot_eager")
def compiled(x, y): return step(x, y)
for x, y in data: compiled(x, y)
done()
""",
    "a compiled loss, which does no step": """
loss = torch.compile(F.cross_entropy, backend="aot_eager")
for x, y in data:
    optimizer.zero_grad(); loss(model(x), y).backward(); optimizer.step()
done()
""",
}


@pytest.mark.parametrize("title", CASES)
def test_compiled_code_is_recorded_with_the_same_bits(title: str, script: Any) -> None:
    recorded = script(PROLOGUE + CASES[title], every=1)
    assert recorded.code == 0, recorded.errors
    assert "normlens:" not in recorded.errors
    assert recorded.output == script(PROLOGUE + CASES[title], record=False).output
    run = recorded.run
    assert run.of("end")[0]["step"] == 8
    steps = [frame.step for frame in run.frames("norms")]
    assert len(steps) >= 5
    assert steps == sorted(set(steps))
    # Everything that was recorded fits: the running mean follows the batches that were read back.
    vectors = run.channels("1")
    for step in sorted(vectors):
        if step - 1 in vectors:
            old, new = vectors[step - 1], vectors[step]
            assert abs(new["running_mean"] - 0.9 * old["running_mean"] - 0.1 * new["batch_mean"]).max() < 1e-6
