"""CUDA graphs. There is no GPU where these tests run: a class stands in whose replay does what a graph's does.

It changes tensors without a hook and without counting it in their versions, and while it captures, anything that copies
running statistics ends the script, as it would break a real capture.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from recording.test_pytorch_traps import PROLOGUE

torch = pytest.importorskip("torch")

GRAPH = """
class Graph:
    capturing = False
    def __init__(self, work, tensors): self.work, self.tensors = work, tensors
    def capture_begin(self): Graph.capturing = True
    def capture_end(self): Graph.capturing = False
    def replay(self):
        with torch.autograd._unsafe_preserve_version_counter(tuple(self.tensors)): self.work()
cat = torch.cat
def guarded(*args, **kwargs):
    if Graph.capturing: os._exit(3)
    return cat(*args, **kwargs)
torch.cat = guarded
recording = sys.modules.get("_normlens.recording.pytorch")
if recording is not None:
    from _normlens.ticking.pytorch_tracing import cuda_graphs
    cuda_graphs.follow(Graph, recording.recorder().tick)
model = Net(); watch_truth(model)
optimizer = torch.optim.SGD(model.parameters(), 0.05)
x, y = batch()
def forward_backward(): F.cross_entropy(model(x), y).backward()
def by_hand():
    with torch.no_grad():
        for p in model.parameters(): p.sub_(p.grad, alpha=0.05); p.grad.zero_()
def next_batch():
    for held, new in zip((x, y), batch()): held.copy_(new)
for STEP[0] in range(1, 4):  # Eager steps, as before a real capture.
    next_batch(); optimizer.zero_grad(); forward_backward(); optimizer.step()
for p in model.parameters(): p.grad.zero_()
tensors = [*model.parameters(), *model.buffers()]
"""

CASES = {
    "a whole step": """
graph = Graph(lambda: (forward_backward(), by_hand()), tensors)
graph.capture_begin(); optimizer.step(); graph.capture_end()
for STEP[0] in range(4, 13):
    next_batch(); graph.replay()
done(model)
""",
    "forward and backward passes": """
graph = Graph(forward_backward, tensors)
graph.capture_begin(); graph.capture_end()
for STEP[0] in range(4, 13):
    next_batch(); graph.replay(); optimizer.step(); optimizer.zero_grad(set_to_none=False)
done(model)
""",
}


@pytest.mark.parametrize("title", CASES)
def test_replayed_steps_are_recorded(title: str, script: Any) -> None:
    source = PROLOGUE + GRAPH + CASES[title]
    recorded = script(source, every=1, SEE_TRUTH="1")
    truth = json.loads((script.folder / "truth.json").read_text())
    plain = script(source, record=False)
    assert recorded.code == 0, recorded.errors
    assert "normlens:" not in recorded.errors
    assert recorded.output == plain.output, "the weights differ"
    run = recorded.run
    assert run.of("end")[0]["step"] == 12
    for identifier, layer in run.layers().items():
        replayed = {step: v for step, v in run.channels(identifier).items() if step > 4}
        assert len(replayed) >= 4
        for step, vectors in replayed.items():
            ((mean, variance),) = truth[layer["name"]][str(step)]
            assert np.abs((vectors["batch_mean"] - mean) / np.sqrt(variance)).max() < 2e-6
            assert np.abs(vectors["batch_variance"] / variance - 1).max() < 2e-5
    assert not run.of("segment"), "a replay is not written from outside"
    assert not [record for record in run.of("passes") if record["passes"] == 0], "what nobody counts is not zero"
